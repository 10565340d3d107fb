//! Orders in every state, for the tests of this crate.

use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;
use std::time::Duration;

use crate::{
    CommandContext, Currency, Event, ExpectedBy, Message, Money, Order, OrderId, OrderNumber, OrderRecord,
    OrderRequest, Payment, PaymentMethod, PaymentState, ProcessingState, Product, Reason, Refused, Shipment,
    State, StepName, StepOutcome, StepReason, StepState, Timestamp, ValidPayment, Work, WorkResult, wording,
};

/// 2026-11-23T10:00:00Z, a Monday.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_795_428_000_000);
pub(crate) const SHOP: &str = "https://shop.example";
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);

/// Returns the context of a command, this many seconds after the start.
pub(crate) fn at(seconds: u64) -> CommandContext<'static> {
    CommandContext { at: START.plus(Duration::from_secs(seconds)), public_url: SHOP }
}

/// Returns the example request of the API document.
pub(crate) fn request(method: PaymentMethod) -> OrderRequest {
    let payment = match method {
        PaymentMethod::Card => r#"{"method":"card","token":"pm_card_visa"}"#,
        PaymentMethod::Invoice => r#"{"method":"invoice"}"#,
    };
    let body = r#"{"customer":{"name":"Ada","email":"ada@example.org"},
        "ship_to":{"name":"Ada","street":"1 Main St","city":"Pavia","postcode":"27100","country":"IT"},
        "lines":[{"sku":"mug-blue","quantity":2}],"note":"Ring twice"#;
    serde_json::from_str(&format!(r#"{body}","payment":{payment}}}"#)).expect("the example can be read")
}

/// A catalogue of two products.
pub(crate) fn catalogue(sku: &str) -> Option<Product> {
    let (name, price) = match sku {
        "mug-blue" => ("Blue mug", 1250),
        "gold-bar" => ("Gold bar", i64::MAX / 2),
        _ => return None,
    };
    Some(Product {
        sku: sku.to_owned(),
        name: name.to_owned(),
        description: String::new(),
        category: "Kitchen".to_owned(),
        price: Money::new(price, Currency::EUR),
        stock: 24,
        image: format!("/products/{sku}.svg"),
    })
}

/// The life of one order, driven by the same commands as real orders; a second passes before each.
#[derive(Clone)]
pub(crate) struct Story {
    pub record: OrderRecord,
    /// The order at its first version.
    pub received: Order,
    /// The event and the order of every version after the first.
    pub versions: Vec<(Event, Order)>,
    pub seconds: u64,
    under_way: Work,
}

impl fmt::Debug for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (event, _) in &self.versions {
            let step = event.data.step.as_ref().map(|step| (step.name, step.state));
            writeln!(f, "v{} {:?} {step:?}", event.data.version, event.data.state)?;
        }
        Ok(())
    }
}

impl Story {
    pub fn of(method: PaymentMethod) -> Self {
        Self::expecting(method, None)
    }

    pub fn expecting(method: PaymentMethod, expected_by: Option<ExpectedBy>) -> Self {
        let id = OrderId::new(START, [7; 10]);
        let valid = request(method).validate().expect("the example is valid");
        let payment_token = valid.payment().token.clone();
        let (order, _) = valid
            .receive(id, OrderNumber::of(41), expected_by, at(0), catalogue)
            .expect("the example's products exist");
        let processing = ProcessingState { payment_token, ..ProcessingState::default() };
        Self {
            received: order.clone(),
            record: OrderRecord { order, owner: None, processing },
            versions: Vec::new(),
            seconds: 0,
            under_way: Work::Nothing,
        }
    }

    pub fn order(&self) -> &Order {
        &self.record.order
    }

