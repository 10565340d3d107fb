//! Every text is held to the rules of the house.

use std::time::Duration;

use crate::testing::{Story, every_order, said};
use crate::{
    ExpectedBy, PaymentMethod, ProblemCode, Service, State, StepName, StepReason, StepState, Timestamp, help,
    wording,
};

const BANNED: [&str; 6] = ["please", "sorry", "oops", "invalid", "error", "failed to"];
const INTERNAL: [&str; 10] =
    ["sqlite", "http", "stripe", "job", "queue", "lease", "capture", "authoris", "gateway", "timeout"];

fn obeys(text: &str) {
    let lower = text.to_lowercase();
    for word in BANNED {
        assert!(!lower.contains(word), "{word:?} is banned: {text}");
    }
}

fn is_plain(text: &str) {
    obeys(text);
    let lower = text.to_lowercase();
    for word in INTERNAL {
        assert!(!lower.contains(word), "{word:?} is an internal name: {text}");
    }
}

#[test]
fn every_order_has_heading_body_next_step_and_an_existing_help_page() {
    for order in every_order() {
        let message = wording::message(&order);
        for text in [&message.heading, &message.body, &message.next_step] {
            assert!(!text.trim().is_empty(), "{:?} {:?} says nothing", order.state, order.reason);
            is_plain(text);
        }
        let slug = message.help.strip_prefix("/help/").expect("a help page is under /help/");
        assert!(help::page(slug).is_some(), "there is no help page {slug}");
    }
}

#[test]
fn an_order_that_should_be_confirmed_by_now_says_that_it_is_safe_and_whether_money_moved() {
    let late = Timestamp::from_millis(1_000);
    let expected_by = Some(ExpectedBy { usual: Timestamp::from_millis(500), late });
    let mut overdue = 0;
    for order in every_order() {
        let order = crate::Order { expected_by, ..order };
        assert_eq!(*order.seen_at(late), order, "it is not late yet");
        let seen = order.seen_at(late.plus(Duration::from_millis(1)));
        if !matches!(order.state, State::Received | State::Processing) || order.delayed {
            assert_eq!(*seen, order);
            continue;
        }
        overdue += 1;
        assert!(seen.delayed && seen.message.heading.contains("longer than usual"));
        assert!(
            seen.message.body.contains("charged") || seen.message.body.contains("card"),
            "{}",
            seen.message.body
        );
        for text in [&seen.message.heading, &seen.message.body, &seen.message.next_step] {
            is_plain(text);
        }
    }
    assert!(overdue > 1);
}

#[test]
fn every_order_says_whether_money_moved() {
    const MONEY: [&str; 6] = ["charged", "paid", "Paying", "card", "Releasing", "invoice"];
    for order in every_order() {
        let body = wording::message(&order).body;
        assert!(MONEY.iter().any(|word| body.contains(word)), "{:?}: {body}", order.state);
    }
}

#[test]
fn the_history_of_an_order_tells_what_was_done_and_says_once_what_happened_again_and_again() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::AuthorisePayment);
    for _ in 0..3 {
        story.begin().retry(StepReason::NoAnswer, Duration::from_secs(1));
    }
    story.rest();
    let told = |(event, _): &(crate::Event, crate::Order)| (event.kind, event.time, event.data.clone());
    let history = wording::history(story.versions.iter().map(told));
    let lines: Vec<(&str, u32)> = history.iter().map(|past| (past.words.as_str(), past.times)).collect();
    assert!(lines.contains(&("Setting your items aside: done", 1)), "{lines:?}");
    let again = |(words, _): &&(&str, u32)| *words == "Checking your payment: trying again";
    assert_eq!(lines.iter().filter(again).map(|(_, times)| times).sum::<u32>(), 3, "{lines:?}");
    for once in ["Checking your payment: done", "Taking the payment: done", "Your order is confirmed"] {
        assert!(lines.contains(&(once, 1)), "{lines:?}");
    }
    for past in &history {
        is_plain(&past.words);
    }
}

#[test]
fn every_problem_has_its_words_and_its_pages() {
    for code in ProblemCode::ALL.iter().copied() {
        let words = wording::problem_words(code);
        for text in [words.title, words.heading, words.body, words.next_step, words.mend] {
            assert!(!text.trim().is_empty(), "{code:?} says nothing");
        }
        for text in [words.heading, words.body, words.next_step] {
            obeys(text);
        }
        let page = help::page(code.as_str()).expect("every code has its page");
        assert!(page.mend.is_some());
    }
}

#[test]
fn every_help_page_is_plain_and_its_address_is_its_own() {
    let pages = help::pages();
    let mut slugs: Vec<_> = pages.iter().map(|page| page.slug).collect();
    slugs.sort_unstable();
    slugs.dedup();
    assert_eq!(slugs.len(), pages.len());
    for text in pages.iter().flat_map(|page| &page.paragraphs) {
        obeys(text);
    }
}

#[test]
fn every_step_has_plain_words() {
    let states = [
        StepState::Waiting,
        StepState::Running,
        StepState::Retrying,
        StepState::Succeeded,
        StepState::NeedsCustomer,
        StepState::NeedsOperator,
        StepState::Failed,
        StepState::Undoing,
        StepState::Undone,
        StepState::Skipped,
    ];
    states.into_iter().for_each(|state| is_plain(wording::step_state(state)));
    for step in StepName::ALL {
        is_plain(wording::step_name(step));
        is_plain(wording::step_now(step));
    }
    for service in Service::ALL {
        for reason in StepReason::ALL {
            is_plain(wording::step_reason(service, reason));
        }
    }
}

#[test]
fn the_words_of_the_main_states_are_the_agreed_ones() {
    let headings: Vec<String> = every_order().iter().map(|order| said(order).heading).collect();
    for agreed in [
        "We have your order",
        "We are preparing your order",
        "Your order is safe, but this is taking longer than usual",
        "Your bank declined the card",
        "The card did not have enough money",
        "We cannot deliver to this address",
        "We are checking your order by hand",
        "Your order is confirmed",
        "On its way",
        "Delivered",
        "We are cancelling your order",
        "Order cancelled",
        "We could not complete your order",
    ] {
        assert!(headings.iter().any(|heading| heading == agreed), "nobody reads {agreed:?}");
    }
}
