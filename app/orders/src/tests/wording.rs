//! Every text follows the rules of `wording`.

use std::time::Duration;

use crate::testing::{Story, every_order, said};
use crate::{
    ExpectedBy, Order, PaymentMethod, ProblemCode, Service, State, StepName, StepReason, StepState,
    Timestamp, WorkResult, help, wording,
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
        assert!(help::topic(slug).is_some(), "there is no help page {slug} for people");
    }
}

#[test]
fn a_retry_within_a_minute_shows_no_time() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::AuthorisePayment);
    for (seconds, when) in [(5, "in a moment."), (30, "within a minute."), (600, "at 10:10 UTC.")] {
        let mut late = story.clone();
        late.postpone(StepReason::ServiceDown, Duration::from_secs(seconds));
        let said = format!("We try again by ourselves {when}");
        let body = wording::done_by_itself(late.order(), late.order().step(StepName::AuthorisePayment));
        assert!(body.contains(&said), "{body}");
    }
}

#[test]
fn a_second_refusal_after_an_answer_says_so() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::AuthorisePayment).begin().ask(StepReason::CardDeclined);
    assert!(!said(story.order()).body.contains("either"));
    story.pay_with("pm_card_other").begin().ask(StepReason::CardDeclined);
    assert!(said(story.order()).body.starts_with("The other card did not work either. Nothing was charged."));

    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::ArrangeShipping).begin().ask(StepReason::AddressUndeliverable);
    assert!(said(story.order()).body.starts_with("The carrier does not know it."));
    let address = story.order().ship_to.clone();
    story.command(|record, now| record.correct_address(address, now).map(Some)).expect("it was asked for");
    story.begin().ask(StepReason::AddressUndeliverable);
    assert!(said(story.order()).body.starts_with("The carrier does not know this address either."));
    is_plain(&said(story.order()).body);
}

#[test]
fn a_distant_deadline_shows_the_full_date() {
    let asked = |days: u64| {
        let mut story = Story::of(PaymentMethod::Card);
        story.until(StepName::AuthorisePayment).begin();
        let respond_by = story.order().updated_at.plus(Duration::from_hours(24 * days));
        story.record(&WorkResult::AskCustomer { reason: StepReason::CardDeclined, respond_by });
        said(story.order()).body
    };
    assert_eq!(asked(2), "Nothing was charged. Your items are held until Wed 10:00 UTC.");
    assert_eq!(asked(30), "Nothing was charged. Your items are held until 23 December 2026, 10:00 UTC.");
}

#[test]
fn an_order_in_review_shows_no_time() {
    for order in every_order().iter().filter(|order| order.state == State::InReview) {
        let message = said(order);
        assert!(message.next_step.contains("we write to you"), "{}", message.next_step);
        assert!(!message.body.contains("UTC") && !message.next_step.contains("UTC"));
        assert!(order.can_be_cancelled(), "the words say that it can be cancelled");
    }
}

#[test]
fn an_overdue_order_says_that_it_is_safe_and_whether_money_moved() {
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
fn the_history_of_an_order_shows_repeated_events_as_one_line() {
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
fn the_history_of_an_order_tells_that_its_link_was_replaced() {
    let mut story = Story::of(PaymentMethod::Card);
    for _ in 0..2 {
        story
            .command(|record, now| Ok(Some(record.order.replace_link(now))))
            .expect("it can always be replaced");
    }
    let told = |(event, _): &(crate::Event, Order)| (event.kind, event.time, event.data.clone());
    let history = wording::history(story.versions.iter().map(told));
    let lines: Vec<(&str, u32)> = history.iter().map(|past| (past.words.as_str(), past.times)).collect();
    assert_eq!(lines, [("The private link was replaced", 2)]);
    is_plain(&history[0].words);
}

#[test]
fn the_history_of_an_order_shows_the_customer_s_answers() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::AuthorisePayment).begin().ask(StepReason::CardDeclined);
    story.pay_with("pm_card_other").rest();
    let told = |(event, _): &(crate::Event, Order)| (event.kind, event.time, event.data.clone());
    let history = wording::history(story.versions.iter().map(told));
    let lines: Vec<&str> = history.iter().map(|past| past.words.as_str()).collect();
    let place = |words| lines.iter().position(|line| *line == words);
    let declined = place("Your bank declined the card");
    assert!(declined.is_some() && declined < place("You chose another way to pay"), "{lines:?}");
    assert!(place("You chose another way to pay") < place("Checking your payment: done"), "{lines:?}");
}

#[test]
fn every_problem_has_its_words_and_its_pages() {
    for code in ProblemCode::ALL.iter().copied() {
        let words = code.words();
        for text in [words.title, words.heading, words.body, words.next_step, words.mend] {
            assert!(!text.trim().is_empty(), "{code:?} says nothing");
        }
        for text in [words.heading, words.body, words.next_step] {
            obeys(text);
        }
        assert!(help::page(code.as_str()).is_some(), "every code has its page");
    }
}

#[test]
fn every_help_page_says_what_happens_whether_money_moved_and_what_to_do_next() {
    for chapter in help::CHAPTERS {
        for topic in chapter.topics {
            let texts = topic.happens.iter().chain(topic.money.as_ref()).chain([&topic.title, &topic.next]);
            for text in texts {
                assert!(!text.trim().is_empty() && !text.contains("  "), "{}: {text:?}", topic.slug);
                obeys(text);
            }
            assert!(!topic.happens.is_empty(), "{} says nothing", topic.slug);
            // A reader who looks for an order does not wonder about money.
            let is_about_money = !chapter.title.contains("privacy");
            assert_eq!(topic.money.is_some(), is_about_money, "{}", topic.slug);
            for also in topic.also {
                assert!(*also != topic.slug && help::topic(also).is_some(), "{}: {also}", topic.slug);
            }
        }
    }
}

#[test]
fn every_help_page_has_a_unique_address() {
    let mut slugs: Vec<_> =
        help::CHAPTERS.iter().flat_map(|chapter| chapter.topics).map(|topic| topic.slug).collect();
    let all = slugs.len();
    slugs.sort_unstable();
    slugs.dedup();
    assert_eq!(slugs.len(), all);
}

#[test]
fn help_promises_nothing_that_docket_does_not_do() {
    const ELSEWHERE: [&str; 5] = ["send it back", "sent back", "answer the mail", "reply", "call us"];
    let topics = help::CHAPTERS.iter().flat_map(|chapter| chapter.topics);
    let help = topics.flat_map(|topic| topic.happens.iter().chain(topic.money.as_ref()).chain([&topic.next]));
    let words = ProblemCode::ALL.iter().map(|code| code.words());
    let problems = words.flat_map(|words| [words.body, words.next_step]);
    for text in help.copied().chain(problems) {
        assert!(!ELSEWHERE.iter().any(|promise| text.to_lowercase().contains(promise)), "{text}");
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
fn the_texts_of_the_main_states_are_the_documented_ones() {
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
