//! Whether mails reach the customer, and giving another e-mail address when one did not.

use super::CommandContext;
use crate::{
    CustomerMail, Event, MailRefused, Order, Refused, Step, StepName, StepReason, StepState, Transition,
};

impl Order {
    /// The receipt was refused for good: the step has failed, and the order goes on.
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

    /// Notes what became of a mail that is no step: `refused` says which was refused, nothing that one was taken. No event
    /// when that is known already, and none after the end of the order, whose last event has been told.
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

    /// The customer gave another e-mail address, after a mail was refused. A refused receipt is sent again. No event when
    /// mails go to that address already and none was refused.
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
        // Also when it is the same address once more: the customer is told of by the event that calls for the mail.
        event.data.customer = Some(self.customer.clone());
        Ok(Some(event))
    }
}
