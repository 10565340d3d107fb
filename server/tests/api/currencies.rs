//! A shop in any currency: the sample shop opens, and an order has the right amounts everywhere.

use serde_json::json;

use crate::app::mug;
use crate::house::House;

/// What blue mugs cost in the sample shop: one and two as people read them, two in minor units, and two in the units
/// of the payment service, which counts hundredths of the króna.
const MUGS: [(&str, &str, &str, i64, i64); 5] = [
    ("EUR", "€12.50", "€25.00", 2500, 2500),
    ("JPY", "¥1,250", "¥2,500", 2500, 2500),
    ("KWD", "KWD\u{a0}6.250", "KWD\u{a0}12.500", 12_500, 12_500),
    ("HUF", "HUF\u{a0}5,000.00", "HUF\u{a0}10,000.00", 1_000_000, 1_000_000),
    ("ISK", "ISK\u{a0}1,250", "ISK\u{a0}2,500", 2500, 250_000),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_in_any_currency_charges_what_it_shows() {
    for (currency, one, two, amount, charged) in MUGS {
        let house = House::open_with(&[("DOCKET_CURRENCY", currency)]).await;
        let shop = house.page("/").await;
        assert!(shop.contains(one), "{currency}: the shop shows {one}");
        let product = house.client.get(house.url("/products/mug-blue")).send().await.unwrap();
        let product: serde_json::Value = product.json().await.unwrap();
        assert_eq!(product["price"], json!({"amount": amount / 2, "currency": currency}));

        let placed = house.place(&mug()).await;
        let order = house.order_in(&placed, "confirmed").await;
        assert_eq!(order["total"], json!({"amount": amount, "currency": currency}));
        let page = house.page(&format!("/track/{}", placed.token)).await;
        assert!(page.contains(two), "{currency}: the order's page shows {two}");
        let payments = house.payments().await;
        assert_eq!(payments.len(), 1);
        assert_eq!(payments[0]["currency"], currency);
        assert_eq!(
            (&payments[0]["amount"], &payments[0]["amount_captured"]),
            (&json!(charged), &json!(charged))
        );
        house.running.stop().await;
    }
}
