//! Every failure that a caller can meet, with its status, its words, and how to mend it (RFC 9457).

use serde::{Deserialize, Serialize};

use crate::{State, wording};

/// A problem as it is answered: `application/problem+json`, and `order.problem` for what went wrong after the 202.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {detail}", code = .code.as_str())]
pub struct Problem {
    /// The address of the page that explains it.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same for every problem of this code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What it was this time.
    pub detail: String,
    /// What it happened to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The word for programs.
    pub code: ProblemCode,
    /// The words for people.
    pub user: UserWords,
    /// The help page about it.
    pub help: String,
    /// Whether the same request can work later.
    pub retryable: bool,
    /// The request, for asking about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The fields that must change, where there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The state of the order that refused a command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// In how many seconds to come back; answered as `Retry-After`.
    #[serde(skip)]
    pub retry_after: Option<u32>,
}

/// What a person reads about a problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserWords {
    /// One short sentence.
    pub heading: String,
    /// What it means for them.
    pub body: String,
    /// The one next step.
    pub next_step: String,
}

/// One field that must change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// JSON Pointer (RFC 6901) into the request's body.
    pub pointer: String,
    /// What it must be.
    pub detail: String,
}

impl FieldError {
    /// The field at `pointer` must change as `detail` says.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal $status:literal $retryable:literal,)*) => {
        /// The codes of all problems.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ProblemCode { $($(#[$doc])* #[serde(rename = $word)] $name,)* }

        impl ProblemCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word on the wire and in addresses.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The HTTP status.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// Whether the same request can work later.
            pub const fn retryable(self) -> bool {
                match self { $(Self::$name => $retryable,)* }
            }
        }
    };
}

codes! {
    /// The body is not JSON.
    MalformedJson = "malformed-json" 400 false,
    /// The query part of the address cannot be read.
    MalformedQuery = "malformed-query" 400 false,
    /// An order came without its idempotency key.
    IdempotencyKeyMissing = "idempotency-key-missing" 400 false,
    /// The idempotency key is too long or not printable.
    IdempotencyKeyInvalid = "idempotency-key-invalid" 400 false,
    /// No credentials, or none that are known.
    Unauthorized = "unauthorized" 401 false,
    /// The caller may not do that.
    Forbidden = "forbidden" 403 false,
    /// There is no such thing, or it is somebody else's.
    NotFound = "not-found" 404 false,
    /// The address exists, but not for that method.
    MethodNotAllowed = "method-not-allowed" 405 false,
    /// The first request with that key is still being stored.
    IdempotencyKeyInUse = "idempotency-key-in-use" 409 true,
    /// The order is beyond cancelling.
    OrderNotCancellable = "order-not-cancellable" 409 false,
    /// The order is not in a state in which that can be done.
    WrongState = "wrong-state" 409 false,
    /// The log no longer reaches back to that cursor.
    CursorTooOld = "cursor-too-old" 410 false,
    /// The body is larger than 64 KiB.
    BodyTooLarge = "body-too-large" 413 false,
    /// The body is not declared to be JSON.
    UnsupportedMediaType = "unsupported-media-type" 415 false,
    /// A field is missing, unknown or outside its limits.
    ValidationFailed = "validation-failed" 422 false,
    /// A product does not exist.
    UnknownProduct = "unknown-product" 422 false,
    /// The key was used with another body before.
    IdempotencyKeyReused = "idempotency-key-reused" 422 false,
    /// A field holds what looks like the number of a card.
    CardNumberRefused = "card-number-refused" 422 false,
    /// The address of a webhook leads into a private network.
    WebhookAddressRefused = "webhook-address-refused" 422 false,
    /// Too many requests in too short a time.
    RateLimited = "rate-limited" 429 true,
    /// Too many open streams.
    TooManyStreams = "too-many-streams" 429 true,
    /// A fault of ours.
    Internal = "internal" 500 true,
    /// More work than can be taken on now.
    Overloaded = "overloaded" 503 true,
    /// The database cannot be reached or written.
    StorageUnavailable = "storage-unavailable" 503 true,
    /// Whether it was stored is not known.
    CommitUnknown = "commit-unknown" 503 true,
    /// The bank declined the card.
    CardDeclined = "card-declined" 422 false,
    /// The card had not enough money.
    InsufficientFunds = "insufficient-funds" 422 false,
    /// The card has expired.
    CardExpired = "card-expired" 422 false,
    /// The carrier does not know the address.
    AddressUndeliverable = "address-undeliverable" 422 false,
    /// Something ordered is no longer in stock.
    SoldOut = "sold-out" 422 false,
    /// The carrier does not deliver there.
    Undeliverable = "undeliverable" 422 false,
    /// The payment service does not say what became of a payment.
    PaymentUnresolved = "payment-unresolved" 422 false,
    /// The payment service marked the payment as risky.
    SuspectedFraud = "suspected-fraud" 422 false,
    /// The carrier does not say whether it took a booking.
    DeliveryUnresolved = "delivery-unresolved" 422 false,
    /// The parcel came back from its way to the customer.
    ParcelReturned = "parcel-returned" 422 false,
    /// A step has not worked for as long as it may take, or as often as it may be tried.
    OrderStalled = "order-stalled" 422 false,
}

impl ProblemCode {
    /// The code of a word, if there is one.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == word)
    }

    /// The path of the page that explains it.
    pub fn page(self) -> String {
        format!("/problems/{}", self.as_str())
    }
}

impl Problem {
    /// A problem with the general words of its code. Its `type` is a path until [`Problem::published_at`].
    pub fn new(code: ProblemCode) -> Self {
        let words = wording::problem_words(code);
        Self {
            kind: code.page(),
            title: words.title.to_owned(),
            status: code.status(),
            detail: words.body.to_owned(),
            instance: None,
            code,
            user: UserWords {
                heading: words.heading.to_owned(),
                body: words.body.to_owned(),
                next_step: words.next_step.to_owned(),
            },
            help: format!("/help/{}", code.as_str()),
            retryable: code.retryable(),
            request_id: None,
            errors: Vec::new(),
            state: None,
            retry_after: None,
        }
    }

    /// What it was this time.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// What it happened to.
    #[must_use]
    pub fn instance(mut self, path: impl Into<String>) -> Self {
        self.instance = Some(path.into());
        self
    }

    /// The fields that must change.
    #[must_use]
    pub fn errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// The state of the order that refused.
    #[must_use]
    pub fn state(mut self, state: State) -> Self {
        self.state = Some(state);
        self
    }

    /// When to come back, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Makes `type` a whole address under the public base address.
    #[must_use]
    pub fn published_at(mut self, public_url: &str) -> Self {
        if self.kind.starts_with('/') {
            self.kind.insert_str(0, public_url);
        }
        self
    }
}
