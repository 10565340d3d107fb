//! The help pages: short texts that say what happens, whether money moved, and what to do.

use crate::ProblemCode;
use crate::wording::problem_words;

/// One help page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelpPage {
    /// The last part of its address.
    pub slug: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Its paragraphs.
    pub paragraphs: Vec<&'static str>,
    /// How the author of a program mends it, on pages about a problem.
    pub mend: Option<&'static str>,
}

struct Topic(&'static str, &'static str, &'static [&'static str]);

const TOPICS: &[Topic] = &[
    Topic(
        "received",
        "We have your order: what happens now",
        &[
            "The moment you see an order number, your order is saved on disk. Closing the page, a flat battery or a lost \
             connection changes nothing about it.",
            "We then set your items aside, check the payment, book the delivery, and take the payment, in this order. \
             Nothing is charged before the delivery is booked.",
            "The page of your order shows each of these steps as it happens. You can come back to it at any time; its \
             address does not change.",
        ],
    ),
    Topic(
        "processing",
        "While your order is being prepared",
        &[
            "There is no need to wait. The page changes by itself, and so does the counter at the top of every page.",
            "First your items are set aside, then the amount is held on your card. A hold is not a charge: if anything \
             stands in the way of the delivery, it is released.",
            "You can cancel as long as the parcel is not with the carrier.",
        ],
    ),
    Topic(
        "delayed",
        "When it takes longer than usual",
        &[
            "Sometimes a payment service or a carrier does not answer. Your order stays saved, and we try again by \
             ourselves, first after moments, then about once a minute.",
            "Each attempt carries the same key, so the payment service can tell a repeat from a new payment. You are not \
             charged twice.",
            "You do not need to order again. If you would rather not wait, you can cancel on the page of the order.",
        ],
    ),
    Topic(
        "in-review",
        "When an order is checked by hand",
        &[
            "Some orders need a person: the payment service marked the payment as unusual, a service did not tell us what \
             became of what we asked, or a parcel came back.",
            "While the order waits, nothing more is charged, and its page says whether money moved so far. It shows the \
             decision as soon as it is made, and you can cancel until then.",
        ],
    ),
    Topic(
        "confirmed",
        "Your order is confirmed",
        &[
            "Your items are set aside, the delivery is booked and the payment is made. You get a receipt by mail.",
            "Until the carrier has the parcel you can cancel on the page of the order, and the whole amount goes back to \
             your card.",
        ],
    ),
    Topic(
        "shipped",
        "On its way",
        &[
            "The carrier has your parcel. The page of the order shows the carrier's tracking number.",
            "From here on the order cannot be cancelled, but it can be sent back.",
        ],
    ),
    Topic(
        "delivered",
        "Delivered, and something is not right",
        &[
            "Look with neighbours and at the carrier's page first: parcels are sometimes handed over next door.",
            "If something is missing or damaged, answer the mail with your receipt and name the order number.",
        ],
    ),
    Topic(
        "cancelling",
        "While your order is being cancelled",
        &[
            "What was done is undone, the last thing first: a charge is paid back, a booked delivery is called off, a hold \
             is released, and the items go back on the shelf.",
            "If a service does not answer, we repeat it until it is done.",
        ],
    ),
    Topic(
        "cancelled",
        "Your order is cancelled",
        &[
            "A hold on your card is released at once; your bank shows it within a few days. A charge goes back to the card \
             in 5–10 days.",
            "The page of the order says which of the two it was, or that nothing was charged at all.",
        ],
    ),
    Topic(
        "tracking",
        "Following an order without an account",
        &[
            "Everybody who orders gets a private link to the order. Whoever has the link can see the order and cancel it, so \
             share it with care.",
            "In the browser you ordered with, the page Your orders lists all your orders without any link.",
        ],
    ),
    Topic(
        "paying",
        "Paying",
        &[
            "The amount is held on your card first and charged only when the delivery is booked.",
            "We never see the number of your card: your browser hands it to the payment service, and we work with a token \
             of theirs. In the sample shop the cards are test cards.",
            "With an invoice nothing is held or charged; you pay when you have the goods.",
        ],
    ),
    Topic(
        "offline",
        "When the connection is lost",
        &[
            "Your order goes on without this page. The page says from when its status is, and catches up when the connection \
             is back.",
            "If you were just sending an order and saw no number, send it again: the form carries a key, and the same key \
             never makes two orders.",
        ],
    ),
];

/// All help pages: the topics, then one for each problem.
pub fn pages() -> Vec<HelpPage> {
    let topics = TOPICS.iter().map(|Topic(slug, title, paragraphs)| HelpPage {
        slug,
        title,
        paragraphs: paragraphs.to_vec(),
        mend: None,
    });
    topics.chain(ProblemCode::ALL.iter().copied().map(of_problem)).collect()
}

/// The help page at `/help/{slug}`, if there is one.
pub fn page(slug: &str) -> Option<HelpPage> {
    pages().into_iter().find(|page| page.slug == slug)
}

/// The page about a problem.
pub fn of_problem(code: ProblemCode) -> HelpPage {
    let words = problem_words(code);
    HelpPage {
        slug: code.as_str(),
        title: words.heading,
        paragraphs: vec![words.body, words.next_step],
        mend: Some(words.mend),
    }
}
