//! The bodies of the server functions about orders.

use orders::request::{CustomerRequest, LineRequest};
use orders::{
    Caller, IdempotencyKey, Order, OrderId, OrderQuery, OrderRequest, PaymentRequest, Problem, ProblemCode,
    Scope, State, TrackingToken,
};

use super::cart::Cart;
use super::input::{OrderForm, OrderKey};
use super::{PageContext, page, refuse};
use crate::cart::CartItem;
use crate::outcome::{Done, Outcome, Refused};
use crate::page_error::PageError;

/// Submits the order of a checkout form and empties its cart.
///
/// # Errors
/// When the pages were mounted without their context.
pub async fn send_order(form: OrderForm) -> Result<Outcome, PageError> {
    let page = page()?;
    let cart = Cart::read(&form.cart).filter(|cart| !cart.items.is_empty());
    let Some((key, cart)) = cart.and_then(|cart| Some((IdempotencyKey::new(&cart.key).ok()?, cart))) else {
        return Ok(Outcome::refused(PageError::new(
            422,
            "Your cart is empty",
            "There is nothing to order yet. Nothing was stored, and nothing was charged.",
            "Put something into the cart first.",
            "/help/validation-failed",
        )));
    };
    let caller = page.caller;
    let without_recipient = form.address.recipient.trim().is_empty();
    let accepted = match (page.admission)().and_then(|()| (page.rate_limit)()) {
        Ok(()) => page.service.submit(&caller, &key, request(form, &cart)).await,
        Err(problem) => Err(problem),
    };
    if let Err(problem) = &accepted {
        (page.refused)(problem);
    }
    Ok(match accepted {
        Ok(accepted) => {
            let order = accepted.order;
            let left = empty_cart(&page, &cart).await;
            // Without a session the order is only reachable by its private link.
            let key = match caller.owner {
                Some(_) => OrderKey::Id(order.id.to_string()),
                None => {
                    OrderKey::Token(page.service.tracking_token(order.private_link()).reveal().to_owned())
                }
            };
            Outcome::Done(Done {
                next: key.page(),
                cart: Some(left),
                order: Some(Box::new(order)),
                announcement: None,
            })
        }
        Err(problem) if problem.code == ProblemCode::IdempotencyKeyReused => {
            Outcome::Refused(already_ordered(&page, cart).await)
        }
        Err(problem) => Outcome::Refused(checkout_refusal(problem, without_recipient)),
    })
}

/// Returns why a checkout form is refused. Without a recipient, errors of the name are reported where it was typed.
pub fn checkout_refusal(problem: Problem, without_recipient: bool) -> Refused {
    let mut refused = Refused::from(problem);
    refused.fields.retain(|error| !(without_recipient && error.field == "recipient"));
    refused
}

/// Returns the viewer's last order, if the store can be read and the order was not cancelled.
pub async fn last_order(page: &PageContext) -> Option<Box<Order>> {
    let newest = OrderQuery { page_size: Some(1), ..OrderQuery::default() };
    let list = page.service.orders(&page.caller, &newest).await.ok()?;
    list.orders.into_iter().next().filter(|order| order.state != State::Cancelled).map(Box::new)
}

/// Returns the request of a checkout form.
pub fn request(form: OrderForm, cart: &Cart) -> OrderRequest {
    let line = |item: &CartItem| LineRequest { sku: item.sku.clone(), quantity: i64::from(item.quantity) };
    let mut address = form.address;
    if address.recipient.trim().is_empty() {
        address.recipient.clone_from(&form.name);
    }
    OrderRequest {
        customer: CustomerRequest { name: form.name, email: form.email },
        ship_to: address.into(),
        lines: cart.items.iter().map(line).collect(),
        payment: payment(&form.payment),
        note: Some(form.note).filter(|note| !note.trim().is_empty()),
    }
}

/// Returns the chosen payment: `invoice`, or a token of the payment service.
pub fn payment(choice: &str) -> PaymentRequest {
    let token = Some(choice.to_owned()).filter(|choice| !choice.is_empty());
    match choice {
        "invoice" => PaymentRequest { method: choice.to_owned(), token: None },
        _ => PaymentRequest { method: "card".to_owned(), token },
    }
}

