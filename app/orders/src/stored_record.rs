//! Taking the record of an order apart into [`facts`](crate::facts), and putting it together again.

use std::borrow::Cow;

use crate::facts::{LineFacts, LineOverflow, OrderColumns, OrderDetails, OrderProgress, StepFacts};
use crate::{Links, Message, Order, OrderRecord, Payment, Step, StepName};

impl OrderRecord {
    /// Returns the facts that are columns.
    pub fn head(&self) -> OrderColumns {
        let order = &self.order;
        OrderColumns {
            id: order.id,
            number: order.number,
            owner: self.owner,
            state: order.state,
            payment: order.payment.state,
            version: order.version,
            created_at: order.created_at,
            updated_at: order.updated_at,
            total: order.total,
            delayed: order.delayed,
        }
    }

    /// Returns what was ordered, by whom and to where.
    pub fn details(&self) -> OrderDetails<'_> {
        let order = &self.order;
        OrderDetails {
            customer: Cow::Borrowed(&order.customer),
            ship_to: Cow::Borrowed(&order.ship_to),
            lines: order.lines.iter().map(LineFacts::of).collect(),
            expected_by: order.expected_by,
            note: order.note.as_deref().map(Cow::Borrowed),
        }
    }

    /// Returns how far the order is.
    pub fn progress(&self) -> OrderProgress<'_> {
        let order = &self.order;
        let started = order.steps.iter().filter(|step| **step != Step::waiting(step.name));
        OrderProgress {
            reason: order.reason,
            respond_by: order.respond_by,
            method: order.payment.method,
            payment_summary: order.payment.summary.as_deref().map(Cow::Borrowed),
            shipment: order.shipment.as_ref().map(Cow::Borrowed),
            steps: started.map(StepFacts::of).collect(),
            link_generation: order.link_generation,
            mail_refused: order.mail_refused.as_ref().map(Cow::Borrowed),
            processing: Cow::Borrowed(&self.processing),
        }
    }

    /// Returns the record with these facts. `public_url` is the public base address, without a trailing slash.
    ///
    /// # Errors
    /// When the facts are damaged: the total of a line is larger than an amount can be.
    pub fn from_facts(
        head: OrderColumns,
        details: OrderDetails<'_>,
        progress: OrderProgress<'_>,
        public_url: &str,
    ) -> Result<Self, LineOverflow> {
        let currency = head.total.currency;
        let lines = details.lines.into_iter().map(|line| line.in_currency(currency)).collect::<Option<_>>();
        let mut order = Order {
            id: head.id,
            number: head.number,
            state: head.state,
            delayed: head.delayed,
            reason: progress.reason,
            version: head.version,
            created_at: head.created_at,
            updated_at: head.updated_at,
            expected_by: details.expected_by,
            respond_by: progress.respond_by,
            customer: details.customer.into_owned(),
            ship_to: details.ship_to.into_owned(),
            lines: lines.ok_or(LineOverflow)?,
            total: head.total,
            payment: Payment {
                method: progress.method,
                state: head.payment,
                summary: progress.payment_summary.map(Cow::into_owned),
            },
            shipment: progress.shipment.map(Cow::into_owned),
            steps: StepName::ALL.map(Step::waiting).into(),
            message: Message::empty(),
            actions: Vec::new(),
            problem: None,
            links: Links::of(head.id),
            link_generation: progress.link_generation,
            mail_refused: progress.mail_refused.map(Cow::into_owned),
            note: details.note.map(Cow::into_owned),
            tracking_token: None,
        };
        for step in progress.steps {
            order.set_step(step.into());
        }
        order.derive(public_url);
        Ok(Self { order, owner: head.owner, processing: progress.processing.into_owned() })
    }
}
