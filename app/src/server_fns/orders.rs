//! One order: looking at it, mending it, cancelling it.

use leptos::prelude::*;
use orders::Order;
use orders::wording::Past;
use serde::{Deserialize, Serialize};

use crate::error::Trouble;
use crate::outcome::{Outcome, Rejected};

/// How an order is named in an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OrderKey {
    /// `/orders/{id}`: for whoever sent it.
    Id(String),
    /// `/track/{token}`: for whoever has the link.
    Token(String),
}

/// An order and how its page was come by.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OrderView {
    /// The order.
    pub order: Order,
    /// The private link, for passing it on.
    pub link: String,
    /// What happened so far.
    pub past: Vec<Past>,
    /// Whoever looks may say where its mails go.
    pub may_correct_email: bool,
    /// A form of the page as it was refused.
    pub rejected: Option<Rejected>,
}

/// A corrected address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressForm {
    /// Who receives it.
    #[serde(default)]
    pub recipient: String,
    /// Street and house number.
    #[serde(default)]
    pub street: String,
    /// Postcode.
    #[serde(default)]
    pub postcode: String,
    /// City.
    #[serde(default)]
    pub city: String,
    /// Two letters.
    #[serde(default)]
    pub country: String,
}

impl OrderKey {
    /// The address of its page.
    pub fn page(&self) -> String {
        match self {
            Self::Id(id) => format!("/orders/{id}"),
            Self::Token(token) => format!("/track/{token}"),
        }
    }
}

/// One order.
pub async fn load_order(key: OrderKey) -> Result<OrderView, Trouble> {
    let page = crate::ssr::page()?;
    let (caller, id) = crate::ssr::open(&page, &key).map_err(crate::ssr::refuse)?;
    let order = page.service.order(&caller, id).await.map_err(crate::ssr::refuse)?;
    let past = page.service.history(&caller, id).await.map_err(crate::ssr::refuse)?;
    let token = page.service.tracking_token(id).reveal().to_owned();
    let link = format!("{}{}", page.public_url, OrderKey::Token(token).page());
    let may_correct_email = page.service.may_correct_email(&caller, id).await.map_err(crate::ssr::refuse)?;
    Ok(OrderView { order, link, past, may_correct_email, rejected: crate::ssr::rejected() })
}

/// What happened to an order so far.
#[server(endpoint = "history", prefix = "/actions")]
pub async fn history(page: String) -> Result<Vec<Past>, Trouble> {
    let (context, caller, id) = crate::ssr::open_page(&page)?;
    context.service.history(&caller, id).await.map_err(crate::ssr::refuse)
}

/// Gives an order another way to pay.
#[server(endpoint = "use_another_card", prefix = "/actions")]
pub async fn use_another_card(page: String, #[server(default)] payment: String) -> Result<Outcome, Trouble> {
    let (context, caller, id) = crate::ssr::open_page(&page)?;
    let payment = crate::ssr::payment(&payment);
    let done = context.service.provide_payment(&caller, id, payment).await;
    Ok(crate::ssr::order_outcome(done, page))
}

/// Gives an order another address.
#[server(endpoint = "correct_address", prefix = "/actions")]
pub async fn correct_address(page: String, address: AddressForm) -> Result<Outcome, Trouble> {
    let (context, caller, id) = crate::ssr::open_page(&page)?;
    let done = context.service.correct_address(&caller, id, address.into()).await;
    Ok(crate::ssr::order_outcome(done, page))
}

/// Says where the mails of an order go, after one was refused.
#[server(endpoint = "correct_email", prefix = "/actions")]
pub async fn correct_email(page: String, #[server(default)] email: String) -> Result<Outcome, Trouble> {
    let (context, caller, id) = crate::ssr::open_page(&page)?;
    let done = context.service.correct_email(&caller, id, orders::EmailRequest { email }).await;
    Ok(crate::ssr::order_outcome(done, page))
}

/// Cancels an order.
#[server(endpoint = "cancel_order", prefix = "/actions")]
pub async fn cancel_order(page: String) -> Result<Outcome, Trouble> {
    let (context, caller, id) = crate::ssr::open_page(&page)?;
    let done = context.service.cancel(&caller, id).await;
    Ok(crate::ssr::order_outcome(done, page))
}

/// Puts what was ordered into the cart, as far as the shop still has it.
#[server(endpoint = "order_again", prefix = "/actions")]
pub async fn order_again(page: String) -> Result<Outcome, Trouble> {
    let (context, caller, id) = crate::ssr::open_page(&page)?;
    let order = match context.service.order(&caller, id).await {
        Ok(order) => order,
        Err(problem) => return Ok(Outcome::Refused(problem.into())),
    };
    crate::ssr::order_again(&context, &order).await
}

impl From<AddressForm> for orders::AddressRequest {
    fn from(form: AddressForm) -> Self {
        Self {
            name: form.recipient,
            street: form.street,
            city: form.city,
            postcode: form.postcode,
            country: form.country,
        }
    }
}
