//! Refused mails, and a mail server that refuses us.

use std::time::Duration;

use crate::store::{DeskReads as _, OrderSearch as _};
use orders::{
    Caller, CustomerMail, EmailRequest, OrderId, OrderService, Owner, PrivateLink, Scope, Service, State,
    StepName, StepReason, StepState,
};
use queue::JobState;

use super::world::{ADA, World, address, request, visa};
use crate::platform::telemetry::testing::Log;
use crate::store::Wanted;

const NOBODY: &str = "550 5.1.1 nobody here";

fn to(email: &str) -> EmailRequest {
    EmailRequest { email: email.to_owned() }
}

/// Mails to Ada are refused.
async fn refusing() -> World {
    let world = World::with_mail_server().await;
    world.services.mail.as_ref().unwrap().reply("RCPT TO:<ada@", NOBODY);
    world
}

fn taken(world: &World) -> Vec<String> {
    world.services.mail.as_ref().unwrap().taken()
}

async fn listed(world: &World) -> Vec<OrderId> {
    let found = world.store.search_orders(&Wanted::MailRefused, None, None, 10).await.unwrap();
    found.orders.into_iter().map(|order| order.id).collect()
}

#[tokio::test]
async fn a_refused_receipt_is_shown_to_its_owner_and_the_desk_and_goes_to_the_address_they_give() {
    let (log, _guard) = Log::capture();
    let mut world = refusing().await;
    let id = world.order(visa()).await;
    world.work().await;
    let order = world.get(id).await;
    assert_eq!(order.state, State::Confirmed);
    let step = order.step(StepName::Notify);
    assert_eq!((step.state, step.reason), (StepState::Failed, Some(StepReason::MailRefused)));
    assert_eq!(order.mail_refused.unwrap().status, Some(550));
    assert_eq!((world.store.mail_refused().await.unwrap(), listed(&world).await), (1, vec![id]));
    assert!(!log.text().contains("ada@"), "{}", log.text());

    world.shop.correct_email(&ADA, id, to("lovelace@example.org")).await.unwrap();
    world.work().await;
    let order = world.get(id).await;
    assert_eq!(order.step(StepName::Notify).state, StepState::Succeeded);
    assert_eq!((order.mail_refused, order.customer.email.as_str()), (None, "lovelace@example.org"));
    let mails = taken(&world);
    let [receipt] = &mails[..] else { panic!("{mails:#?}") };
    assert!(receipt.contains("<lovelace@example.org>") && receipt.contains("Your order is confirmed"));
    assert_eq!((world.store.mail_refused().await.unwrap(), listed(&world).await), (0, vec![]));
    let new = Wanted::Email("lovelace@example.org".to_owned());
    let found = world.store.search_orders(&new, None, None, 10).await.unwrap();
    assert_eq!(found.orders.len(), 1, "it is found by the address it has now");
    world.assert_log_agrees(id).await;
    let file = world.folder.path().join("docket.db");
    crate::store::sqlite::check(&file, |finding| assert!(finding.violations.is_empty(), "{finding:?}"))
        .unwrap();
}

#[tokio::test]
async fn a_refused_mail_is_recorded_and_sent_again_to_another_address() {
    let mut world = refusing().await;
    let id = world.order(request("00000", Some("pm_card_visa"))).await;
    world.work().await;
    let order = world.get(id).await;
    assert_eq!(
        (order.state, order.mail_refused.unwrap().mail),
        (State::ActionRequired, CustomerMail::NeedsYou)
    );
    assert!(order.actions.iter().any(|action| action.name == "email"));
    world.shop.correct_email(&ADA, id, to("lovelace@example.org")).await.unwrap();
    world.work().await;
    let mails = taken(&world);
    let [asked] = &mails[..] else { panic!("{mails:#?}") };
    assert!(asked.contains("We cannot deliver to this address"), "{asked}");
    world.shop.correct_address(&ADA, id, address("27100")).await.unwrap();
    world.work().await;
    assert_eq!(world.get(id).await.state, State::Confirmed);
    assert_eq!(taken(&world).len(), 2);
    world.assert_log_agrees(id).await;
}

