//! Reading the report.

use crate::store::{Commands as _, OrderReport as _};
use orders::{Group, GroupPage, GroupQuery, Order, OrderId, OrderNumber, Owner, State, Words};

use super::SqliteStore;
use super::testing::{stock_mugs, two_mugs, work};
use super::tests::Fixture;
use crate::store::acceptance::Accept;
use crate::store::change::OrderRow;

const ADA: Owner = Owner([1; 16]);
const EVE: Owner = Owner([2; 16]);

/// A store with the orders of one owner: the state and the product of each, the oldest first.
async fn with_orders(wanted: &[(State, &str)]) -> (Fixture, Vec<Order>) {
    let fixture = Fixture::new().await;
    stock_mugs(&fixture.store).await;
    let mut made = Vec::new();
    for (state, name) in wanted {
        let seed = u8::try_from(made.len()).unwrap();
        made.push(accept(&fixture.store, seed, ADA, *state, name).await);
    }
    (fixture, made)
}

async fn accept(store: &SqliteStore, seed: u8, owner: Owner, state: State, name: &str) -> Order {
    let (mut record, mut acceptance) = two_mugs(store, seed);
    record.owner = Some(owner);
    record.order.state = state;
    record.order.lines[0].name = name.to_owned();
    acceptance.row = OrderRow::of(record.clone().into());
    assert_eq!(store.accept(acceptance).await, Ok(Accept::Stored));
    // With the words about its state.
    store.order_record_from_file(record.order.id).await.unwrap().unwrap().order
}

fn all(group: Group) -> GroupQuery {
    GroupQuery { group, words: Words::default(), before: None, limit: 100 }
}

fn done(words: &str, limit: u32, before: Option<OrderNumber>) -> GroupQuery {
    GroupQuery { group: Group::Done, words: Words::of(words), before, limit }
}

fn ids(orders: &[Order]) -> Vec<OrderId> {
    orders.iter().map(|order| order.id).collect()
}

/// Returns every page of the done orders, each with the number of older ones.
async fn pages(store: &SqliteStore, words: &str, limit: u32) -> Vec<(Vec<OrderId>, u32)> {
    let mut pages = Vec::new();
    let mut before = None;
    loop {
        let GroupPage { orders, older, next } =
            store.orders_in_group(ADA, &done(words, limit, before)).await.unwrap();
        pages.push((ids(&orders), older));
        match next {
            Some(next) => before = Some(next),
            None => return pages,
        }
    }
}

#[tokio::test]
async fn every_order_is_in_the_group_of_its_state_however_old_it_is() {
    let mut wanted = vec![(State::ActionRequired, "Mug"), (State::InReview, "Mug")];
    wanted.extend([(State::Delivered, "Mug"); 120]);
    wanted.extend([State::Received, State::Cancelling, State::Cancelled].map(|state| (state, "Mug")));
    let (fixture, made) = with_orders(&wanted).await;
    let found = async |group| fixture.store.orders_in_group(ADA, &all(group)).await.unwrap();
    let (needs_you, in_progress, done) =
        (found(Group::NeedsYou).await, found(Group::InProgress).await, found(Group::Done).await);
    assert_eq!(ids(&needs_you.orders), [made[0].id]);
    assert_eq!(ids(&in_progress.orders), [made[123].id, made[122].id, made[1].id]);
    assert_eq!((needs_you.next, in_progress.next), (None, None));
    assert_eq!((done.orders.len(), done.older), (100, 21));
    assert_eq!(done.orders[0], made[124], "the newest first");
}

#[tokio::test]
async fn pages_follow_each_other_without_a_seam_while_orders_arrive() {
    let (fixture, made) = with_orders(&[(State::Delivered, "Mug"); 5]).await;
    let first = fixture.store.orders_in_group(ADA, &done("", 2, None)).await.unwrap();
    assert_eq!((ids(&first.orders), first.older), (vec![made[4].id, made[3].id], 3));
    for seed in 5..9 {
        accept(&fixture.store, seed, ADA, State::Delivered, "Mug").await;
    }
    let second = fixture.store.orders_in_group(ADA, &done("", 2, first.next)).await.unwrap();
    assert_eq!((ids(&second.orders), second.older), (vec![made[2].id, made[1].id], 1));
    let last = fixture.store.orders_in_group(ADA, &done("", 2, second.next)).await.unwrap();
    assert_eq!((ids(&last.orders), last.older, last.next), (vec![made[0].id], 0, None));
}

#[tokio::test]
async fn words_are_searched_in_all_orders_page_by_page() {
    let mug = (State::Delivered, "Blue mug");
    let pot = (State::Cancelled, "Tëapot");
    let (fixture, made) = with_orders(&[pot, mug, mug, pot, mug, mug, pot]).await;
    let id = |n: usize| made[n].id;
    assert_eq!(pages(&fixture.store, "TËA", 9).await, [(vec![id(6), id(3), id(0)], 0)]);
    assert_eq!(
        pages(&fixture.store, "mug blue", 2).await,
        [(vec![id(5), id(4)], 2), (vec![id(2), id(1)], 0)]
    );
    let number = made[1].number.to_string();
    for typed in [number.to_lowercase(), number.replace('-', " "), number[1..].to_owned() + " mug"] {
        assert_eq!(pages(&fixture.store, &typed, 9).await, [(vec![id(1)], 0)], "{typed}");
    }
    assert_eq!(pages(&fixture.store, "saucer", 9).await, [(Vec::new(), 0)]);
    let in_progress = GroupQuery { words: Words::of("mug"), ..all(Group::InProgress) };
    assert_eq!(fixture.store.orders_in_group(ADA, &in_progress).await.unwrap(), GroupPage::default());
}

#[tokio::test]
async fn a_caller_cannot_find_other_callers_orders() {
    let (fixture, made) = with_orders(&[(State::ActionRequired, "Mug"), (State::Delivered, "Mug")]).await;
    let theirs = accept(&fixture.store, 2, EVE, State::Delivered, "Mug").await;
    for group in Group::ALL {
        for words in ["", "mug", &made[0].number.to_string(), &made[1].number.to_string()] {
            let query = GroupQuery { words: Words::of(words), ..all(group) };
            let found = fixture.store.orders_in_group(EVE, &query).await.unwrap();
            assert!(found.orders.iter().all(|order| order.id == theirs.id), "{group:?} {words}");
        }
    }
    let before_mine = GroupQuery { before: Some(made[1].number), ..all(Group::Done) };
    assert_eq!(fixture.store.orders_in_group(EVE, &before_mine).await.unwrap(), GroupPage::default());
}

#[tokio::test]
async fn an_order_that_changes_its_group_is_found_in_the_other() {
    let fixture = Fixture::new().await;
    stock_mugs(&fixture.store).await;
    let (mut record, mut acceptance) = two_mugs(&fixture.store, 1);
    record.owner = Some(ADA);
    acceptance.row = OrderRow::of(record.clone().into());
    fixture.store.accept(acceptance).await.unwrap();
    let count = async |group| fixture.store.orders_in_group(ADA, &all(group)).await.unwrap().orders.len();
    assert_eq!([count(Group::InProgress).await, count(Group::Done).await], [1, 0]);
    work(&fixture.store, &mut record).await;
    assert_eq!([count(Group::InProgress).await, count(Group::Done).await], [0, 1]);
}
