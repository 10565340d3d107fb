//! The mails of an order: each once, and nothing waits for them.

use std::time::Duration;

use orders::{OrderService, ProblemCode, State, StepName, Work};
use queue::JobState;
use serde_json::json;

use super::world::{ADA, World, address, request, visa};

/// Returns which mails were sent, without order and version, in alphabetical order.
fn names(world: &World) -> Vec<String> {
    let names = world.letters().into_iter().map(|(name, _)| name);
    let mut names: Vec<_> =
        names.map(|name| name.split('-').nth(1).unwrap().trim_end_matches(".eml").to_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_customer_who_is_asked_is_written_to_and_again_when_it_ends() {
    let mut world = World::new().await;
    let id = world.order(request("00000", Some("pm_card_visa"))).await;
    world.work().await;
    let order = world.get(id).await;
    assert_eq!(order.problem.map(|problem| problem.code), Some(ProblemCode::AddressUndeliverable));
    let letters = world.letters();
    let [(name, says)] = &letters[..] else { panic!("one letter: {letters:?}") };
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
async fn a_parcel_that_leaves_is_told_once() {
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
    let (_, says) = &world.letters()[1];
    assert!(says.contains(&parcel.tracking_number) && says.contains(&parcel.tracking_url), "{says}");
}

#[tokio::test]
async fn letters_have_the_link_of_the_moment_and_a_replaced_link_does_not_disturb_the_work() {
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
    let letters = world.letters();
    for ((_, says), generation) in letters.iter().zip([1, 2]) {
        assert!(says.contains(&format!("/orders/{id}?link={generation}")), "{says}");
    }
    assert_eq!(names(&world), ["notify", "shipped"]);
    world.assert_log_agrees(id).await;
}

#[tokio::test]
async fn only_who_waits_for_a_minute_is_told_that_the_order_is_safe_and_only_once() {
    let mut world = World::new().await;
    let quick = world.order(visa()).await;
    world.work().await;
    world.sandbox.fault("payment", json!({"mode": "down"})).await;
    let slow = world.order(visa()).await;
    world.work().await;
    world.clock.advance(Duration::from_secs(59));
    assert_eq!(world.reassure().await, 0, "a minute is not over");
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.reassure().await, 1);
    assert_eq!(world.reassure().await, 0, "each order is looked at once");
    world.work().await;
    let letters = world.letters();
    let told: Vec<_> = letters.iter().filter(|(name, _)| name.contains("received")).collect();
    let [(name, says)] = &told[..] else { panic!("one letter: {letters:?}") };
    assert!(name.contains(&slow.to_string()) && !name.contains(&quick.to_string()), "{name}");
    assert!(says.contains("Your order is safe"), "{says}");
}

#[tokio::test]
async fn a_mail_server_that_is_down_delays_letters_and_nothing_else() {
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
async fn a_letter_that_was_overtaken_while_the_mail_server_was_down_is_not_sent() {
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
async fn a_letter_that_nobody_takes_for_days_waits_for_a_person() {
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
