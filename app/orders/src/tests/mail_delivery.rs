//! Refused mails, and correcting the e-mail address.

use crate::testing::{Story, at};
use crate::{
    CustomerMail, EmailRequest, Event, EventType, MailRefused, Order, PaymentMethod, Reason, State, StepName,
    StepReason, StepState, Work, WorkResult, wording,
};

/// A confirmed order whose receipt was refused.
fn refused() -> Story {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::Notify).begin().record(&WorkResult::MailRefused { status: Some(550) });
    story
}

fn correct(story: &mut Story, email: &str) -> bool {
    story.command(|record, now| record.correct_email(email, now)).expect("it is asked for")
}

fn history(story: &Story) -> Vec<String> {
    let told = |(event, _): &(Event, Order)| (event.kind, event.time, event.data.clone());
    wording::history(story.versions.iter().map(told)).into_iter().map(|past| past.words).collect()
}

#[test]
fn a_refused_receipt_is_shown_and_the_order_goes_on() {
    let story = refused();
    let order = story.order();
    assert_eq!((order.state, order.next_work()), (State::Confirmed, Work::Nothing));
    let step = order.step(StepName::Notify);
    assert_eq!((step.state, step.reason), (StepState::Failed, Some(StepReason::MailRefused)));
    let refused = order.mail_refused.as_ref().unwrap();
    assert_eq!((refused.mail, refused.status), (CustomerMail::Confirmed, Some(550)));
    assert!(order.actions.iter().any(|action| action.name == "email"));
    let (event, _) = story.versions.last().unwrap();
    assert_eq!((event.kind, &event.data.mail_refused), (EventType::StepChanged, &order.mail_refused));
    let words = wording::refused_mail(order, true).unwrap();
    assert_eq!(words.heading, "Your receipt did not reach you");
    assert!(words.body.contains("ada@example.org"), "{}", words.body);
    let to_others = wording::refused_mail(order, false).unwrap();
    assert!(!to_others.body.contains('@'), "{}", to_others.body);
    assert!(history(&story).contains(&"Your receipt could not be delivered".to_owned()));
}

#[test]
fn another_address_sends_the_receipt_again() {
    let mut story = refused();
    assert!(correct(&mut story, "ada@example.com"));
    let order = story.order();
    assert_eq!((order.customer.email.as_str(), &order.mail_refused), ("ada@example.com", &None));
    assert_eq!(order.next_work(), Work::Do(StepName::Notify));
    let (event, order) = story.versions.last().unwrap();
    assert_eq!(event.kind, EventType::MailChanged);
    assert_eq!(event.data.customer.as_ref().unwrap().email, "ada@example.com");
    assert_eq!(CustomerMail::repeated_by(event, order), None, "the step writes the receipt");
    story.rest();
    assert_eq!(story.order().step(StepName::Notify).state, StepState::Succeeded);
    let history = history(&story);
    assert!(history.contains(&"You gave another e-mail address".to_owned()), "{history:?}");
    assert!(!history.iter().any(|line| line.contains("another way to pay")), "{history:?}");
}

#[test]
fn the_same_address_again_resends_the_receipt_too() {
    let mut story = refused();
    assert!(correct(&mut story, "ada@example.org"));
    assert_eq!(story.order().next_work(), Work::Do(StepName::Notify));
    assert!(!correct(&mut story, "ada@example.org"), "mails go there already");
    story.command(|record, now| record.correct_email("eve@example.org", now)).unwrap_err();
}

#[test]
fn an_address_is_corrected_only_after_a_refusal_and_before_the_end() {
    let mut story = Story::of(PaymentMethod::Card);
    let early = story.command(|record, now| record.correct_email("ada@example.com", now));
    assert_eq!(early.unwrap_err().from, State::Received);
    let mut ended = refused();
    ended.tell(Order::hand_over).tell(Order::deliver);
    assert!(!ended.order().wants_email() && ended.order().actions.is_empty());
    let late = ended.command(|record, now| record.correct_email("ada@example.com", now));
    assert_eq!(late.unwrap_err().from, State::Delivered);
    assert!(wording::refused_mail(ended.order(), true).unwrap().body.contains("receipt"));
}

#[test]
fn a_refused_mail_is_recorded_once_and_cleared_by_a_delivered_one() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::AuthorisePayment).begin().ask(StepReason::CardDeclined);
    let refused = |status| Some(MailRefused { mail: CustomerMail::NeedsYou, status, at: at(9).at });
    let note = |story: &mut Story, refused| {
        story.command(|record, now| Ok(record.order.note_mail(refused, now))).unwrap()
    };
    assert!(!note(&mut story, None), "a mail that was taken is no news");
    assert!(note(&mut story, refused(Some(550))));
    let (event, order) = story.versions.last().unwrap();
    assert_eq!(event.kind, EventType::MailChanged);
    assert!(order.wants_email() && order.wants_payment());
    assert!(!note(&mut story, refused(Some(550))), "it is known");
    assert!(history(&story).contains(&"A mail to you could not be delivered".to_owned()));
    assert!(correct(&mut story, "ada@example.com"));
    let (event, order) = story.versions.last().unwrap();
    assert_eq!(CustomerMail::repeated_by(event, order), Some(CustomerMail::NeedsYou));
    assert!(note(&mut story, refused(None)));
    assert!(note(&mut story, None), "the address takes mail after all");
    assert_eq!(story.order().mail_refused, None);
}

#[test]
fn no_mail_is_recorded_after_the_end_of_an_order() {
    let mut story = Story::of(PaymentMethod::Card);
    story.cancel(Reason::Customer);
    assert_eq!(story.order().state, State::Cancelled);
    let refused = MailRefused { mail: CustomerMail::Cancelled, status: Some(550), at: at(9).at };
    assert_eq!(story.record.order.note_mail(Some(refused), at(9)), None);
}

#[test]
fn a_refused_mail_has_the_documented_json() {
    let order = serde_json::to_value(refused().order()).unwrap();
    assert_eq!(order["mail_refused"]["mail"], "confirmed");
    assert_eq!(order["mail_refused"]["status"], 550);
    let plain = serde_json::to_value(Story::of(PaymentMethod::Card).order()).unwrap();
    assert!(plain.get("mail_refused").is_none());
}

#[test]
fn a_corrected_email_is_validated_like_the_one_of_an_order() {
    let judged = |email: &str| EmailRequest { email: email.to_owned() }.validate();
    assert_eq!(judged(" ada@example.org ").unwrap(), "ada@example.org");
    let wrong = judged("ada").unwrap_err();
    assert_eq!(wrong.errors[0].pointer, "/email");
}
