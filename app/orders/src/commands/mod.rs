//! The commands of an order: the only code that changes one.
//!
//! A command checks that it is allowed in the state the order is in. It is refused, or it returns one [`Event`] that has
//! already been applied to the order by the reducer ([`Order::apply`]).
//!
//! | file | commands | who issues them |
//! |---|---|---|
//! | [`receive`] | `ValidOrder::receive` | the caller who submits the order |
//! | [`steps`] | `start_step`, `finish_step`, `retry_step`, `postpone_step`, `fail_step` | the pipeline |
//! | [`questions`] | `ask_customer`, `ask_operator`, `expire` | the pipeline |
//! | | `provide_payment`, `correct_address` | the customer |
//! | | `approve` | an operator |
//! | [`undo`] | `start_undo`, `finish_undo`, `retry_undo`, `postpone_undo`, `stall_undo` | the pipeline |
//! | [`cancel`] | `cancel` | the customer, an operator, the pipeline |
//! | [`shipment`] | `hand_over`, `deliver`, `returned` | the carrier, an operator |
//! | [`mail`] | `refuse_receipt`, `note_mail`, `correct_email` | the pipeline, the customer |
//! | [`private_link`] | `replace_link` | the customer, an operator |

mod cancel;
mod mail;
mod private_link;
mod questions;
pub(crate) mod receive;
mod shipment;
mod steps;
mod undo;

use crate::event::Before;
use crate::{
    Applied, Event, Message, Order, Refused, Step, StepName, StepState, Timestamp, Transition, wording,
};

/// The circumstances of a command: its time, and Docket's public address.
#[derive(Debug, Clone, Copy)]
pub struct CommandContext<'a> {
    /// The time of the command.
    pub at: Timestamp,
    /// The public base address, without a trailing slash; problem types are made from it.
    pub public_url: &'a str,
}

impl Order {
    /// Makes the next version: `write` changes the order, then the derived fields are computed, and the difference
    /// becomes an event.
    pub(crate) fn change(
        &mut self,
        now: CommandContext<'_>,
        step: Option<StepName>,
        write: impl FnOnce(&mut Self),
    ) -> Event {
        let before = Before::of(self);
        let folded = cfg!(debug_assertions).then(|| self.clone());
        write(self);
        self.version += 1;
        self.updated_at = now.at;
        // An order that is ending has ended once no effect is left to undo.
        if let Ok(ended) = self.state.after(Transition::FinishCancel)
            && !self.steps.iter().any(Step::may_have_effect)
        {
            self.state = ended;
        }
        self.follow_state();
        self.derive(now.public_url);
        let event = Event::after(&before, self, step.map(|name| self.step(name).clone()));
        if let Some(mut folded) = folded {
            assert_eq!(folded.apply(&event), Applied::Changed);
            assert_eq!(folded, *self, "an event carries everything that changed");
        }
        event
    }

    /// Computes the derived fields: message, actions, problem.
    pub(crate) fn derive(&mut self, public_url: &str) {
        self.actions = wording::actions(self);
        self.problem = wording::problem(self, public_url);
        self.message = wording::message(self);
    }

    pub(crate) fn step_mut(&mut self, name: StepName) -> &mut Step {
        &mut self.steps[name.index()]
    }

    pub(crate) fn set_step(&mut self, step: Step) {
        let index = step.name.index();
        self.steps[index] = step;
    }

    pub(crate) fn expect_under_way(&self, name: StepName, transition: Transition) -> Result<(), Refused> {
        match self.step(name).state {
            StepState::Running | StepState::Retrying => Ok(()),
            _ => Err(Refused { from: self.state, transition }),
        }
    }
}

impl Message {
    /// Returns a message whose texts are not derived yet.
    pub(crate) fn empty() -> Self {
        Self { heading: String::new(), body: String::new(), next_step: String::new(), help: String::new() }
    }
}
