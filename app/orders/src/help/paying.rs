//! Help about payment.

use super::topic::Topic;

pub(super) const TOPICS: &[Topic] = &[
    Topic {
        slug: "paying",
        title: "How paying works",
        happens: &[
            "You choose a card or an invoice at checkout. With a card, the total is held first, which makes sure that it is \
             there. It is charged once the delivery is booked.",
            "The shop works with a token of the payment service that stands for your card, never with its number. A text that \
             looks like the number of a card is refused and not kept.",
            "Where the foot of the page says Sandbox, the cards are test cards, and no money moves at all.",
        ],
        money: Some(
            "A hold is not a charge: the money stays yours, and you cannot spend it elsewhere for now. The page of the order \
             always says which of the two it is. The total is charged once, whatever has to be repeated on the way.",
        ),
        next: "If a card does not work, the page of the order asks for another one.",
        also: &["card-declined", "invoice", "money-back", "receipt"],
    },
    Topic {
        slug: "invoice",
        title: "Paying by invoice",
        happens: &[
            "With an invoice no card is needed, and the order goes on without a payment. You owe the shop the total and pay it as \
             you have agreed with the shop.",
        ],
        money: Some(
            "Nothing is held and nothing is charged here. When the order is cancelled, there is nothing to pay back.",
        ),
        next: "Keep the receipt: the number of the order and the total are on it.",
        also: &["receipt", "paying"],
    },
    Topic {
        slug: "receipt",
        title: "Your receipt",
        happens: &[
            "When the order is confirmed, we send the receipt to the e-mail address that you gave. If that does not work at once, \
             we repeat it; the order does not wait for it.",
            "The page of the order is a receipt, too. Print it, or choose PDF where the browser asks for a printer: the paper has \
             the number, the date, what you ordered, the address, the total and the payment, and no buttons.",
        ],
        money: Some("The receipt says what was paid and with which card. Prices include tax."),
        next: "No receipt? Look where your mail program keeps unwanted mail, and print the page of the order.",
        also: &["confirmed", "finding"],
    },
    Topic {
        slug: "money-back",
        title: "Getting money back",
        happens: &[
            "When an order is cancelled or cannot be completed, everything goes back to you: the whole amount, to the card that \
             it came from. Nobody has to ask for it.",
            "If the payment service does not answer, we repeat it until it is done. The order is cancelled only when nothing of \
             it is left.",
        ],
        money: Some(
            "Money that was only held never left you: it is released at once, and your bank shows that within a few days. Money \
             that was charged is back on your card in 5–10 days; that is the time banks take.",
        ),
        next: "The page of the order says which of the two it is. If the money is not back after 10 days, ask your bank; \
               Everything that happened, on the page of the order, has the day and the time.",
        also: &["cancelling", "cancelled", "paying"],
    },
    Topic {
        slug: "payment-unresolved",
        title: "When a payment has to be cleared up",
        happens: &[
            "The payment service did not tell us what became of your payment, however often we asked. We do not try it blindly \
             once more, because you could pay twice. A person at the shop finds out.",
            "Your items stay set aside until then.",
        ],
        money: Some(
            "The total may be held on your card or charged. Whatever it is, it counts for this order once, or it goes back to \
             you.",
        ),
        next: "You do not need to do anything; we write to you when the order goes on or ends. You can cancel it meanwhile.",
        also: &["in-review", "delayed", "money-back"],
    },
];
