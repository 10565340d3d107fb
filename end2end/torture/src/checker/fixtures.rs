//! Evidence without violations, which tests change.

use orders::{
    CommandContext, Event, Money, Order, OrderId, OrderNumber, OrderRequest, Payment, PaymentState, Product,
    StepName, StepOutcome, Timestamp,
};

use super::{Evidence, Invariant, check};
use crate::final_state::FinalState;
use crate::history::{Operations, Outcome, Submission};
use crate::system;
use crate::workload::{OrderPlan, STOCK};

fn context(second: i64) -> CommandContext<'static> {
    CommandContext {
        at: Timestamp::from_millis(1_790_000_000_000 + second * 1_000),
        public_url: "http://shop",
    }
}

fn received(number: u8) -> (Order, Event) {
    let body = OrderPlan::default().body(&key(number));
    let request: OrderRequest = serde_json::from_value(body).expect("a plan is an order request");
    let id = OrderId::new(context(0).at, [number; 10]);
    let price = Money::new(350, "EUR".parse().expect("a currency"));
    let product = |sku: &str| Product {
        sku: sku.to_owned(),
        name: sku.to_owned(),
        description: String::new(),
        category: String::new(),
        price,
        stock: 1,
        image: String::new(),
    };
    let valid = request.validate().expect("a plan is valid");
    let received =
        valid.receive(id, OrderNumber::of(u64::from(number)), None, context(0), |sku| Some(product(sku)));
    received.expect("its products are known")
}

/// Returns the idempotency key of an order.
pub fn key(number: u8) -> String {
    format!("key-{number}")
}

/// Returns an order as it is first answered.
pub fn order(number: u8) -> Order {
    received(number).0
}

/// Returns a confirmed order whose receipt is sent, and its events.
pub fn confirmed(number: u8) -> (Order, Vec<Event>) {
    let (mut order, first) = received(number);
    let mut events = vec![first];
    for (index, name) in StepName::ALL.into_iter().enumerate() {
        let now = context(index as i64 + 1);
        events.push(order.start_step(name, now).expect("the step is due"));
        let payment = |state| Some(Payment { state, ..order.payment.clone() });
        let payment = match name {
            StepName::AuthorisePayment => payment(PaymentState::Authorised),
            StepName::CapturePayment => payment(PaymentState::Captured),
            _ => None,
        };
        let outcome = StepOutcome { payment, ..StepOutcome::default() };
        events.push(order.finish_step(name, &outcome, now).expect("the step is running"));
    }
    for (index, event) in events.iter_mut().enumerate() {
        event.sequence = format!("{:020}", u64::from(number) * 100 + index as u64);
    }
    (order, events)
}

/// Returns the evidence of two acknowledged, confirmed and paid orders.
pub fn evidence() -> Evidence {
    let mut operations = Operations::default();
    let mut final_state = FinalState::default();
    let mut watcher_state = crate::watch::WatcherState::new("all orders".to_owned());
    final_state.stock = STOCK.iter().map(|(sku, count)| ((*sku).to_owned(), *count)).collect();
    for number in [1, 2] {
        let (order, events) = confirmed(number);
        let mut submission = Submission::of(OrderPlan::default());
        submission.record(&Outcome::Acknowledged(Box::new(self::order(number))));
        operations.submissions.insert(key(number), submission);
        operations.keys.insert(order.id, key(number));
        for event in events {
            final_state.add_event(&event);
            let now = tokio::time::Instant::now();
            watcher_state.add_event(event, true, now, |_| Some(self::order(number)));
        }
        final_state.payments.push(system::Payment {
            order_id: Some(order.id.to_string()),
            status: "succeeded".to_owned(),
            amount_captured: order.total.amount,
            amount_refunded: 0,
        });
        final_state.shipments.push(system::Shipment {
            order_id: order.id.to_string(),
            status: "booked".to_owned(),
            created_at: order.created_at,
        });
        for line in &order.lines {
            if let Some(stock) = final_state.stock.get_mut(&line.sku) {
                *stock -= line.quantity;
            }
        }
        final_state.mails.push(format!("{}-notify", order.id));
        final_state.orders.push(order);
    }
    final_state.watchers.push(watcher_state);
    Evidence { operations, final_state }
}

/// Returns the invariants that the evidence violates after a change.
pub fn violated_after(change: impl FnOnce(&mut Evidence)) -> Vec<Invariant> {
    let mut evidence = evidence();
    change(&mut evidence);
    let mut violated: Vec<_> = check(&evidence).into_iter().map(|violation| violation.invariant).collect();
    violated.sort_unstable();
    violated.dedup();
    violated
}
