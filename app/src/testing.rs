//! An order for the tests of this crate.

use orders::request::{CustomerRequest, LineRequest};
use orders::{
    AddressRequest, CommandContext, Currency, Event, Money, Order, OrderId, OrderNumber, OrderRequest,
    PaymentRequest, Product, Timestamp,
};

/// Returns a new order of one blue mug, and its event.
pub fn received(random: u8) -> (Order, Event) {
    let text = str::to_owned;
    let request = OrderRequest {
        customer: CustomerRequest { name: text("Ada"), email: text("ada@example.org") },
        ship_to: AddressRequest {
            name: text("Ada"),
            street: text("1 Main St"),
            city: Some(text("Pavia")),
            postcode: Some(text("27100")),
            country: text("IT"),
            ..AddressRequest::default()
        },
        lines: vec![LineRequest { sku: text("mug-blue"), quantity: 1 }],
        payment: PaymentRequest { method: text("invoice"), token: None },
        note: None,
    };
    let product = |sku: &str| {
        Some(Product {
            sku: text(sku),
            name: text("Blue mug"),
            description: String::new(),
            category: text("Kitchen"),
            price: Money::new(1250, Currency::EUR),
            stock: 1,
            image: String::new(),
        })
    };
    let at = Timestamp::from_millis(1_763_892_000_000);
    let id = OrderId::new(at, [random; 10]);
    let now = CommandContext { at, public_url: "http://localhost" };
    request.validate().unwrap().receive(id, OrderNumber::of(1), None, now, product).unwrap()
}

pub fn order() -> Order {
    received(1).0
}
