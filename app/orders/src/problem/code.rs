//! The codes of all problems, with their HTTP status and whether a repeat can work.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal $status:literal $retryable:literal,)*) => {
        /// The codes of all problems.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ProblemCode { $($(#[$doc])* #[serde(rename = $word)] $name,)* }

        impl ProblemCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name on the wire and in addresses.
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
    /// The query string cannot be read.
    MalformedQuery = "malformed-query" 400 false,
    /// An order came without its idempotency key.
    IdempotencyKeyMissing = "idempotency-key-missing" 400 false,
    /// The idempotency key is too long or not printable.
    IdempotencyKeyInvalid = "idempotency-key-invalid" 400 false,
    /// No credentials, or unknown ones.
    Unauthorized = "unauthorized" 401 false,
    /// The caller is not allowed to do that.
    Forbidden = "forbidden" 403 false,
    /// It does not exist, or it belongs to somebody else.
    NotFound = "not-found" 404 false,
    /// The address does not support that method.
    MethodNotAllowed = "method-not-allowed" 405 false,
    /// The first request with this key is still being stored.
    IdempotencyKeyInUse = "idempotency-key-in-use" 409 true,
    /// The order cannot be cancelled any more.
    OrderNotCancellable = "order-not-cancellable" 409 false,
    /// The order is not in a state that allows it.
    WrongState = "wrong-state" 409 false,
    /// The log does not reach back to that cursor.
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
    /// An internal error.
    Internal = "internal" 500 true,
    /// More work than can be accepted now.
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
    /// A step has exhausted its time limit or its attempts.
    OrderStalled = "order-stalled" 422 false,
}

impl ProblemCode {
    /// Returns the code with this name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == word)
    }

    /// Returns the path of the page that explains it.
    pub fn page(self) -> String {
        format!("/problems/{}", self.as_str())
    }
}
