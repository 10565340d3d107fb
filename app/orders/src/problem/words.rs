//! The texts of problems.

use super::code::ProblemCode;

/// The general texts of a problem code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProblemWords {
    /// Its title, for programs and their authors.
    pub title: &'static str,
    /// One short sentence for people.
    pub heading: &'static str,
    /// What it means for them.
    pub body: &'static str,
    /// The one next step.
    pub next_step: &'static str,
    /// How the author of a program corrects it.
    pub mend: &'static str,
}

impl ProblemCode {
    /// Returns the texts of this code.
    pub const fn words(self) -> ProblemWords {
        use ProblemCode as P;
        let (title, heading, body, next_step, mend) = match self {
            P::MalformedJson => (
                "The body is not JSON",
                "We could not read this request",
                "The body is not well-formed JSON. Nothing was stored.",
                "Check the body and send it again.",
                "Send one JSON object, encoded in UTF-8. The detail names line and column where reading stopped.",
            ),
            P::MalformedQuery => (
                "The query cannot be read",
                "We could not read this address",
                "A part after the question mark is unknown or has a value outside its limits.",
                "Check the address.",
                "The detail names the parameter. The API document lists the parameters of each call with their limits.",
            ),
            P::IdempotencyKeyMissing => (
                "The Idempotency-Key header is missing",
                "The order was not sent completely",
                "The request came without its key, so a repeat could have made a second order. Nothing was stored.",
                "Send it again with a key.",
                "Add the header Idempotency-Key with 1 to 255 printable characters, new for each order you mean to make, and \
             the same for every repeat of it. A UUID does well.",
            ),
            P::IdempotencyKeyInvalid => (
                "The Idempotency-Key cannot be used",
                "The order was not sent completely",
                "The key of the request is empty, too long, or not printable. Nothing was stored.",
                "Send it again with another key.",
                "Use 1 to 255 printable ASCII characters. A UUID does well.",
            ),
            P::Unauthorized => (
                "Credentials are needed",
                "This needs you to be signed in",
                "We do not know who is asking.",
                "Sign in, or send a key.",
                "Send the header Authorization: Bearer followed by an API key, made with: docket key create.",
            ),
            P::Forbidden => (
                "This caller may not do that",
                "This is not open to you",
                "The request came from another site, or your key does not cover it. Nothing was changed.",
                "Go back to the shop and try from there.",
                "Requests with a cookie must come from Docket's own pages. Programs send an API key with the scope that the \
             call needs, and no cookie.",
            ),
            P::NotFound => (
                "There is no such thing here",
                "There is nothing at this address",
                "It may never have been here, or it belongs to somebody else.",
                "Check the address, or look at your orders.",
                "Check the id. An order of another caller is answered in the same way as one that does not exist.",
            ),
            P::MethodNotAllowed => (
                "The address does not take that method",
                "This address works differently",
                "The address exists, but not for this kind of request. Nothing was changed.",
                "Go back and use the buttons of the page.",
                "The Allow header lists the methods of this address.",
            ),
            P::IdempotencyKeyInUse => (
                "The first request with this key is still being stored",
                "We are already saving this order",
                "The same order arrived a moment ago and is being stored. It will not be made twice.",
                "Ask again in a second.",
                "Send the same request with the same key again after the time in Retry-After.",
            ),
            P::OrderNotCancellable => (
                "The order cannot be cancelled any more",
                "This order is already on its way",
                "It is with the carrier, so it cannot be cancelled. Nothing was changed.",
                "Look at its page, which names the carrier.",
                "The field state holds the order's state. Orders can be cancelled until the carrier has them.",
            ),
            P::WrongState => (
                "The order is not in a state for that",
                "This is not needed any more",
                "The order has moved on since you opened the page. Nothing was changed.",
                "Look at the order as it is now.",
                "The field state holds the order's state; its actions list what can be done now.",
            ),
            P::CursorTooOld => (
                "The log no longer reaches back to that cursor",
                "You have been away for long",
                "The changes since then are no longer kept one by one.",
                "Load the page again.",
                "Read the order or the list again, then follow the events from the sequence of its snapshot.",
            ),
            P::BodyTooLarge => (
                "The body is too large",
                "That was too much at once",
                "A request has at most 64 KiB. Nothing was stored.",
                "Send less at once.",
                "Keep the body within 65,536 bytes; an order has at most 50 lines.",
            ),
            P::UnsupportedMediaType => (
                "The body must be JSON",
                "We could not read this request",
                "The body is not declared as JSON. Nothing was stored.",
                "Send it as JSON.",
                "Send the header Content-Type: application/json.",
            ),
            P::ValidationFailed => (
                "Some fields need another value",
                "Some fields need another look",
                "What you typed is kept. Nothing was ordered so far, and nothing was charged.",
                "Change the marked fields and send it again.",
                "The list errors has a JSON Pointer to each field and what it must be. Unknown fields are refused too, \
             prices among them: they come from the catalogue.",
            ),
            P::UnknownProduct => (
                "A product does not exist",
                "Something in your cart is no longer sold",
                "Nothing was ordered, and nothing was charged.",
                "Take it out of the cart and order the rest.",
                "The list errors points to the lines. GET /api/v1/products lists what is sold.",
            ),
            P::IdempotencyKeyReused => (
                "The key was used with another body",
                "This order was sent before",
                "You sent this form before, with other contents. The first order stands; this one was not stored.",
                "Look at your orders.",
                "Use a new key for a new order, and the same body for a repeat.",
            ),
            P::CardNumberRefused => (
                "A field holds a card number",
                "That looks like a card number",
                "We never take card numbers, so nothing of this was stored.",
                "Take the number out of the marked field.",
                "Send a token of the payment service instead of a card number, and no card number in any other field.",
            ),
            P::WebhookAddressRefused => (
                "The address of the webhook cannot be used",
                "Events cannot be sent to this address",
                "The address leads into a private network, or it is not an https address. Nothing was stored.",
                "Give an https address that everybody on the internet can reach.",
                "Use https and a host name that resolves to public addresses only: loopback, link-local and private networks are \
             refused, here and again at each delivery.",
            ),
            P::RateLimited => (
                "Too many requests",
                "That was a lot in a short time",
                "To keep the desk quick for everybody, there is a limit for each minute. Nothing was stored.",
                "Try again in a moment.",
                "Wait for the seconds in Retry-After. RateLimit tells what is left.",
            ),
            P::TooManyStreams => (
                "Too many open streams",
                "Too many pages are following orders",
                "This page still works; it is only not updated by itself.",
                "Close another tab and load this page again.",
                "Close streams that nobody reads. One stream of all orders is cheaper than one for each.",
            ),
            P::Internal => (
                "A fault of ours",
                "Something went wrong on our side",
                "We have noted it. An order that we acknowledged is safe.",
                "Try again in a moment.",
                "Repeat the request with the same key: that is always safe. Quote the request id when you ask about it.",
            ),
            P::Overloaded => (
                "More work than can be taken on now",
                "We are very busy right now",
                "We do not take orders that we could not work soon. Nothing was stored, and nothing was charged.",
                "Try again in a moment; your cart is kept.",
                "Wait for the seconds in Retry-After and repeat the request with the same key.",
            ),
            P::StorageUnavailable => (
                "The order could not be stored",
                "We could not save this just now",
                "Nothing was stored, and nothing was charged.",
                "Try again in a moment; your cart is kept.",
                "Wait for the seconds in Retry-After and repeat the request with the same key.",
            ),
            P::CommitUnknown => (
                "Whether it was stored is not known",
                "We are not certain that this was saved",
                "It was interrupted while saving. Sending it again cannot make a second order.",
                "Send it again in a moment.",
                "Repeat the request with the same key after the time in Retry-After: the answer says what happened.",
            ),
            P::CardDeclined => (
                "The card was declined",
                "Your bank declined the card",
                "Nothing was charged. Your items are held for you.",
                "Use another card.",
                "POST another payment token to the order's action payment.",
            ),
            P::InsufficientFunds => (
                "The card did not have enough money",
                "The card did not have enough money",
                "Nothing was charged. Your items are held for you.",
                "Use another card.",
                "POST another payment token to the order's action payment.",
            ),
            P::CardExpired => (
                "The card has expired",
                "This card has expired",
                "Nothing was charged. Your items are held for you.",
                "Use another card.",
                "POST another payment token to the order's action payment.",
            ),
            P::AddressUndeliverable => (
                "The carrier does not know the address",
                "We cannot deliver to this address",
                "The carrier does not know it. Nothing was charged, and your items are held for you.",
                "Correct the address.",
                "POST the corrected address to the order's action address.",
            ),
            P::SoldOut => (
                "Something ordered is sold out",
                "Something in your order was sold out",
                "Somebody was quicker. The order ended, and you keep your money.",
                "Order again without it.",
                "Read the stock of the products and make a new order with a new key.",
            ),
            P::Undeliverable => (
                "The carrier does not deliver there",
                "The carrier cannot deliver to this address",
                "The order ended, and you keep your money.",
                "Order again to another address.",
                "Make a new order with a new key and another address.",
            ),
            P::PaymentUnresolved => (
                "What became of a payment is not known",
                "We are clearing up your payment",
                "The payment service has not told us what became of it. You will not be charged twice.",
                "You do not need to do anything.",
                "The order waits for an operator; follow its events.",
            ),
            P::SuspectedFraud => (
                "The payment is checked by hand",
                "We are checking your order by hand",
                "This happens on some orders. Nothing was charged so far.",
                "You do not need to do anything.",
                "The order waits for an operator; follow its events.",
            ),
            P::DeliveryUnresolved => (
                "Whether the delivery is booked is not known",
                "We are clearing up your delivery",
                "The carrier has not told us whether it took the booking. There will not be two parcels.",
                "You do not need to do anything.",
                "The order waits for an operator; follow its events.",
            ),
            P::ParcelReturned => (
                "The parcel came back",
                "Your parcel came back to us",
                "The carrier could not hand it over. It goes out again, or you get your money back.",
                "You do not need to do anything.",
                "The order waits for an operator; follow its events.",
            ),
            P::OrderStalled => (
                "The order cannot go on by itself",
                "We are seeing to your order by hand",
                "Something has kept it waiting for too long, so a person sees to it. Your order is safe.",
                "You do not need to do anything.",
                "The order waits for an operator; follow its events.",
            ),
        };
        ProblemWords { title, heading, body, next_step, mend }
    }
}
