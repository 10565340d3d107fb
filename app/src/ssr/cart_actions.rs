//! The bodies of the cart's server functions.

use orders::plain_text::isolated;
use orders::{Line, Order, Problem, ProblemCode, Product};

use super::cart::{Cart, CartFull, MAX_QUANTITY};
use super::input::{LineInput, PricedLine};
use super::ordering::local_path;
use super::{CartEdit, PageContext, page, refuse};
use crate::cart::CartItem;
use crate::outcome::{Done, FieldError, Outcome, Refused};
use crate::page_error::PageError;

const CART: &str = "/cart";
/// The help page about missing stock.
const SOLD_OUT: &str = "/help/sold-out";

/// Returns the items at current prices, without those that the shop no longer has.
///
/// # Errors
/// Those of the service, except `not-found`.
pub async fn priced(page: &PageContext, items: &[CartItem]) -> Result<Vec<PricedLine>, Problem> {
    let mut lines = Vec::with_capacity(items.len());
    for CartItem { sku, quantity } in items {
        let Some(product) = product(page, sku).await? else { continue };
        let Some(total) = product.price.times(*quantity) else { continue };
        let Product { sku, name, price, image, stock, .. } = product;
        let line = Line { sku, name, quantity: *quantity, unit_price: price, total };
        lines.push(PricedLine { line, image, stock });
    }
    Ok(lines)
}

/// Adds one of a product to the cart, if there is stock.
///
/// # Errors
/// When the pages were mounted without their context.
pub async fn add_to_cart(sku: &str, back: String) -> Result<Outcome, PageError> {
    let page = page()?;
    let product = match page.service.product(sku).await {
        Ok(product) => product,
        Err(problem) => return Ok(Outcome::refused(problem)),
    };
    let edit = page.edit_cart().await;
    let mut cart = edit.cart_or_new();
    let there = cart.quantity_of(sku);
    if there >= product.stock {
        return Ok(Outcome::refused(out_of_stock(&product)));
    }
    Ok(match cart.set(sku, there + 1) {
        Ok(()) => save_and_go(edit, &cart, back, Some(in_cart(&product.name, there + 1))),
        Err(CartFull) => Outcome::refused(cart_full()),
    })
}

/// Sets the changed quantities of the cart, and removes a product if requested; then shows the cart or the checkout.
/// The checkout requires enough stock of every product.
///
/// # Errors
/// When the catalogue cannot be read, or the pages were mounted without their context.
pub async fn change_cart(lines: Vec<LineInput>, remove: &str, go: &str) -> Result<Outcome, PageError> {
    let page = page()?;
    let edit = page.edit_cart().await;
    let mut cart = edit.cart_or_new();
    let to_checkout = go == "checkout";
    let mut fields = Vec::new();
    for LineInput { sku, quantity, was } in lines {
        let before = cart.quantity_of(&sku);
        // A change by another tab is not overwritten.
        let is_changed = quantity.trim() != was;
        if before == 0 || sku == remove || !(is_changed || to_checkout) {
            continue;
        }
        let wanted = if is_changed { quantity.trim().parse().ok() } else { Some(before) };
        let Some(product) = product(&page, &sku).await.map_err(refuse)? else { continue };
        match quantity_of(wanted.filter(|wanted| *wanted <= MAX_QUANTITY), product.stock) {
            Ok(quantity) if cart.set(&sku, quantity).is_err() => {
                return Ok(Outcome::refused(cart_full()));
            }
            Ok(_) => {}
            Err(message) => fields.push(FieldError { field: format!("q-{sku}"), message }),
        }
    }
    if !fields.is_empty() {
        let error = PageError::new(
            422,
            "The cart is as it was",
            "It holds something that cannot be ordered like this.",
            "Change how many you want.",
            "/help/validation-failed",
        );
        return Ok(Outcome::Refused(Refused { fields, ..Refused::from(error) }));
    }
    if !remove.is_empty() && cart.set(remove, 0).is_err() {
        return Ok(Outcome::refused(cart_full()));
    }
    let next = if to_checkout { "/checkout" } else { CART };
    Ok(save_and_go(edit, &cart, next.to_owned(), None))
}

