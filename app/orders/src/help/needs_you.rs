//! Help about questions that only the customer can answer.

use super::topic::Topic;

const HELD: &str = "Your items stay set aside for you meanwhile. The page of your order says until when, and we wrote to you, \
     too. If nothing is mended by then, the order ends by itself and the items go back on the shelf.";
const NOTHING_CHARGED: &str = "Nothing was charged, and nothing is held on this card. Some banks show a payment that they declined \
     for a few days all the same; it disappears without anybody having taken it.";

pub(super) const TOPICS: &[Topic] = &[
    Topic {
        slug: "card-declined",
        title: "Why banks decline cards",
        happens: &[
            "The bank that gave you the card did not allow this payment. Often there is a limit for a day or for payments on \
             the web, the card is blocked for shops abroad, or payments on the web have to be switched on first. Banks tell us \
             nothing more than that they declined; they tell their own customers why.",
            "Sometimes a bank cannot look at a card at all for a while. The page of your order says so when that is the case. We \
             ask several times before we ask you.",
            HELD,
        ],
        money: Some(NOTHING_CHARGED),
        next: "Choose another card on the page of your order; it stays the same order. The same card works, too, once your \
               bank allows the payment: most say why in their app, or when you call them. You can also cancel the order there.",
        also: &["insufficient-funds", "card-expired", "paying", "changing"],
    },
    Topic {
        slug: "insufficient-funds",
        title: "When the card does not have enough money",
        happens: &[
            "The bank answered that there is not enough money for the total of the order. On a credit card that means its limit. \
             What hotels or filling stations hold on a card counts, too, although it was not paid.",
            HELD,
        ],
        money: Some(NOTHING_CHARGED),
        next: "Choose another card on the page of your order, or put money on this one and choose it again. It stays the same \
               order. You can also cancel it there.",
        also: &["card-declined", "paying", "changing"],
    },
    Topic {
        slug: "card-expired",
        title: "When the card has expired",
        happens: &[
            "The month on the card is over, or the bank has sent you a new card and closed this one.",
            HELD,
        ],
        money: Some(NOTHING_CHARGED),
        next: "Choose another card on the page of your order; it stays the same order. You can also cancel it there.",
        also: &["card-declined", "paying", "changing"],
    },
    Topic {
        slug: "address-undeliverable",
        title: "When the carrier does not know the address",
        happens: &[
            "Before it takes a parcel on, the carrier looks at where it is to go. It did not find this address. Mostly \
             something small is the matter: a figure of the postcode, a postcode of the next town, a street without its number.",
            "If the address is right and still not known, as happens in new streets, give one nearby where somebody takes the \
             parcel in for you: a neighbour, or where you work.",
            HELD,
        ],
        money: Some(
            "The total is held on your card and not charged. It is charged once the delivery is booked; if the order ends, it is \
             released. With an invoice nothing is held or charged.",
        ),
        next: "Correct the address on the page of your order; it stays the same order. When the carrier does not know that one \
               either, the page says so, and you can correct it again. You can also cancel the order there.",
        also: &["address", "undeliverable", "changing"],
    },
];
