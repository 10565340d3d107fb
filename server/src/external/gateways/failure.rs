use std::time::Duration;

use orders::{ProblemCode, Reason, Service, StepReason};

use super::{Authorisation, MailRefusal, Refusal};

/// Why an outside effect did not come about, in the classes that decide what is done next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Nothing was done, and the same may work later: no connection, 5xx, 429, a look-up without an answer.
    #[error("{service:?} does not work at the moment: {detail}")]
    Transient {
        service: Service,
        /// Why, as people are told.
        reason: StepReason,
        /// How long the service asks to be left alone.
        retry_after: Option<Duration>,
        /// For the log; it holds neither personal data nor secrets.
        detail: String,
    },
    /// The service answered that it does not do what we ask until somebody mends a setting, ours or its own. Nothing was
    /// done.
    #[error("{} refuses us: {refusal}", service.as_str())]
    Refused { service: Service, refusal: Refusal },
    /// The request left and no answer came: it may have been done. Look it up, or repeat it with the same key.
    #[error("whether {service:?} did what it was asked is unknown: {detail}")]
    UnknownOutcome { service: Service, detail: String },
    /// An earlier call may have been done, and we cannot find out by ourselves any more: an operator looks.
    #[error("whether {service:?} did what it was asked cannot be found out: {detail}")]
    Unresolved { service: Service, detail: &'static str },
    /// No mail server takes mail for the customer's address.
    #[error("the mail is refused: {0}")]
    MailRefused(MailRefusal),
    /// Nothing was done; the customer can mend it.
    #[error("the customer is asked: {}", code.as_str())]
    CustomerCanFix { code: ProblemCode },
    /// Nothing was done, and nothing will change that.
    #[error("it can never be done: {}", reason.as_str())]
    Permanent { reason: Reason },
    /// It was done, but it looks like fraud: an operator decides.
    #[error("it looks like fraud: {detail}")]
    Suspicious {
        detail: String,
        /// What was done.
        held: Box<Authorisation>,
    },
}

impl Failure {
    /// How the service refuses us, if it does.
    pub const fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused { refusal, .. } => Some(refusal),
            _ => None,
        }
    }

    /// What is the matter with the service, and how long it asks to be left alone. None when it answered: then it works.
    pub fn service_fault(&self) -> Option<(StepReason, Option<Duration>)> {
        match self {
            Self::Transient {
                reason:
                    reason @ (StepReason::ServiceDown | StepReason::ServiceFault | StepReason::ServiceBusy),
                retry_after,
                ..
            } => Some((*reason, *retry_after)),
            Self::UnknownOutcome { .. } => Some((StepReason::NoAnswer, None)),
            _ => None,
        }
    }
}
