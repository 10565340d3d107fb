//! Failpoints: the places at which a test build can crash or hang, and the bugs that can be planted in it.
//!
//! `cargo build -p server --features torture` builds one. `FAILPOINTS` configures it in the syntax of the crate
//! `fail`, and `docket failpoints` lists the names:
//!
//! ```text
//! FAILPOINTS='after-commit=20*off->1*return(abort);plant-no-fence=return' docket serve
//! ```
//!
//! The actions at a [`Point`] are `panic`, `return(abort)` (the process exits at once) and `return(hang)` (the task
//! never continues), each after a number of `off`. A log line with one of the [`MARKS`] is written first. A [`Bug`]
//! is active with `return`, and some of the time with `10%return`. With `poison=return` an order whose note ends with
//! `-poison-panic`, `-poison-abort` or `-poison-hang` does that to its worker. Without the feature none of this is in
//! the program, and the functions of this file are empty.

macro_rules! named {
    ($(#[$doc:meta])* $list:ident { $($(#[$what:meta])* $name:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $list {
            $($(#[$what])* $name,)*
        }

        impl $list {
            /// All names.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name in `FAILPOINTS`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

named! {
    /// A point at which the process can crash.
    Point {
        /// An order is about to be stored.
        BeforeAccept = "before-accept",
        /// It is stored, and its caller is not answered.
        AfterAccept = "after-accept",
        /// A job is about to be claimed.
        BeforeClaim = "before-claim",
        /// It is claimed, and its worker does not know.
        AfterClaim = "after-claim",
        /// The start of a step is about to be written.
        BeforeBegin = "before-begin",
        /// It is written, and no call was made.
        AfterBegin = "after-begin",
        /// The end of an attempt is about to be written.
        BeforeSettle = "before-settle",
        /// It is written, and its worker does not know.
        AfterSettle = "after-settle",
        /// A command of a customer or an operator is about to be written.
        BeforeChange = "before-change",
        /// It is written, and the caller is not answered.
        AfterChange = "after-change",
        /// The writer has run its commands and is about to commit.
        BeforeCommit = "before-commit",
        /// The commit is on disk, and nobody is answered.
        AfterCommit = "after-commit",
        /// All are answered, and nothing is published.
        BeforePublish = "before-publish",
        /// A payment is about to be authorised.
        BeforeAuthorise = "before-authorise",
        /// It is authorised, and that is not recorded.
        AfterAuthorise = "after-authorise",
        /// A shipment is about to be booked.
        BeforeShip = "before-ship",
        /// It is booked, and that is not recorded.
        AfterShip = "after-ship",
        /// A payment is about to be captured.
        BeforeCapture = "before-capture",
        /// It is captured, and that is not recorded.
        AfterCapture = "after-capture",
        /// A receipt is about to be sent.
        BeforeNotify = "before-notify",
        /// It is sent, and that is not recorded.
        AfterNotify = "after-notify",
        /// A hold is about to be released.
        BeforeVoid = "before-void",
        /// It is released, and that is not recorded.
        AfterVoid = "after-void",
        /// A payment is about to be refunded.
        BeforeRefund = "before-refund",
        /// It is refunded, and that is not recorded.
        AfterRefund = "after-refund",
        /// A shipment is about to be cancelled.
        BeforeUnship = "before-unship",
        /// It is cancelled, and that is not recorded.
        AfterUnship = "after-unship",
    }
}

named! {
    /// A planted bug that breaks one promise, to test the checker.
    Bug {
        /// Commits are not synced to disk.
        DurabilityOff = "plant-durability-off",
        /// Every submission counts as the first under its key.
        KeyDropped = "plant-no-unique-key",
        /// Commands are answered before the commit.
        AnswerBeforeCommit = "plant-answer-before-commit",
        /// Each attempt at a payment has a key of its own, and no attempt looks up the effect of another.
        PaymentKeyPerAttempt = "plant-payment-key-per-attempt",
        /// A worker may settle a job whose lease it has lost, and is not told that it has lost it.
        NoFence = "plant-no-fence",
        /// The first worker of a job is told that its lease is renewed, and the renewal is not written: it goes on
        /// working, and so does the next worker. Fences protect against exactly this.
        FirstLeaseForgotten = "plant-first-lease-forgotten",
        /// A reconnecting reader is not sent the events that it missed.
        NoResync = "plant-no-resync",
    }
}

/// The words in the log for `panic`, `return(abort)` and `return(hang)`, before the name of the point. The first is
/// the word of the crate `fail`.
pub const MARKS: [&str; 3] = ["failpoint", "aborts at", "stays at"];

pub use armed::{IS_BUILT_IN, arm, planted, poison, reach, reach_here};

#[cfg(feature = "torture")]
mod armed {
    use super::{Bug, MARKS, Point};

    /// Whether this program has failpoints.
    pub const IS_BUILT_IN: bool = true;

    /// Reads `FAILPOINTS`, once at start.
    pub fn arm() {
        std::mem::forget(fail::FailScenario::setup());
    }

    /// A point in an async task.
    pub async fn reach(point: Point) {
        if is_to_hang(point) {
            std::future::pending::<()>().await;
        }
    }

    /// A point in a thread of its own.
    pub fn reach_here(point: Point) {
        if is_to_hang(point) {
            loop {
                std::thread::park();
            }
        }
    }

    /// Whether this bug is active now.
    pub fn planted(bug: Bug) -> bool {
        value(bug.name()).is_some()
    }

    /// A point at the start of an order's work, whose note may select the action.
    pub async fn poison(note: Option<&str>) {
        let fault = note.and_then(|note| note.rsplit_once("-poison-")).map(|(_, fault)| fault);
        match fault.filter(|_| value("poison").is_some()) {
            Some("panic") => panic!("poisoned"),
            Some("abort") => std::process::abort(),
            Some("hang") => std::future::pending().await,
            _ => {}
        }
    }

    fn is_to_hang(point: Point) -> bool {
        let [_, aborts, stays] = MARKS;
        match value(point.name()).as_deref() {
            Some("abort") => {
                tracing::warn!("{aborts} {}", point.name());
                std::process::abort()
            }
            Some("hang") => {
                tracing::warn!("{stays} {}", point.name());
                true
            }
            _ => false,
        }
    }

    fn value(name: &str) -> Option<String> {
        fail::fail_point!(name, |value| Some(value.unwrap_or_default()));
        None
    }
}

#[cfg(not(feature = "torture"))]
mod armed {
    use super::{Bug, Point};

    /// Whether this program has failpoints.
    pub const IS_BUILT_IN: bool = false;

    /// Does nothing.
    pub const fn arm() {}

    /// Does nothing.
    pub async fn reach(_: Point) {}

    /// Does nothing.
    pub const fn reach_here(_: Point) {}

    /// Does nothing.
    pub async fn poison(_: Option<&str>) {}

    /// Returns `false`.
    pub const fn planted(_: Bug) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_failpoint_has_a_unique_name() {
        let points = Point::ALL.iter().map(|point| point.name());
        let names: Vec<_> = points.chain(Bug::ALL.iter().map(|bug| bug.name())).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }

    #[test]
    fn a_program_without_the_feature_has_no_failpoints() {
        assert!(IS_BUILT_IN || Bug::ALL.iter().all(|bug| !planted(*bug)));
    }
}