    /// Issues a command and records the version that it makes.
    pub fn command(
        &mut self,
        command: impl FnOnce(&mut OrderRecord, CommandContext<'static>) -> Result<Option<Event>, Refused>,
    ) -> Result<bool, Refused> {
        self.seconds += 1;
        let event = command(&mut self.record, at(self.seconds))?;
        let changed = event.is_some();
        self.versions.extend(event.map(|event| (event, self.record.order.clone())));
        Ok(changed)
    }

    /// Starts the work that is due.
    pub fn begin(&mut self) -> &mut Self {
        let work = self.order().next_work();
        self.try_begin(work).expect("what is due can begin");
        self
    }

    pub fn try_begin(&mut self, work: Work) -> Result<bool, Refused> {
        let begun = self.command(|record, now| record.begin(work, now).map(Some))?;
        self.under_way = work;
        Ok(begun)
    }

    /// Ends the running attempt with a result.
    pub fn record(&mut self, result: &WorkResult) -> &mut Self {
        self.try_record(result).expect("what was begun has a result");
        self
    }

    pub fn try_record(&mut self, result: &WorkResult) -> Result<bool, Refused> {
        let work = self.under_way;
        self.command(|record, now| record.apply_result(work, result, PATIENCE, now).map(Some))
    }

    /// Ends the running attempt successfully.
    pub fn succeed(&mut self) -> &mut Self {
        self.try_succeed().expect("what was begun can work");
        self
    }

    pub fn try_succeed(&mut self) -> Result<bool, Refused> {
        self.try_record(&WorkResult::Done(self.outcome()))
    }

    /// Returns the successful outcome of the running attempt.
    pub fn outcome(&self) -> StepOutcome {
        outcome(self.under_way, &self.order().payment)
    }

    pub fn retry(&mut self, reason: StepReason, after: Duration) -> &mut Self {
        let next = at(self.seconds + 1).at.plus(after);
        self.record(&WorkResult::Retry { reason, next })
    }

    /// Ends the running attempt with a refusal of all calls.
    pub fn refuse(&mut self, after: Duration) -> &mut Self {
        let next = at(self.seconds + 1).at.plus(after);
        self.record(&WorkResult::Refused { next, alone: false })
    }

    pub fn ask(&mut self, reason: StepReason) -> &mut Self {
        let respond_by = at(self.seconds).at.plus(Duration::from_hours(24));
        self.record(&WorkResult::AskCustomer { reason, respond_by })
    }

    pub fn cancel(&mut self, reason: Reason) -> &mut Self {
        self.command(|record, now| record.order.cancel(reason, now)).expect("it can be cancelled");
        self
    }

    pub fn pay_with(&mut self, token: &str) -> &mut Self {
        let payment = ValidPayment { method: PaymentMethod::Card, token: Some(token.to_owned()) };
        self.command(|record, now| record.provide_payment(&payment, now).map(Some))
            .expect("a card was asked for");
        self
    }

    pub fn advance(&mut self) -> &mut Self {
        self.begin().succeed()
    }

    /// Runs the order until this step is due.
    pub fn until(&mut self, step: StepName) -> &mut Self {
        while self.order().next_work() != Work::Do(step) {
            self.advance();
        }
        self
    }

    /// Runs the order until nothing is due.
    pub fn rest(&mut self) -> &mut Self {
        while matches!(self.order().next_work(), Work::Do(_) | Work::Undo(_)) {
            self.advance();
        }
        self
    }

    /// Issues a command that always makes a version.
    pub fn tell(
        &mut self,
        command: impl FnOnce(&mut Order, CommandContext<'static>) -> Result<Event, Refused>,
    ) -> &mut Self {
        self.command(|record, now| command(&mut record.order, now).map(Some)).expect("it is the time for it");
        self
    }

    pub fn approve(&mut self) -> &mut Self {
        self.command(|record, now| record.approve(now).map(Some)).expect("somebody has to decide");
        self
    }

    /// Postpones the work that is due.
    pub fn postpone(&mut self, reason: StepReason, after: Duration) -> &mut Self {
        let work = self.order().next_work();
        let next = at(self.seconds + 1).at.plus(after);
        let result = WorkResult::Postpone { reason, next };
        self.command(|record, now| record.apply_result(work, &result, PATIENCE, now).map(Some))
            .expect("what is due can be put off");
        self
    }
}

/// Returns the outcome of successful work.
fn outcome(work: Work, payment: &Payment) -> StepOutcome {
    let mut outcome = StepOutcome::default();
    let card = payment.method == PaymentMethod::Card;
    match work {
        Work::Do(StepName::AuthorisePayment) if card => {
            let summary = Some("Visa ••42".to_owned());
            outcome.payment = Some(Payment { state: PaymentState::Authorised, summary, ..payment.clone() });
            outcome.payment_intent = Some("pi_1".to_owned());
        }
        Work::Do(StepName::CapturePayment) if card => {
            outcome.payment = Some(payment.now(PaymentState::Captured));
        }
        Work::Do(StepName::AuthorisePayment | StepName::CapturePayment) => outcome.skipped = true,
        Work::Do(StepName::ArrangeShipping) => {
            outcome.shipment = Some(Shipment {
                carrier: "Parcel Post".to_owned(),
                tracking_number: "PP123".to_owned(),
                tracking_url: "https://carrier.example/PP123".to_owned(),
            });
            outcome.shipment_id = Some("sh_1".to_owned());
        }
        Work::Undo(StepName::CapturePayment) if payment.state == PaymentState::Captured => {
            outcome.payment = Some(payment.now(PaymentState::Refunded));
        }
        Work::Undo(StepName::AuthorisePayment) if payment.state == PaymentState::Authorised => {
            outcome.payment = Some(payment.now(PaymentState::Voided));
        }
        _ => {}
    }
    outcome
}

/// Returns every story of the happy path: at each version, and with each step retried before and after patience ends.
pub(crate) fn happy_stories(method: PaymentMethod, expected_by: Option<ExpectedBy>) -> Vec<Story> {
    let mut story = Story::expecting(method, expected_by);
    let mut stories = vec![story.clone()];
    while let Work::Do(_) = story.order().next_work() {
        stories.push(story.begin().clone());
        stories.push(story.clone().postpone(StepReason::ServiceDown, Duration::from_secs(1)).clone());
        stories.push(story.clone().postpone(StepReason::ServiceDown, Duration::from_mins(1)).clone());
        stories.push(story.clone().postpone(StepReason::ServiceRefusesUs, Duration::from_mins(1)).clone());
        stories.push(story.clone().refuse(Duration::from_mins(1)).clone());
        if story.order().next_work() == Work::Do(StepName::Notify) {
            stories.push(story.clone().record(&WorkResult::MailRefused { status: Some(550) }).clone());
        }
        let mut late = story.clone();
        stories.push(late.retry(StepReason::ServiceBusy, Duration::from_secs(1)).clone());
        stories.push(late.begin().clone());
        stories.push(late.retry(StepReason::NoAnswer, Duration::from_mins(1)).clone());
        stories.push(late.begin().clone());
        stories.push(story.succeed().clone());
    }
    stories
}

/// Returns every story in which the customer or an operator is asked.
pub(crate) fn asking_stories(method: PaymentMethod) -> Vec<Story> {
    let asked =
        |step: StepName, reason: StepReason| Story::of(method).until(step).begin().ask(reason).clone();
    let reviewed = |step: StepName, reason: StepReason| {
        let mut story = Story::of(method).until(step).begin().clone();
        let outcome =
            if reason == StepReason::SuspectedFraud { story.outcome() } else { StepOutcome::default() };
        story.record(&WorkResult::AskOperator { reason, outcome }).clone()
    };
    let broken = |step: StepName| Story::of(method).until(step).begin().record(&WorkResult::Broken).clone();
    let mut returned = Story::of(method);
    returned.rest().tell(Order::hand_over).tell(Order::returned);
    let mut stories = vec![
        asked(StepName::AuthorisePayment, StepReason::CardDeclined),
        asked(StepName::AuthorisePayment, StepReason::InsufficientFunds),
        asked(StepName::AuthorisePayment, StepReason::CardExpired),
        asked(StepName::ArrangeShipping, StepReason::AddressUndeliverable),
        reviewed(StepName::AuthorisePayment, StepReason::SuspectedFraud),
        reviewed(StepName::AuthorisePayment, StepReason::Unresolved),
        reviewed(StepName::ArrangeShipping, StepReason::Unresolved),
        reviewed(StepName::CapturePayment, StepReason::Unresolved),
        reviewed(StepName::AuthorisePayment, StepReason::Overdue),
        reviewed(StepName::ArrangeShipping, StepReason::Overdue),
        reviewed(StepName::CapturePayment, StepReason::Overdue),
        returned,
    ];
    stories.extend(StepName::ALL.into_iter().filter(|step| step.can_fail_order()).map(broken));
    stories
}

/// The reasons with which an order ends.
pub(crate) const ENDINGS: [Reason; 7] = [
    Reason::Customer,
    Reason::SoldOut,
    Reason::PaymentFailed,
    Reason::PaymentExpired,
    Reason::Undeliverable,
    Reason::Operator,
    Reason::SuspectedFraud,
];

/// Returns one order for every combination of state, reason, payment, delay, and blocking step.
pub(crate) fn every_order() -> Vec<Order> {
    static ORDERS: LazyLock<Vec<Order>> = LazyLock::new(make_every_order);
    ORDERS.clone()
}

fn make_every_order() -> Vec<Order> {
    let expected_by = Some(ExpectedBy { usual: at(300).at, late: at(900).at });
    let mut orders = Vec::new();
    for (method, expected_by) in
        [(PaymentMethod::Card, None), (PaymentMethod::Card, expected_by), (PaymentMethod::Invoice, None)]
    {
        let mut stories = happy_stories(method, expected_by);
        stories.extend(asking_stories(method));
        for story in stories {
            if story.order().state == State::Confirmed {
                orders.push(story.clone().tell(Order::hand_over).record.order.clone());
                orders.push(story.clone().tell(Order::deliver).record.order.clone());
            }
            orders.extend(ENDINGS.into_iter().flat_map(|reason| ending(story.clone(), reason)));
            orders.push(story.record.order);
        }
    }
    let mut seen = HashSet::new();
    orders.retain(|order| seen.insert(circumstances(order)));
    orders
}

/// Returns every version of an order that is cancelled and undone, each undo with a delay.
fn ending(mut story: Story, reason: Reason) -> Vec<Order> {
    let mut orders = vec![story.cancel(reason).order().clone()];
    while let Work::Undo(_) = story.order().next_work() {
        orders.push(story.clone().postpone(StepReason::ServiceDown, Duration::from_mins(1)).order().clone());
        let refused = StepReason::ServiceRefusesUs;
        orders.push(story.clone().postpone(refused, Duration::from_mins(1)).order().clone());
        orders.push(story.begin().order().clone());
        orders.push(story.clone().refuse(Duration::from_mins(1)).order().clone());
        orders.push(story.clone().record(&WorkResult::Broken).order().clone());
        orders.push(story.retry(StepReason::ServiceDown, Duration::from_mins(1)).order().clone());
        orders.push(story.begin().order().clone());
        orders.push(story.succeed().order().clone());
    }
    orders
}

fn circumstances(order: &Order) -> String {
    let step = order.steps.iter().find(|step| step.state != StepState::Succeeded);
    let now = order.current_step().map(|step| (step.name, step.state, step.reason));
    let open = step.map(|step| (step.name, step.state));
    let payment = (order.payment.method, order.payment.state, order.expected_by);
    format!("{:?}", (order.state, order.reason, order.delayed, payment, now, open))
}

/// Returns the message of an order.
pub(crate) fn said(order: &Order) -> Message {
    wording::message(order)
}
