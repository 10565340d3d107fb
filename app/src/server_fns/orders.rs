//! One order: reading, correcting and cancelling it.

use leptos::prelude::*;
use orders::AddressRequest;
use orders::address::AddressFormat;
use orders::wording::HistoryEntry;

use crate::islands::LiveOrder;
use crate::outcome::Outcome;
use crate::page_error::PageError;
use crate::ssr::input::{AddressForm, OrderKey};

/// Returns the page of one order, which may ask to confirm the cancellation.
pub async fn load_order((key, asks): (OrderKey, bool)) -> Result<LiveOrder, PageError> {
    let page = crate::ssr::page()?;
    let (caller, id) = crate::ssr::resolve_order(&page, &key).map_err(crate::ssr::refuse)?;
    let order = page.service.order(&caller, id).await.map_err(crate::ssr::refuse)?;
    let past = page.service.history(&caller, id).await.map_err(crate::ssr::refuse)?;
    let submitted = crate::ssr::submitted();
    let chosen = submitted.as_ref().and_then(|submitted| submitted.value("address[country]"));
    let address_format = AddressFormat::of(&chosen.unwrap_or_else(|| order.ship_to.country.clone()));
    let may_correct_email = page.service.may_correct_email(&caller, id).await.map_err(crate::ssr::refuse)?;
    let address = key.page();
    // A viewer by link already has it.
    let (token, link) = match key {
        OrderKey::Token(token) => (Some(token), None),
        OrderKey::Id(_) => (None, Some(crate::ssr::private_link_of(&page, &order))),
    };
    Ok(LiveOrder {
        order,
        token,
        link,
        page: address,
        may_correct_email,
        asks,
        past,
        submitted,
        address_format,
    })
}

#[server(endpoint = "history", prefix = "/actions")]
pub async fn history(page: String) -> Result<Vec<HistoryEntry>, PageError> {
    let (context, caller, id) = crate::ssr::resolve_page(&page)?;
    context.service.history(&caller, id).await.map_err(crate::ssr::refuse)
}

/// Returns the current private link of an order.
#[server(endpoint = "private_link", prefix = "/actions")]
pub async fn private_link(page: String) -> Result<String, PageError> {
    let (context, caller, id) = crate::ssr::resolve_page(&page)?;
    let order = context.service.order(&caller, id).await.map_err(crate::ssr::refuse)?;
    Ok(crate::ssr::private_link_of(&context, &order))
}

#[server(endpoint = "replace_link", prefix = "/actions")]
pub async fn replace_link(page: String) -> Result<Outcome, PageError> {
    let (context, caller, id) = crate::ssr::resolve_page(&page)?;
    let done = match (context.rate_limit)() {
        Ok(()) => context.service.replace_link(&caller, id).await,
        Err(problem) => Err(problem),
    };
    let mut outcome = crate::ssr::order_outcome(done, format!("{page}#link"));
    if let Outcome::Done(done) = &mut outcome {
        done.announcement = Some("There is a new link. The one before opens nothing any more.".to_owned());
    }
    Ok(outcome)
}

#[server(endpoint = "use_another_card", prefix = "/actions")]
pub async fn use_another_card(
    page: String,
    #[server(default)] payment: String,
) -> Result<Outcome, PageError> {
    let (context, caller, id) = crate::ssr::resolve_page(&page)?;
    let payment = crate::ssr::payment(&payment);
    let done = context.service.provide_payment(&caller, id, payment).await;
    Ok(crate::ssr::order_outcome(done, page))
}

#[server(endpoint = "correct_address", prefix = "/actions")]
pub async fn correct_address(page: String, address: AddressForm) -> Result<Outcome, PageError> {
    let (context, caller, id) = crate::ssr::resolve_page(&page)?;
    let mut ship_to = AddressRequest::from(address);
    if ship_to.name.trim().is_empty() {
        match context.service.order(&caller, id).await {
            Ok(order) => ship_to.name = order.customer.name,
            Err(problem) => return Ok(Outcome::refused(problem)),
        }
    }
    let done = context.service.correct_address(&caller, id, ship_to).await;
    Ok(crate::ssr::order_outcome(done, page))
}

/// Corrects the e-mail address after a mail was refused.
#[server(endpoint = "correct_email", prefix = "/actions")]
pub async fn correct_email(page: String, #[server(default)] email: String) -> Result<Outcome, PageError> {
    let (context, caller, id) = crate::ssr::resolve_page(&page)?;
    let done = context.service.correct_email(&caller, id, orders::EmailRequest { email }).await;
    Ok(crate::ssr::order_outcome(done, page))
}

#[server(endpoint = "cancel_order", prefix = "/actions")]
pub async fn cancel_order(page: String) -> Result<Outcome, PageError> {
    let (context, caller, id) = crate::ssr::resolve_page(&page)?;
    let done = context.service.cancel(&caller, id).await;
    Ok(crate::ssr::order_outcome(done, page))
}

/// Puts the items of an order into the cart, as far as the shop still has them.
#[server(endpoint = "order_again", prefix = "/actions")]
pub async fn order_again(page: String) -> Result<Outcome, PageError> {
    let (context, caller, id) = crate::ssr::resolve_page(&page)?;
    let order = match context.service.order(&caller, id).await {
        Ok(order) => order,
        Err(problem) => return Ok(Outcome::refused(problem)),
    };
    crate::ssr::order_again(&context, &order).await
}

impl From<AddressForm> for AddressRequest {
    fn from(form: AddressForm) -> Self {
        let given = |text: String| (!text.trim().is_empty()).then_some(text);
        Self {
            name: form.recipient,
            street: form.street,
            city: given(form.city),
            postcode: given(form.postcode),
            country: form.country,
            company: given(form.company),
            line2: given(form.line2),
            region: given(form.region),
        }
    }
}
