use std::time::Duration;

use orders::{ProblemCode, Reason, Service, StepReason};

use super::{Authorisation, MailRefusal, Refusal};

/// Why a call failed, in the classes that decide what happens next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Nothing was done, and a retry may succeed: no connection, 5xx, 429, a look-up without an answer.
    #[error("{service:?} is unavailable: {detail}")]
    Transient {
        service: Service,
        /// The reason that the order shows.
        reason: StepReason,
        /// The service's `Retry-After`.
        retry_after: Option<Duration>,
        /// For the log, without personal data and secrets.
        detail: String,
    },
    /// The service refuses the call until somebody corrects a setting, ours or its own. Nothing was done.
    #[error("{} refuses us: {refusal}", service.as_str())]
    Refused { service: Service, refusal: Refusal },
    /// The call was sent and not answered: it may have been done. Look it up, or repeat it with the same key.
    #[error("the outcome at {service:?} is unknown: {detail}")]
    UnknownOutcome { service: Service, detail: String },
    /// An earlier call may have been done, and it cannot be determined: an operator decides.
    #[error("the outcome at {service:?} cannot be determined: {detail}")]
    Unresolved { service: Service, detail: &'static str },
    /// Every mail server refuses mail for the customer's address.
    #[error("the mail is refused: {0}")]
    MailRefused(MailRefusal),
    /// Nothing was done; the customer can correct it.
    #[error("the customer is asked: {}", code.as_str())]
    CustomerCanFix { code: ProblemCode },
    /// Nothing was done, and no retry can succeed.
    #[error("it failed for good: {}", reason.as_str())]
    Permanent { reason: Reason },
    /// It was done, and the service suspects fraud: an operator decides.
    #[error("suspected fraud: {detail}")]
    Suspicious {
        detail: String,
        /// The authorisation that was made.
        held: Box<Authorisation>,
    },
}

impl Failure {
    /// Returns how the service refuses us, if it does.
    pub const fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused { refusal, .. } => Some(refusal),
            _ => None,
        }
    }

    /// Returns why the service is unavailable, and its `Retry-After`; none when it answered.
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
