//! Help about delivery.

use super::topic::Topic;

pub(super) const TOPICS: &[Topic] = &[
    Topic {
        slug: "address",
        title: "How to write an address",
        happens: &[
            "Country first: the form then asks for what an address has there, in the order in which it is written. Where there \
             are no postcodes, none is asked.",
            "Street and number: both in one line, as you would write it on a letter. Staircase, floor or flat have a second line.",
            "Postcode and city: they belong together. A postcode of the next town is often why a carrier does not know an \
             address. The example beside the postcode shows how most of them look; another one is taken, too.",
            "Name on the parcel: yours, unless you name somebody else or a company. It has to stand at the door or on the letter \
             box.",
        ],
        money: Some("The total of the order is all that you pay; another address does not change it."),
        next: "Look at the postcode and the number once more before you send the order. When the carrier does not know an \
               address, the page of the order asks for another one; to change one that it knows, cancel and order again.",
        also: &["address-undeliverable", "changing"],
    },
    Topic {
        slug: "shipped",
        title: "When your parcel is on its way",
        happens: &[
            "The carrier has your parcel. The page of the order names the carrier and its tracking number, and Follow the parcel \
             opens the carrier's own page about it.",
            "From here on the order cannot be cancelled.",
        ],
        money: Some("The order was paid when it was confirmed. With an invoice nothing was charged."),
        next: "Follow the parcel. If nobody can take it in, ask the carrier and name the tracking number.",
        also: &["delivered", "parcel-returned"],
    },
    Topic {
        slug: "delivered",
        title: "Delivered, and something is not right",
        happens: &[
            "An order is delivered when the carrier tells us that it handed the parcel over.",
            "Not there? Look at the carrier's page, which often says who took it, and ask your neighbours.",
            "Something is missing, damaged, or not what you ordered? That is for the shop. The people there find everything about \
             your order by its number.",
        ],
        money: Some(
            "The order is paid, or you pay it by invoice. What you get back after a delivery, the shop decides with you.",
        ),
        next: "Ask the carrier about a parcel that did not come, and the shop about what was in it. Name the number of the order.",
        also: &["shipped", "receipt"],
    },
    Topic {
        slug: "undeliverable",
        title: "When the carrier does not deliver there",
        happens: &[
            "The carrier does not go to this address, or it did not know it and no other was given in the time your items were \
             held. So the order ended, and the items are back on the shelf.",
        ],
        money: Some(
            "Nothing was charged. What was held on your card is released at once; your bank shows that within a few days.",
        ),
        next: "Choose Order again on the page of the order, and give another address at checkout.",
        also: &["address", "cancelled"],
    },
    Topic {
        slug: "delivery-unresolved",
        title: "When a delivery has to be cleared up",
        happens: &[
            "The carrier did not tell us whether it took the booking, however often we asked. We do not book blindly once more, \
             because two parcels could be sent. A person at the shop finds out.",
            "Your items stay set aside until then.",
        ],
        money: Some("The total is held on your card and not charged. With an invoice nothing is held."),
        next: "You do not need to do anything; we write to you when the order goes on or ends. You can cancel it meanwhile.",
        also: &["in-review", "changing"],
    },
    Topic {
        slug: "parcel-returned",
        title: "When your parcel came back",
        happens: &[
            "The carrier could not hand the parcel over and brought it back. A person at the shop decides whether it goes out \
             again or the order ends.",
        ],
        money: Some(
            "You paid once. If the parcel does not go out again, the whole amount goes back to your card.",
        ),
        next: "You do not need to do anything; we write to you when it goes out again or the order ends. If you do not want it \
               any more, cancel on the page of the order.",
        also: &["in-review", "money-back"],
    },
];
