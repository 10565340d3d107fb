//! Parses JSON of the server with the browser's own parser.
//!
//! `serde_json` would make the download 35 KB larger (brotli), `serde-wasm-bindgen` 18 KB. Tests run outside of a
//! browser and use `serde_json`.

use serde::de::DeserializeOwned;

/// Parses a value; none when it is not JSON or has another shape, as from another version of the site.
#[cfg(target_arch = "wasm32")]
pub fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_wasm_bindgen::from_value(js_sys::JSON::parse(text).ok()?).ok()
}

/// The same outside of a browser.
#[cfg(not(target_arch = "wasm32"))]
pub fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Done, Outcome, Refused};
    use crate::page_error::PageError;
    use crate::testing::received;

    use orders::{
        CommandContext, CustomerMail, Event, ExpectedBy, MailRefused, Problem, ProblemCode, Reason, Shipment,
        StepName,
    };

    #[test]
    fn json_of_the_server_is_parsed() {
        let (mut order, event) = received(1);
        let now = CommandContext { at: order.created_at, public_url: "http://localhost" };
        let started = order.start_step(StepName::ReserveStock, now).unwrap();
        let cancelled = order.cancel(Reason::Customer, now).unwrap().unwrap();
        for event in [event, started, cancelled] {
            let pretty = serde_json::to_string_pretty(&event).unwrap();
            assert_eq!(read::<Event>(&pretty), Some(event));
        }
        let text = str::to_owned;
        let shipment =
            |it: String| Shipment { carrier: it.clone(), tracking_number: it.clone(), tracking_url: it };
        (order.shipment, order.note) = (Some(shipment(text("\"é\""))), Some(text("\n")));
        order.problem = Some(Problem::new(ProblemCode::CardDeclined));
        order.respond_by = Some(order.created_at);
        order.mail_refused =
            Some(MailRefused { mail: CustomerMail::NeedsYou, status: Some(550), at: order.created_at });
        let mut corrected = Event::snapshot(order.clone());
        corrected.data.customer = Some(order.customer.clone());
        let written = serde_json::to_string(&corrected).unwrap();
        assert_eq!(read::<Event>(&written), Some(corrected));
        order.expected_by = Some(ExpectedBy { usual: order.created_at, late: order.created_at });
        assert_eq!(read(&serde_json::to_string(&order).unwrap()).as_ref(), Some(&order));
        let done = Done {
            next: "/".to_owned(),
            cart: Some(Vec::new()),
            order: Some(Box::new(order)),
            announcement: Some(text("é")),
        };
        for outcome in [Outcome::Done(done), Outcome::Refused(Refused::from(PageError::kept()))] {
            let text = serde_json::to_string(&outcome).unwrap();
            let again = read::<Outcome>(&text).map(|outcome| serde_json::to_string(&outcome).unwrap());
            assert_eq!(again, Some(text));
        }
    }

    #[test]
    fn unknown_fields_are_ignored() {
        let text = r#" {"new":{"a":[1,"]}\"",null,-2.5e3],"b":{}},"status":7,"heading":"","body":"","next_step":"",
            "help":"","more":true} "#;
        assert_eq!(read::<PageError>(text), Some(PageError::new(7, "", "", "", "")));
    }
}
