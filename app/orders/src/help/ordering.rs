//! Help about ordering, from the cart to a confirmed order.

use super::topic::Topic;

pub(super) const TOPICS: &[Topic] = &[
    Topic {
        slug: "received",
        title: "What happens after you order",
        happens: &[
            "The moment you see an order number, your order is saved. Closing the page, a flat battery or a lost connection \
             changes nothing about it.",
            "Then your items are set aside, the total is held on your card, the delivery is booked, the total is charged, and \
             the receipt is sent, in this order. When everybody answers, all of it takes seconds.",
            "The page of your order shows each of these steps as it happens. Its address does not change, so you can come back \
             at any time.",
        ],
        money: Some(
            "Nothing is charged before the delivery is booked. Until then the total is only held on your card, and a hold that \
             is not needed is released.",
        ),
        next: "You do not need to do anything. If something needs you, the page of the order says so, and we write to you.",
        also: &["processing", "paying", "finding", "notifications"],
    },
    Topic {
        slug: "processing",
        title: "While your order is being prepared",
        happens: &[
            "There is no need to wait. The page changes by itself, and so does the number of orders at the top of every page.",
            "Once the shop has enough recent orders to judge by, the page says by when such an order is usually done. If yours \
             is not done long after that, the page says that it takes longer than usual; it goes on all the same.",
        ],
        money: Some(
            "First the total is held on your card, and a hold is not a charge. It is charged once the delivery is booked. If \
             anything stands in the way of that, it is released.",
        ),
        next: "Close the page if you like. You can cancel until the carrier has the parcel.",
        also: &["delayed", "paying", "changing"],
    },
    Topic {
        slug: "delayed",
        title: "When it takes longer than usual",
        happens: &[
            "Sometimes the payment service or the carrier does not answer. Your order stays saved, and we try again by \
             ourselves, first after moments, then about once a minute.",
            "If that does not help for long, a person looks at the order, and its page says so.",
        ],
        money: Some(
            "You are not charged twice. Each attempt carries the same key, so the payment service can tell a repeat from a new \
             payment. The page of the order says whether money is held or charged so far.",
        ),
        next: "You do not need to do anything, and you do not need to order again. If you would rather not wait, cancel on the \
               page of the order.",
        also: &["order-stalled", "changing", "money-back"],
    },
    Topic {
        slug: "confirmed",
        title: "When your order is confirmed",
        happens: &[
            "Your items are set aside, the delivery is booked, the payment is made, and the receipt goes out by mail.",
            "Next the carrier fetches the parcel. Then the page says that it is on its way, and we write to you.",
        ],
        money: Some("The total was charged to your card, once. With an invoice nothing was charged."),
        next: "You do not need to do anything. Until the carrier has the parcel you can cancel on the page of the order, and the \
               whole amount goes back to your card.",
        also: &["receipt", "shipped", "changing"],
    },
    Topic {
        slug: "changing",
        title: "Changing or cancelling an order",
        happens: &[
            "An order can be cancelled until the carrier has the parcel: open its page and choose Cancel order. The page says \
             what becomes of the money and asks once more before anything happens.",
            "What was ordered cannot be changed. Cancel the order and choose Order again on its page: that fills your cart with \
             the same items, and you change the cart before you send it.",
            "Another card or another address can be given when the page of the order asks for one.",
        ],
        money: Some(
            "When you cancel, a hold on your card is released. A charge goes back to the card in 5–10 days, all of it.",
        ),
        next: "Open the order under Your orders, or by the link in a mail about it.",
        also: &["cancelling", "money-back", "finding"],
    },
    Topic {
        slug: "cancelling",
        title: "While your order is being cancelled",
        happens: &[
            "What was done is undone, the last thing first: a charge is paid back, a booked delivery is called off, a hold is \
             released, and the items go back on the shelf.",
            "If a service does not answer, we repeat it until it is done.",
        ],
        money: Some("The page of the order says what goes back to you, and when it is done."),
        next: "You do not need to do anything. We write to you when everything is undone.",
        also: &["money-back", "cancelled"],
    },
    Topic {
        slug: "cancelled",
        title: "After an order has ended",
        happens: &[
            "The page of the order says why it ended: you cancelled it, the shop did, or something made it impossible. Nothing \
             of it is sent, and the items are back on the shelf.",
        ],
        money: Some(
            "Either nothing was charged, or all of it goes back: a hold is released at once, and your bank shows that within a \
             few days; a charge is back on your card in 5–10 days. The page of the order says which of the two it is.",
        ),
        next: "To have the same after all, choose Order again on the page of the order. It fills your cart, as far as the shop \
               still has the items.",
        also: &["money-back", "sold-out"],
    },
    Topic {
        slug: "sold-out",
        title: "When something was sold out",
        happens: &[
            "Items are set aside when you order, not while they are in the cart. Somebody else was quicker with the last one.",
            "An order goes out as a whole, so this one ended.",
        ],
        money: Some("Nothing was held on your card, and nothing was charged."),
        next: "Choose Order again on the page of the order. The cart shows what is still there; take out the rest.",
        also: &["cancelled", "changing"],
    },
    Topic {
        slug: "in-review",
        title: "When an order is checked by hand",
        happens: &[
            "Some orders need a person: the payment service marked the payment as unusual, a service did not tell us what became \
             of what we asked it for, or a parcel came back.",
            "The page of the order says which it is. It shows the decision as soon as it is made, and your items stay set aside \
             until then.",
        ],
        money: Some(
            "While the order waits, nothing more is charged. Its page says whether money moved so far.",
        ),
        next: "You do not need to do anything; we write to you when the order goes on or ends. You can cancel it meanwhile.",
        also: &["suspected-fraud", "payment-unresolved", "delivery-unresolved", "parcel-returned"],
    },
    Topic {
        slug: "suspected-fraud",
        title: "When a payment looks unusual",
        happens: &[
            "The payment service marks some payments as unusual; it does not tell us why, and it means nothing about you. A \
             person at the shop looks at the order and lets it go on, or ends it.",
        ],
        money: Some(
            "The total is held on your card and not charged. It is charged when the order goes on, and released when it ends.",
        ),
        next: "You do not need to do anything while it is checked. If the order was ended, order again and pay with another card \
               or by invoice.",
        also: &["in-review", "money-back"],
    },
    Topic {
        slug: "order-stalled",
        title: "When an order cannot go on by itself",
        happens: &[
            "A step of the order did not work for so long, or broke off so often, that trying once more is not enough. A person \
             at the shop sees to it. Your order is safe, and your items stay set aside.",
        ],
        money: Some(
            "Nothing is charged twice. The page of the order says whether money is held or charged so far.",
        ),
        next: "You do not need to do anything; we write to you when the order goes on or ends. You can cancel it meanwhile.",
        also: &["delayed", "changing"],
    },
    Topic {
        slug: "validation-failed",
        title: "When a form needs another look",
        happens: &[
            "A field is empty, or holds something that cannot be used. The words beside it say what is needed. What you typed is \
             kept.",
            "An order has room for 50 different products, and for 999 of each.",
        ],
        money: Some("Nothing was ordered, and nothing was charged."),
        next: "Change the marked fields and send the form again.",
        also: &["address", "offline"],
    },
    Topic {
        slug: "idempotency-key-reused",
        title: "When an order was sent before",
        happens: &[
            "Every cart carries a key, and one key never makes two orders. So a double click, a page that was loaded again or an \
             answer that got lost leave you with one order.",
            "If you change something and send the same cart once more, the first order stands as it is. The page says so before \
             it makes a second one.",
        ],
        money: Some("Only the order that stands is charged."),
        next: "Look at your orders. To have a second one all the same, send the form once more.",
        also: &["offline", "changing"],
    },
    Topic {
        slug: "offline",
        title: "When the connection is lost",
        happens: &[
            "Your order goes on without this page. The page says from when its status is, and catches up when the connection is \
             back.",
            "If you were just sending an order, the page keeps it and sends it as soon as it can, for as long as you leave it \
             open. It carries a key, and one key never makes two orders.",
        ],
        money: Some("An order that did not reach us costs nothing."),
        next: "Leave the page open. If you closed it before you saw an order number, look at your orders; if it is not there, \
               order again.",
        also: &["idempotency-key-reused", "finding"],
    },
    Topic {
        slug: "overloaded",
        title: "When the shop is too busy",
        happens: &[
            "We do not take an order that we could not work soon. Instead of letting you wait, the page says so at once. Orders \
             that have a number are not touched by it.",
        ],
        money: Some("Nothing was ordered, and nothing was charged."),
        next: "Try again in a moment. Your cart is kept.",
        also: &["offline", "delayed"],
    },
];
