//! Help about finding orders and about privacy.

use super::topic::Topic;

pub(super) const TOPICS: &[Topic] = &[
    Topic {
        slug: "finding",
        title: "Finding an order again",
        happens: &[
            "In the browser you ordered with, Your orders lists all of them, without an account and without signing in.",
            "In any other browser, or after the cookies were cleared, open the link in a mail about the order.",
            "Without the link nobody gets in from elsewhere, which keeps your orders yours. The order goes on all the same, and \
             the people at the shop find it by its number, your name or your e-mail address.",
        ],
        money: None,
        next: "Look under Your orders, then in your mail.",
        also: &["tracking", "receipt", "privacy"],
    },
    Topic {
        slug: "tracking",
        title: "The private link of an order",
        happens: &[
            "Every order has a private link. It is on the page of the order, in the browser you ordered with, and in every mail \
             about the order. It opens the order in any browser, and the page there is as live as yours.",
            "Whoever has the link can see what was ordered and where it goes, can cancel the order, and can give another card or \
             address when one is asked for, so pass it on with care.",
            "It can be taken back. New link, on the page of the order in the browser you ordered with, puts another link in its \
             place. The link before stops working at once, also for people you gave it to and in mails that were sent already; \
             later mails have the new one. The people at the shop can do the same.",
        ],
        money: None,
        next: "To let somebody follow the order, copy the link from the page of the order and send it to them. To take it back, \
               choose New link there.",
        also: &["finding", "privacy"],
    },
    Topic {
        slug: "notifications",
        title: "Being told when something changes",
        happens: &[
            "The page of an order changes by itself. The title and the picture of its tab say when the order needs you or is \
             confirmed, so it is enough to keep the tab.",
            "Choose Notify me when this changes on the page of an order, and your browser tells you while you look at something \
             else, for as long as the tab is open.",
            "We write to you when the order is confirmed, when it needs you, when it is on its way, and when it is cancelled. If \
             it is not confirmed within a minute, we write that it is saved.",
        ],
        money: None,
        next: "Nothing to do: the mails come by themselves.",
        also: &["processing", "receipt", "mail-not-delivered"],
    },
    Topic {
        slug: "mail-not-delivered",
        title: "A mail that did not reach you",
        happens: &[
            "When no mail server takes mail for your e-mail address, the page of the order says so. Most often a letter of the \
             address was mistyped.",
            "The order goes on all the same, and everything that the mail says is on its page, too.",
            "In the browser you ordered with, the page of the order takes another address, and the mail is sent there. Whoever \
             was only given the private link cannot change where mails go.",
        ],
        money: None,
        next: "Open the order under Your orders and give another e-mail address.",
        also: &["finding", "notifications"],
    },
    Topic {
        slug: "privacy",
        title: "What the shop knows about you",
        happens: &[
            "The shop keeps what you type at checkout and what you ordered. Of that, the carrier gets the address, the payment \
             service gets the total and the token that stands for your card, and the mails go to your e-mail address.",
            "The number of your card is not among it. A text that looks like one is refused and not kept.",
            "What you type at checkout also stays in the tab, so that a reload does not lose it, until the order is sent or the tab \
             is closed.",
            "Two cookies are set. One keeps your cart, for a month; the other makes the orders of this browser yours, for 400 \
             days. There is no account and no password, and no page loads anything from other sites.",
        ],
        money: None,
        next: "To leave nothing in this browser, clear the cookies of this site. Your orders go on, and their private links open \
               them.",
        also: &["tracking", "paying"],
    },
];