#[tokio::test]
async fn an_address_that_takes_mail_again_is_no_longer_shown_as_refused() {
    let mut world = refusing().await;
    let id = world.order(visa()).await;
    world.work().await;
    world.services.mail.as_ref().unwrap().take_all();
    world.change(id, |record, now| record.order.hand_over(now)).await;
    world.work().await;
    let order = world.get(id).await;
    assert_eq!((order.state, order.mail_refused), (State::Shipped, None));
    world.assert_log_agrees(id).await;
}

#[tokio::test]
async fn only_the_owner_and_the_desk_can_change_the_email() {
    let mut world = refusing().await;
    let id = world.order(visa()).await;
    world.work().await;
    let by_link = Caller { owner: None, scope: Scope::Tracked(PrivateLink { order: id, generation: 0 }) };
    let refused = world.shop.correct_email(&by_link, id, to("eve@example.org")).await.unwrap_err();
    assert_eq!(refused.status, 403);
    let eve = Caller::own(Owner([2; 16]));
    let refused = world.shop.correct_email(&eve, id, to("eve@example.org")).await.unwrap_err();
    assert_eq!(refused.status, 404);
    let wrong = world.shop.correct_email(&ADA, id, to("ada")).await.unwrap_err();
    assert_eq!((wrong.status, wrong.errors[0].pointer.as_str()), (422, "/email"));
    let desk = Caller { owner: None, scope: Scope::Desk };
    world.shop.correct_email(&desk, id, to("lovelace@example.org")).await.unwrap();
    let late = world.shop.correct_email(&ADA, id, to("other@example.org")).await.unwrap_err();
    assert_eq!(late.status, 409);
}

#[tokio::test]
async fn a_mail_server_that_refuses_us_delays_only_mails() {
    let (log, _guard) = Log::capture();
    let mut world = World::with_mail_server().await;
    world.services.mail.as_ref().unwrap().reply("MAIL", "530 5.7.0 authenticate first");
    let (asked, paid) =
        (world.order(request("00000", Some("pm_card_visa"))).await, world.order(visa()).await);
    for _ in 0..10 {
        world.work().await;
        world.clock.advance(Duration::from_hours(2));
    }
    world.work().await;
    assert_eq!(world.get(asked).await.state, State::ActionRequired);
    let order = world.get(paid).await;
    assert_eq!(
        (order.state, order.delayed, order.refused_by()),
        (State::Confirmed, false, Some(Service::Mail))
    );
    assert_eq!(order.step(StepName::Notify).reason, Some(StepReason::ServiceRefusesUs));
    assert_eq!(world.jobs(JobState::Quarantined).await, []);
    let errors = log.lines("ERROR");
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert!(errors[0].contains("DOCKET_SMTP_URL"), "{}", errors[0]);

    world.services.mail.as_ref().unwrap().take_all();
    world.clock.advance(Duration::from_secs(61));
    world.work().await;
    assert_eq!(taken(&world).len(), 2);
    assert_eq!(world.get(paid).await.step(StepName::Notify).state, StepState::Succeeded);
}

#[tokio::test]
async fn a_policy_against_one_mail_is_a_refused_mail_and_one_against_all_is_a_setting() {
    let mut world = World::with_mail_server().await;
    let mail = world.services.mail.as_ref().unwrap();
    mail.reply("RCPT", "554 5.7.1 relay access denied");
    let id = world.order(visa()).await;
    world.work().await;
    assert_eq!(world.get(id).await.step(StepName::Notify).reason, Some(StepReason::ServiceRefusesUs));
    world.services.mail.as_ref().unwrap().take_all();
    world.clock.advance(Duration::from_secs(61));
    world.work().await;
    assert_eq!(world.get(id).await.step(StepName::Notify).state, StepState::Succeeded);
    world.services.mail.as_ref().unwrap().reply("RCPT", "554 5.7.1 looks like spam");
    let other = world.order(visa()).await;
    world.work().await;
    let order = world.get(other).await;
    assert_eq!(order.step(StepName::Notify).reason, Some(StepReason::MailRefused));
    assert_eq!(order.mail_refused.unwrap().status, Some(554));
}
