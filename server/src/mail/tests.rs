//! The content of mails.

use orders::request::{CustomerRequest, LineRequest};
use orders::{
    AddressRequest, CommandContext, Currency, CustomerMail, Message, Order, OrderId, OrderNumber,
    OrderRequest, PaymentRequest, Shipment, State, Timestamp, wording,
};

use super::MailRenderer;
use crate::catalog;
use crate::external::gateways::Mail;

const NOW: Timestamp = Timestamp::from_millis(1_763_892_000_000);

/// Returns an order in a state in which the mail is valid.
fn order(kind: CustomerMail) -> Order {
    let request = OrderRequest {
        customer: CustomerRequest { name: "Ada".to_owned(), email: "ada@example.org".to_owned() },
        ship_to: AddressRequest {
            name: "Ada".to_owned(),
            street: "1 Main St".to_owned(),
            city: Some("Pavia".to_owned()),
            postcode: Some("27100".to_owned()),
            country: "IT".to_owned(),
            ..AddressRequest::default()
        },
        lines: vec![LineRequest { sku: "mug-blue".to_owned(), quantity: 2 }],
        payment: PaymentRequest { method: "card".to_owned(), token: Some("pm_card_visa".to_owned()) },
        note: None,
    };
    let shop = catalog::sample(Currency::EUR).unwrap();
    let product = |sku: &str| shop.iter().find(|product| product.sku == sku).cloned();
    let (id, moment) =
        (OrderId::new(NOW, [7; 10]), CommandContext { at: NOW, public_url: "https://shop.example" });
    let received = request.validate().unwrap().receive(id, OrderNumber::of(41), None, moment, product);
    let (mut order, _) = received.unwrap();
    order.state = match kind {
        CustomerMail::Received => State::Processing,
        CustomerMail::NeedsYou => State::ActionRequired,
        CustomerMail::Confirmed => State::Confirmed,
        CustomerMail::Shipped => State::Shipped,
        CustomerMail::Cancelled => State::Cancelled,
    };
    order.shipment = matches!(kind, CustomerMail::Confirmed | CustomerMail::Shipped).then(|| Shipment {
        carrier: "Parcel Post".to_owned(),
        tracking_number: "PP123".to_owned(),
        tracking_url: "https://carrier.example/PP123".to_owned(),
    });
    order.message = wording::message(&order);
    order
}

fn written(kind: CustomerMail, order: &Order) -> Mail {
    let renderer = MailRenderer {
        public_url: "https://shop.example".to_owned(),
        tracking_link: Box::new(|link| {
            format!("https://shop.example/track/trk_{}_{}", link.order, link.generation)
        }),
    };
    renderer.render(kind, order, NOW)
}

/// Returns HTML without the elements that isolate foreign text.
fn without_isolation(html: &str) -> String {
    html.replace("<bdi>", "").replace("</bdi>", "")
}

#[test]
fn both_parts_of_every_mail_have_the_texts_of_the_page_and_its_link() {
    for kind in CustomerMail::ALL {
        let order = order(kind);
        let mail = written(kind, &order);
        let Message { heading, body, next_step, help } = &order.message;
        assert_eq!(mail.subject, format!("{heading}: {}", order.number));
        let (link, help) =
            (format!("https://shop.example/track/trk_{}_0", order.id), format!("https://shop.example{help}"));
        let number = order.number.to_string();
        for said in [
            heading,
            body,
            next_step,
            &link,
            &help,
            &number,
            "23 November 2025",
            "2 × Blue mug",
            &order.total.to_string(),
            "1 Main St",
        ] {
            assert!(mail.text.contains(said), "{kind:?} does not say {said:?}: {}", mail.text);
            assert!(
                without_isolation(&mail.html).contains(said),
                "{kind:?} does not say {said:?}: {}",
                mail.html
            );
        }
        let parcel = order.shipment.is_some();
        assert_eq!(mail.text.contains("PP123"), parcel, "{}", mail.text);
        assert_eq!(mail.html.contains("PP123"), parcel, "{}", mail.html);
    }
}

#[test]
fn customers_texts_are_escaped_in_pages() {
    let mut order = order(CustomerMail::Confirmed);
    "<img src=x onerror=\"steal()\">".clone_into(&mut order.ship_to.name);
    let html = written(CustomerMail::Confirmed, &order).html;
    assert!(!html.contains("<img"), "{html}");
    assert!(html.contains("&lt;img src=x onerror=&quot;steal()&quot;&gt;"), "{html}");
}

#[test]
fn both_parts_of_a_mail_write_the_address_as_in_its_country() {
    let mut order = order(CustomerMail::Confirmed);
    order.ship_to.country = "US".to_owned();
    (order.ship_to.region, order.ship_to.line2) = (Some("MA".to_owned()), Some("Floor 2".to_owned()));
    let mail = written(CustomerMail::Confirmed, &order);
    let to = "To: Ada, 1 Main St, Floor 2, Pavia, MA 27100, United States";
    assert!(mail.text.contains(to), "{}", mail.text);
    assert!(without_isolation(&mail.html).contains(to), "{}", mail.html);
}

#[test]
fn a_mail_that_asks_for_something_says_so_on_its_button() {
    let mail = written(CustomerMail::NeedsYou, &order(CustomerMail::NeedsYou));
    assert!(mail.html.contains(">Mend it here</a>"), "{}", mail.html);
}
