//! Where a program that is built to be tortured can be broken, and which faults can be planted in it.
//!
//! `cargo build -p server --features torture` builds one. `FAILPOINTS` then says what happens, in the words of the crate
//! `fail`, and `docket failpoints` prints the names:
//!
//! ```text
//! FAILPOINTS='after-commit=20*off->1*return(abort);plant-no-fence=return' docket serve
//! ```
//!
//! At a [`Point`] that can be `panic`, `return(abort)` (the process is gone at once) or `return(hang)` (whoever comes here
//! never goes on), each after so many times `off`. Whatever it is, a line of the log says so first, in the words of
//! [`MARKS`]. A [`Bug`] is there with `return` and is there some of the time with `10%return`. With `poison=return` an order
//! whose note ends with `-poison-panic`, `-poison-abort` or `-poison-hang` does that to whoever works it. Without the
//! feature nothing of this is in the program, and the functions of this file are empty.

macro_rules! named {
    ($(#[$doc:meta])* $list:ident { $($(#[$what:meta])* $name:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $list {
            $($(#[$what])* $name,)*
        }

        impl $list {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// How `FAILPOINTS` names it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

named! {
    /// A moment at which everything may break.
    Point {
        /// An order is about to be stored, and its caller waits.
        BeforeAccept = "before-accept",
        /// It is stored, and its caller does not know.
        AfterAccept = "after-accept",
        /// Work is about to be claimed.
        BeforeClaim = "before-claim",
        /// It is claimed, and its worker does not know.
        AfterClaim = "after-claim",
        /// A step is about to be written as begun.
        BeforeBegin = "before-begin",
        /// It is written, and nothing was done outside.
        AfterBegin = "after-begin",
        /// The end of an attempt is about to be written.
        BeforeSettle = "before-settle",
        /// It is written, and its worker does not know.
        AfterSettle = "after-settle",
        /// What a customer or an operator decided is about to be written.
        BeforeChange = "before-change",
        /// It is written, and they do not know.
        AfterChange = "after-change",
        /// The writer has run its commands and is about to commit.
        BeforeCommit = "before-commit",
        /// The commit is on disk, and nobody has been answered.
        AfterCommit = "after-commit",
        /// All were answered, and nobody who watches has heard.
        BeforePublish = "before-publish",
        /// Money is about to be held.
        BeforeAuthorise = "before-authorise",
        /// It is held, and that is written nowhere.
        AfterAuthorise = "after-authorise",
        /// A parcel is about to be booked.
        BeforeShip = "before-ship",
        /// It is booked, and that is written nowhere.
        AfterShip = "after-ship",
        /// Money is about to be taken.
        BeforeCapture = "before-capture",
        /// It is taken, and that is written nowhere.
        AfterCapture = "after-capture",
        /// A receipt is about to be sent.
        BeforeNotify = "before-notify",
        /// It is sent, and that is written nowhere.
        AfterNotify = "after-notify",
        /// Held money is about to be released.
        BeforeVoid = "before-void",
        /// It is released, and that is written nowhere.
        AfterVoid = "after-void",
        /// Taken money is about to be given back.
        BeforeRefund = "before-refund",
        /// It is given back, and that is written nowhere.
        AfterRefund = "after-refund",
        /// A parcel is about to be cancelled.
        BeforeUnship = "before-unship",
        /// It is cancelled, and that is written nowhere.
        AfterUnship = "after-unship",
    }
}

named! {
    /// A promise broken on purpose, so that whoever checks it can be checked.
    Bug {
        /// Commits are not brought to the disk.
        DurabilityOff = "plant-durability-off",
        /// Each submission counts as the first under its key.
        KeyDropped = "plant-no-unique-key",
        /// Commands are answered, and then committed.
        AnswerBeforeCommit = "plant-answer-before-commit",
        /// Each attempt at a payment has a key of its own, and none looks for what another one did.
        PaymentKeyPerAttempt = "plant-payment-key-per-attempt",
        /// Whoever once held a job may write its end, and is never told that it holds it no more.
        NoFence = "plant-no-fence",
        /// The first worker of a job is told that its lease is renewed, and that is written nowhere: it works on, and so does
        /// the one who is given the job after it. A fence is there for exactly that.
        FirstLeaseForgotten = "plant-first-lease-forgotten",
        /// Who comes back to a stream is not told what happened meanwhile.
        NoResync = "plant-no-resync",
    }
}

/// What the log says of a point where somebody breaks, before its name: in the order of `panic`, `return(abort)`, `return(hang)`.
/// The first one is the word of the crate `fail`.
pub const MARKS: [&str; 3] = ["failpoint", "aborts at", "stays at"];

pub use armed::{IS_BUILT_IN, arm, planted, poison, reach, reach_here};

#[cfg(feature = "torture")]
mod armed {
    use super::{Bug, MARKS, Point};

    /// Whether this program can be broken.
    pub const IS_BUILT_IN: bool = true;

    /// Reads `FAILPOINTS`. Once, when the program starts.
    pub fn arm() {
        std::mem::forget(fail::FailScenario::setup());
    }

    /// A moment in something that others wait for.
    pub async fn reach(point: Point) {
        if is_to_hang(point) {
            std::future::pending::<()>().await;
        }
    }

    /// A moment in a thread of its own.
    pub fn reach_here(point: Point) {
        if is_to_hang(point) {
            loop {
                std::thread::park();
            }
        }
    }

    /// Whether this fault is there, this time.
    pub fn planted(bug: Bug) -> bool {
        value(bug.name()).is_some()
    }

    /// The work of an order begins, and its note may say what becomes of whoever does it.
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

    /// Whether this program can be broken.
    pub const IS_BUILT_IN: bool = false;

    /// Nothing is to be read.
    pub const fn arm() {}

    /// Nothing happens here.
    pub async fn reach(_: Point) {}

    /// Nothing happens here.
    pub const fn reach_here(_: Point) {}

    /// Nothing happens.
    pub async fn poison(_: Option<&str>) {}

    /// No.
    pub const fn planted(_: Bug) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn everything_that_can_be_broken_has_a_name_of_its_own() {
        let points = Point::ALL.iter().map(|point| point.name());
        let names: Vec<_> = points.chain(Bug::ALL.iter().map(|bug| bug.name())).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }

    #[test]
    fn a_program_that_was_not_built_for_it_cannot_be_broken() {
        assert!(IS_BUILT_IN || Bug::ALL.iter().all(|bug| !planted(*bug)));
    }
}