/// Removes the ordered items from the cart. Items that another tab added meanwhile stay, under a new key.
async fn empty_cart(page: &PageContext, ordered: &Cart) -> Vec<CartItem> {
    let edit = page.edit_cart().await;
    let Some(now) = edit.cart.clone() else { return Vec::new() };
    if now.key != ordered.key {
        return now.items;
    }
    let left = now.without(ordered);
    if left.is_empty() {
        edit.delete();
        return left;
    }
    edit.save(&Cart { key: page.new_key(), items: left })
}

/// An order was already made from this cart with another form. Submitting again is another order, with another key.
async fn already_ordered(page: &PageContext, cart: Cart) -> Refused {
    let renewed = Cart { key: page.new_key(), items: cart.items };
    let edit = page.edit_cart().await;
    if edit.cart.as_ref().is_some_and(|kept| kept.key == cart.key) {
        edit.save(&renewed);
    }
    let error = PageError::new(
        422,
        "An order from this cart is already on its way",
        "It stands as you sent it first. This time nothing was stored, and nothing was charged.",
        "Look at your orders first: sending this once more makes a second order.",
        "/help/idempotency-key-reused",
    );
    Refused { cart: Some(renewed.write()), ..Refused::from(error) }
}

/// Returns the order that an address names, and the access of its reader.
///
/// # Errors
/// `not-found` for an invalid id or token.
pub fn resolve_order(page: &PageContext, key: &OrderKey) -> Result<(Caller, OrderId), Problem> {
    match key {
        OrderKey::Id(id) => {
            let id = id.parse().map_err(|_| Problem::new(ProblemCode::NotFound))?;
            Ok((page.caller, id))
        }
        OrderKey::Token(token) => {
            let link = page.service.tracked(&TrackingToken::new(token.clone()))?;
            Ok((Caller { scope: Scope::Tracked(link), ..page.caller }, link.order))
        }
    }
}

/// Returns the order whose page a form was submitted from.
///
/// # Errors
/// As [`resolve_order`], and when the pages were mounted without their context.
pub fn resolve_page(address: &str) -> Result<(PageContext, Caller, OrderId), PageError> {
    let page = page()?;
    let key = key_of_page(address).ok_or_else(super::not_found)?;
    let (caller, id) = resolve_order(&page, &key).map_err(refuse)?;
    Ok((page, caller, id))
}

/// Returns the order that a page's address names.
fn key_of_page(page: &str) -> Option<OrderKey> {
    let id = page.strip_prefix("/orders/").map(|id| OrderKey::Id(id.to_owned()));
    id.or_else(|| page.strip_prefix("/track/").map(|token| OrderKey::Token(token.to_owned())))
}

/// Returns the private link of an order, to share.
pub fn private_link_of(page: &PageContext, order: &Order) -> String {
    let token = page.service.tracking_token(order.private_link()).reveal().to_owned();
    format!("{}{}", page.public_url, OrderKey::Token(token).page())
}

/// Returns the result of a form about an order.
pub fn order_outcome(done: Result<Order, Problem>, page: String) -> Outcome {
    match done {
        Ok(order) => Outcome::Done(Done {
            next: local_path(page),
            cart: None,
            order: Some(Box::new(order)),
            announcement: None,
        }),
        Err(problem) => Outcome::refused(problem),
    }
}

/// Accepts only paths of this site, whatever a form names.
pub(super) fn local_path(path: String) -> String {
    let own = path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if own { path } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_never_redirects_to_another_site() {
        for foreign in ["https://example.org/", "//example.org", "/\\example.org", "/a\r\nb", "", "cart"] {
            assert_eq!(local_path(foreign.to_owned()), "/", "{foreign}");
        }
        assert_eq!(local_path("/?query=lamp#p-desk-lamp".to_owned()), "/?query=lamp#p-desk-lamp");
    }

    #[test]
    fn no_choice_of_payment_is_a_card_without_a_token() {
        assert!(payment("").validate().is_err());
        assert!(payment("invoice").validate().is_ok());
        assert!(payment("pm_card_visa").validate().is_ok());
    }
}
