//! The cart in its cookie: `KEY.mug-blue:2.tea-towel:1`.
//!
//! The key is the idempotency key of the order that the cart becomes. It is created with the cart and kept until that
//! order is acknowledged, so however often the cart is submitted, it makes one order.

use std::fmt::Write as _;

use crate::cart::{CartItem, quantity_of};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cart {
    /// The idempotency key of its order.
    pub key: String,
    /// Distinct products, in the order in which they were added.
    pub items: Vec<CartItem>,
}

/// The cart is as large as an order or its cookie may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CartFull;

pub const MAX_ITEMS: usize = 50;
pub const MAX_QUANTITY: u32 = 999;
/// Browsers drop a cookie of more than 4,096 bytes including its name and attributes.
const MAX_TEXT: usize = 3_800;

impl Cart {
    /// Returns an empty cart with this key.
    pub fn begin(key: String) -> Self {
        Self { key, items: Vec::new() }
    }

    /// Parses the text of [`Cart::write`]; none for any other text.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let key = parts.next().filter(|key| is_key(key))?;
        let mut cart = Self::begin(key.to_owned());
        for part in parts.filter(|part| !part.is_empty()) {
            let (sku, quantity) = part.split_once(':')?;
            let quantity = quantity.parse().ok().filter(|quantity| (1..=MAX_QUANTITY).contains(quantity))?;
            let sku = unescape(sku)?;
            if sku.is_empty() || cart.quantity_of(&sku) > 0 {
                return None;
            }
            cart.items.push(CartItem { sku, quantity });
        }
        (cart.items.len() <= MAX_ITEMS).then_some(cart)
    }

    /// Returns the text for a cookie or a hidden field: without blanks, commas, semicolons and quotes.
    pub fn write(&self) -> String {
        let mut text = self.key.clone();
        for CartItem { sku, quantity } in &self.items {
            text.push('.');
            escape(sku, &mut text);
            // Writing to a String cannot fail.
            let _ = write!(text, ":{quantity}");
        }
        text
    }

    /// Sets the quantity of a product; 0 removes it.
    pub fn set(&mut self, sku: &str, quantity: u32) -> Result<(), CartFull> {
        let mut changed = self.clone();
        if quantity == 0 {
            changed.items.retain(|item| item.sku != sku);
        } else if let Some(item) = changed.items.iter_mut().find(|item| item.sku == sku) {
            item.quantity = quantity;
        } else {
            changed.items.push(CartItem { sku: sku.to_owned(), quantity });
        }
        let fits =
            quantity <= MAX_QUANTITY && changed.items.len() <= MAX_ITEMS && changed.write().len() <= MAX_TEXT;
        if !fits {
            return Err(CartFull);
        }
        *self = changed;
        Ok(())
    }

    /// Returns the items that are not in `ordered`.
    pub fn without(&self, ordered: &Self) -> Vec<CartItem> {
        let left = |item: &CartItem| {
            let quantity = item.quantity.saturating_sub(ordered.quantity_of(&item.sku));
            (quantity > 0).then(|| CartItem { quantity, ..item.clone() })
        };
        self.items.iter().filter_map(left).collect()
    }

    pub fn quantity_of(&self, sku: &str) -> u32 {
        quantity_of(&self.items, sku)
    }
}

fn is_key(text: &str) -> bool {
    (16..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn escape(sku: &str, text: &mut String) {
    for byte in sku.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
}

fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            let digits = std::str::from_utf8(&digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cart::count;

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    fn cart(items: &[(&str, u32)]) -> Cart {
        let mut cart = Cart::begin(KEY.to_owned());
        for (sku, quantity) in items {
            cart.set(sku, *quantity).unwrap();
        }
        cart
    }

    #[test]
    fn a_cart_is_read_back_as_it_was_written() {
        let cart = cart(&[("mug-blue", 2), ("a.b:c;d, \"e\" ü", 999)]);
        let text = cart.write();
        assert!(text.starts_with(&format!("{KEY}.mug-blue:2.a%2Eb")), "{text}");
        assert!(text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b',' | b';' | b'"' | b'\\')));
        assert_eq!(Cart::read(&text), Some(cart));
    }

    #[test]
    fn an_invalid_cookie_is_no_cart() {
        for text in ["", "short", ".mug:1", "../../..", "0123456789abcdef.mug", "0123456789abcdef.mug:0"] {
            assert_eq!(Cart::read(text), None, "{text}");
        }
        for item in ["mug:1000", "mug:-1", "mug:1.mug:2", ":1", "%zz:1", "%e:1", "%ff:1"] {
            assert_eq!(Cart::read(&format!("{KEY}.{item}")), None, "{item}");
        }
    }

    #[test]
    fn a_product_is_in_the_cart_once_and_quantity_0_removes_it() {
        let mut cart = cart(&[("mug", 1), ("pen", 1)]);
        cart.set("mug", 2).unwrap();
        assert_eq!((cart.quantity_of("mug"), count(&cart.items)), (2, 3));
        cart.set("mug", 0).unwrap();
        assert_eq!((cart.quantity_of("mug"), cart.items.len()), (0, 1));
    }

    #[test]
    fn a_full_cart_refuses_more_and_is_unchanged() {
        let mut full = cart(&[("mug", 999)]);
        assert_eq!(full.set("mug", 1_000), Err(CartFull));
        assert_eq!(full.quantity_of("mug"), 999);
        let many: Vec<_> = (0..50).map(|n| format!("sku-{n}")).collect();
        let mut full = cart(&many.iter().map(|sku| (sku.as_str(), 1)).collect::<Vec<_>>());
        assert_eq!(full.set("one-more", 1), Err(CartFull));
        let mut long = Cart::begin(KEY.to_owned());
        let refused =
            (0..50).map(|n| long.set(&format!("{n}{}", "ü".repeat(31)), 1)).filter(Result::is_err).count();
        assert!(refused > 0 && long.write().len() <= MAX_TEXT);
    }

    #[test]
    fn items_added_after_the_order_was_submitted_stay() {
        let ordered = cart(&[("mug", 2), ("pen", 1)]);
        let now = cart(&[("mug", 3), ("pen", 1), ("ink", 4)]);
        let left = now.without(&ordered);
        assert_eq!(
            (quantity_of(&left, "mug"), quantity_of(&left, "pen"), quantity_of(&left, "ink")),
            (1, 0, 4)
        );
        assert!(ordered.without(&ordered).is_empty());
    }
}
