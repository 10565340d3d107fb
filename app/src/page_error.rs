//! The error that a page shows.

use orders::Problem;
use serde::{Deserialize, Serialize};

/// Why something was not done, in words for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageError {
    /// The HTTP status; 0 without an answer.
    pub status: u16,
    /// One short sentence.
    pub heading: String,
    /// What it means for them.
    pub body: String,
    /// The one next step.
    pub next_step: String,
    /// The help page about it.
    pub help: String,
}

impl PageError {
    /// Returns an error with its own texts.
    pub fn new(status: u16, heading: &str, body: &str, next_step: &str, help: &str) -> Self {
        Self {
            status,
            heading: heading.to_owned(),
            body: body.to_owned(),
            next_step: next_step.to_owned(),
            help: help.to_owned(),
        }
    }

    /// Returns the error of a request without an answer.
    pub fn offline() -> Self {
        Self::new(
            0,
            "The connection is lost",
            "Nothing you typed is lost, and orders you sent go on without this page.",
            "Try again when you are connected.",
            "/help/offline",
        )
    }

    /// Returns the error of an order that got no answer and is retried.
    pub fn kept() -> Self {
        Self::new(
            0,
            "There is no connection, so we keep your order here",
            "We send it as soon as the connection is back. It carries a key, so it never becomes two orders.",
            "Leave this page open.",
            "/help/offline",
        )
    }

    /// Returns the error of an unreadable answer: it comes from a newer version of the site, or from a proxy.
    pub fn outdated() -> Self {
        Self::new(
            502,
            "This page needs to be loaded again",
            "The shop has changed while it was open. Orders you sent are safe.",
            "Load the page again.",
            "/help/offline",
        )
    }

    /// Returns the error of an answer that has no texts, by its status.
    pub fn of_status(status: u16) -> Self {
        match status {
            429 => Self::new(
                429,
                "That was a lot in a short time",
                "There is a limit for each minute. Nothing of this was stored.",
                "Try again in a minute.",
                "/help/rate-limited",
            ),
            503 => Self::new(
                503,
                "We cannot take this just now",
                "Nothing of this was stored, and orders you sent are safe.",
                "Try again in a moment.",
                "/help/overloaded",
            ),
            _ => Self::outdated(),
        }
    }

    /// Whether the request was not sent, so that it can be repeated unchanged.
    pub fn is_offline(&self) -> bool {
        self.status == 0
    }
}

impl From<Problem> for PageError {
    fn from(problem: Problem) -> Self {
        Self {
            status: problem.status,
            heading: problem.user.heading,
            body: problem.user.body,
            next_step: problem.user.next_step,
            help: problem.help,
        }
    }
}
