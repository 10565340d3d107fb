//! The mails of an order: each once, and nothing waits for them.

use std::time::Duration;

use orders::{OrderService, ProblemCode, State, StepName, Work};
use queue::JobState;
use serde_json::json;

use super::world::{ADA, World, address, request, visa};

/// Returns which mails were sent, without order and version, in alphabetical order.
fn names(world: &World) -> Vec<String> {
    let names = world.mails().into_iter().map(|(name, _)| name);
    let mut names: Vec<_> =
        names.map(|name| name.split('-').nth(1).unwrap().trim_end_matches(".eml").to_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_customer_gets_a_mail_when_asked_and_when_the_order_ends() {
    let mut world = World::new().await;
    let id = world.order(request("00000", Some("pm_card_visa"))).await;
    world.work().await;
    let order = world.get(id).await;
    assert_eq!(order.problem.map(|problem| problem.code), Some(ProblemCode::AddressUndeliverable));
    let mails = world.mails();
    let [(name, says)] = &mails[..] else { panic!("one mail: {mails:?}") };
    assert!(name.contains("needs_you"), "{name}");
    for said in
        [&order.message.heading, &order.message.next_step, "https://shop.example/orders/", "text/html"]
    {
        assert!(says.contains(said), "{said} is not in {says}");
    }
    world.shop.correct_address(&ADA, id, address("27100")).await.unwrap();
    world.work().await;
    world.shop.cancel(&ADA, id).await.unwrap();
    world.work().await;
    assert_eq!(names(&world), ["cancelled", "needs_you", "notify"]);
}

#[tokio::test]
async fn a_pick_up_sends_one_mail() {
    let mut world = World::new().await;
    let id = world.order(visa()).await;
    world.work().await;
    world.change(id, |record, now| record.order.hand_over(now)).await;
    world.work().await;
    world.change(id, |record, now| record.order.deliver(now)).await;
    world.work().await;
    assert_eq!(names(&world), ["notify", "shipped"]);
    let order = world.get(id).await;
    let parcel = order.shipment.unwrap();
    let (_, says) = &world.mails()[1];
    assert!(says.contains(&parcel.tracking_number) && says.contains(&parcel.tracking_url), "{says}");
}

#[tokio::test]
async fn mails_have_the_current_link_and_replacing_it_does_not_affect_the_work() {
    let mut world = World::new().await;
    let id = world.order(visa()).await;
    world.work_up_to(id, Work::Do(StepName::CapturePayment)).await;
    world.shop.replace_link(&ADA, id).await.unwrap();
    world.work().await;
    assert_eq!(world.get(id).await.state, State::Confirmed);
    assert_eq!(world.payments().await.len(), 1);
    world.shop.replace_link(&ADA, id).await.unwrap();
    world.change(id, |record, now| record.order.hand_over(now)).await;
    world.work().await;
    let mails = world.mails();
    for ((_, says), generation) in mails.iter().zip([1, 2]) {
        assert!(says.contains(&format!("/orders/{id}?link={generation}")), "{says}");
    }
    assert_eq!(names(&world), ["notify", "shipped"]);
    world.assert_log_agrees(id).await;
}

#[tokio::test]
async fn an_order_that_waits_for_a_minute_sends_one_mail() {
    let mut world = World::new().await;
    let quick = world.order(visa()).await;
    world.work().await;
    world.sandbox.fault("payment", json!({"mode": "down"})).await;
    let slow = world.order(visa()).await;
    world.work().await;
    world.clock.advance(Duration::from_secs(59));
    assert_eq!(world.notify_waiting_orders().await, 0, "a minute is not over");
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.notify_waiting_orders().await, 1);
    assert_eq!(world.notify_waiting_orders().await, 0, "each order is looked at once");
    world.work().await;
    let mails = world.mails();
    let told: Vec<_> = mails.iter().filter(|(name, _)| name.contains("received")).collect();
    let [(name, says)] = &told[..] else { panic!("one mail: {mails:?}") };
    assert!(name.contains(&slow.to_string()) && !name.contains(&quick.to_string()), "{name}");
    assert!(says.contains("Your order is safe"), "{says}");
}

#[tokio::test]
async fn an_unavailable_mail_server_delays_only_mails() {
    let mut world = World::new().await;
    let folder = world.folder.path().join("mail");
    std::fs::remove_dir_all(&folder).unwrap();
    let id = world.order(request("00000", Some("pm_card_visa"))).await;
    let paid = world.order(visa()).await;
    world.work().await;
    assert_eq!(world.get(id).await.state, State::ActionRequired);
    assert_eq!(world.get(paid).await.state, State::Confirmed);
    world.change(paid, |record, now| record.order.hand_over(now)).await;
    world.work().await;
    world.clock.advance(Duration::from_hours(1));
    world.work().await;
    assert_eq!(world.jobs(JobState::Quarantined).await, []);
    std::fs::create_dir(&folder).unwrap();
    world.clock.advance(Duration::from_secs(120));
    world.work().await;
    assert_eq!(names(&world), ["needs_you", "notify", "shipped"]);
}

#[tokio::test]
async fn an_outdated_mail_is_not_sent_after_an_outage() {
    let mut world = World::new().await;
    let folder = world.folder.path().join("mail");
    std::fs::remove_dir_all(&folder).unwrap();
    let id = world.order(request("00000", Some("pm_card_visa"))).await;
    world.work().await;
    world.shop.cancel(&ADA, id).await.unwrap();
    world.work().await;
    std::fs::create_dir(&folder).unwrap();
    world.clock.advance(Duration::from_secs(120));
    world.work().await;
    assert_eq!(names(&world), ["cancelled"], "what was asked is asked no longer");
}

#[tokio::test]
async fn a_mail_that_is_not_accepted_for_days_is_quarantined() {
    let mut world = World::new().await;
    std::fs::remove_dir_all(world.folder.path().join("mail")).unwrap();
    let id = world.order(request("00000", Some("pm_card_visa"))).await;
    world.work().await;
    world.clock.advance(Duration::from_hours(4 * 24));
    // The customer's deadline has passed as well, but that is another job.
    world.work().await;
    let given_up = world.jobs(JobState::Quarantined).await;
    assert!(given_up.iter().all(|job| job.kind.as_str() == "letter"), "{given_up:?}");
    assert_eq!(world.get(id).await.state, State::Cancelled);
}
