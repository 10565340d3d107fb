//! Whether mails reach the customer, and correcting the e-mail address when one did not.

use super::CommandContext;
use crate::{
    CustomerMail, Event, MailRefused, Order, Refused, Step, StepName, StepReason, StepState, Transition,
};

impl Order {
    /// The receipt was refused for good: the step fails, and the order goes on.
    ///
    /// # Errors
    /// When the receipt is not being sent.
    pub fn refuse_receipt(&mut self, status: Option<u16>, now: CommandContext<'_>) -> Result<Event, Refused> {
        self.expect_under_way(StepName::Notify, Transition::Resume)?;
        Ok(self.change(now, Some(StepName::Notify), |order| {
            order.mail_refused = Some(MailRefused { mail: CustomerMail::Confirmed, status, at: now.at });
            let step = order.step_mut(StepName::Notify);
            step.state = StepState::Failed;
            step.finished_at = Some(now.at);
            step.next_attempt_at = None;
            step.reason = Some(StepReason::MailRefused);
        }))
    }

    /// Records the delivery of a mail that is not a step: `refused` is the refused mail, none when one was delivered.
    /// Returns no event when nothing changes, or when the order has ended: `order.finished` is its last event.
    pub fn note_mail(&mut self, refused: Option<MailRefused>, now: CommandContext<'_>) -> Option<Event> {
        let is_known = match (&refused, &self.mail_refused) {
            (None, None) => true,
            (Some(new), Some(known)) => (new.mail, new.status) == (known.mail, known.status),
            _ => false,
        };
        if is_known || self.state.is_final() {
            return None;
        }
        Some(self.change(now, None, |order| order.mail_refused = refused))
    }

    /// The customer gave another e-mail address after a mail was refused. A refused receipt is sent again. Returns no
    /// event when mails already go to that address and none was refused.
    ///
    /// # Errors
    /// When no mail was refused, or the order has ended.
    pub fn correct_email(&mut self, email: &str, now: CommandContext<'_>) -> Result<Option<Event>, Refused> {
        if !self.wants_email() {
            let is_there = self.mail_refused.is_none() && self.customer.email == email;
            return if is_there {
                Ok(None)
            } else {
                Err(Refused { from: self.state, transition: Transition::Resume })
            };
        }
        let receipt = self.step(StepName::Notify);
        let sends_receipt =
            receipt.state == StepState::Failed && receipt.reason == Some(StepReason::MailRefused);
        let mut event = self.change(now, sends_receipt.then_some(StepName::Notify), |order| {
            email.clone_into(&mut order.customer.email);
            order.mail_refused = None;
            if sends_receipt {
                let attempts = order.step(StepName::Notify).attempts;
                *order.step_mut(StepName::Notify) =
                    Step { attempts, attempts_before_mended: attempts, ..Step::waiting(StepName::Notify) };
            }
        });
        // Set even when the address is the same, because the mail is triggered by an event with a customer.
        event.data.customer = Some(self.customer.clone());
        Ok(Some(event))
    }
}