/// Adds the items of an order to the cart, as far as they are in stock. The next page lists the others.
///
/// # Errors
/// Those of the service, except `not-found`.
pub async fn order_again(page: &PageContext, order: &Order) -> Result<Outcome, PageError> {
    let edit = page.edit_cart().await;
    let mut cart = edit.cart_or_new();
    let mut found = false;
    let mut left_out = Vec::new();
    for line in &order.lines {
        let product = product(page, &line.sku).await.map_err(refuse)?;
        let stock = product.map_or(0, |product| product.stock);
        let before = cart.quantity_of(&line.sku);
        let wanted = before.saturating_add(line.quantity);
        let quantity = wanted.min(stock).max(before);
        if quantity < wanted {
            left_out.push(line.sku.as_str());
        }
        if quantity == 0 {
            continue;
        }
        found = true;
        if cart.set(&line.sku, quantity).is_err() {
            return Ok(Outcome::refused(cart_full()));
        }
    }
    if !found {
        return Ok(Outcome::refused(PageError::new(
            422,
            "The shop has none of this any more",
            "Nothing was put into your cart.",
            "Look for something like it in the shop.",
            SOLD_OUT,
        )));
    }
    let next = crate::pages::address(CART, &[("left-out", &left_out.join(" "))]);
    Ok(save_and_go(edit, &cart, next, None))
}

/// Returns a sentence for each of these SKUs (separated by blanks) that [`order_again`] did not add completely.
pub async fn left_out(page: &PageContext, skus: &str, lines: &[PricedLine]) -> Vec<String> {
    let mut words = Vec::new();
    for sku in skus.split_whitespace().take(super::cart::MAX_ITEMS) {
        // A product that no longer exists has no name, so it is not mentioned.
        let Ok(Some(Product { name, stock, .. })) = product(page, sku).await else { continue };
        let name = isolated(&name);
        let there = lines.iter().find(|line| line.line.sku == sku).map_or(0, |line| line.line.quantity);
        match stock {
            0 => words.push(format!("{name} is sold out.")),
            1 if there > 0 => words.push(format!("Of {name} there is only 1 left.")),
            stock if there >= stock => words.push(format!("Of {name} there are only {stock} left.")),
            _ => {}
        }
    }
    words
}

/// Keeps a changed cart and goes to another page of the site.
fn save_and_go(edit: CartEdit<'_>, cart: &Cart, next: String, announcement: Option<String>) -> Outcome {
    let items = edit.save(cart);
    Outcome::Done(Done { next: local_path(next), cart: Some(items), order: None, announcement })
}

async fn product(page: &PageContext, sku: &str) -> Result<Option<Product>, Problem> {
    match page.service.product(sku).await {
        Ok(product) => Ok(Some(product)),
        Err(problem) if problem.code == ProblemCode::NotFound => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// Returns the quantity that was typed, if there is enough stock; otherwise what to type.
fn quantity_of(typed: Option<u32>, stock: u32) -> Result<u32, String> {
    match typed {
        None => Err(format!("Use a whole number from 1 to {MAX_QUANTITY}.")),
        Some(quantity) if quantity <= stock => Ok(quantity),
        Some(_) if stock == 0 => Err("Sold out. Remove it to go on.".to_owned()),
        Some(_) if stock == 1 => Err("Only 1 left.".to_owned()),
        Some(_) => Err(format!("Only {stock} left. Take {stock} or fewer.")),
    }
}

fn in_cart(name: &str, quantity: u32) -> String {
    format!("{}: {quantity} in your cart.", isolated(name))
}

fn out_of_stock(product: &Product) -> PageError {
    let (name, stock) = (isolated(&product.name), product.stock);
    match stock {
        0 => PageError::new(
            422,
            &format!("{name} is sold out"),
            "Nothing was put into your cart.",
            "Look for something like it in the shop.",
            SOLD_OUT,
        ),
        stock => PageError::new(
            422,
            &format!("Only {stock} left of {name}"),
            "You have all of them in your cart.",
            "Order these now, or look for something like it.",
            SOLD_OUT,
        ),
    }
}

fn cart_full() -> PageError {
    PageError::new(
        422,
        "That does not fit into one order",
        "An order has room for 50 different products, and 999 of each. The cart is as it was.",
        "Make two orders of it.",
        "/help/validation-failed",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_above_the_stock_is_refused_with_the_stock() {
        assert_eq!(quantity_of(Some(3), 3), Ok(3));
        assert_eq!(quantity_of(Some(0), 0), Ok(0), "none of it takes it out, also when it is sold out");
        for (typed, stock, words) in [
            (None, 3, "Use a whole number from 1 to 999."),
            (Some(4), 3, "Only 3 left. Take 3 or fewer."),
            (Some(2), 1, "Only 1 left."),
            (Some(1), 0, "Sold out. Remove it to go on."),
        ] {
            assert_eq!(quantity_of(typed, stock), Err(words.to_owned()));
        }
    }
}
