use std::time::Duration;

use futures::FutureExt;
use orders::{Event, OrderId, PrivateLink};

use super::super::testing::{ADA, MemoryLog};
use super::*;

async fn open(log: &Arc<MemoryLog>, topic: Topic, cursor: Option<u64>) -> Feed {
    Feed::open(log.clone(), &log.hub, topic, cursor).await.unwrap()
}

/// The stream of a reader who has only a link of the order.
async fn open_by_link(log: &Arc<MemoryLog>, order: OrderId, generation: u32, cursor: Option<u64>) -> Feed {
    let grant = Grant { topic: Topic::Order(order), link: Some(PrivateLink { order, generation }) };
    Feed::open(log.clone(), &log.hub, grant, cursor).await.unwrap()
}

/// Returns the pending frames in short: `s3` is a snapshot at head 3, `e4` event 4, `h` a heartbeat.
fn said(feed: &mut Feed) -> Vec<String> {
    let mut said = Vec::new();
    loop {
        match feed.next().now_or_never() {
            None => return said,
            Some(None) => {
                said.push("end".to_owned());
                return said;
            }
            Some(Some(Frame::Snapshot(framed))) => said.push(format!("s{}", framed.sequence)),
            Some(Some(Frame::Event(framed))) => said.push(format!("e{}", framed.sequence)),
            Some(Some(Frame::Heartbeat)) => said.push("h".to_owned()),
        }
    }
}

#[tokio::test]
async fn a_stream_starts_with_a_snapshot_and_continues_live() {
    let log = MemoryLog::new();
    let id = log.accept(1);
    let mut feed = open(&log, Topic::Order(id), None).await;
    assert_eq!(said(&mut feed), ["s1"]);
    log.advance(id, 2);
    assert_eq!(said(&mut feed), ["e2", "e3"]);
}

#[tokio::test]
async fn a_stream_goes_on_after_the_cursor_of_its_reader() {
    let log = MemoryLog::new();
    let id = log.accept(1);
    log.advance(id, 3);
    let mut feed = open(&log, Topic::Order(id), Some(2)).await;
    log.advance(id, 1);
    assert_eq!(said(&mut feed), ["e3", "e4", "e5"]);
}

#[tokio::test]
async fn a_long_replay_is_read_in_pages_without_gaps() {
    let log = MemoryLog::new();
    let id = log.accept(1);
    log.advance(id, 2 * PAGE_SIZE);
    let mut feed = open(&log, Topic::Order(id), Some(0)).await;
    let expected: Vec<_> = (1..=2 * PAGE_SIZE + 1).map(|sequence| format!("e{sequence}")).collect();
    assert_eq!(said(&mut feed), expected);
}

#[tokio::test]
async fn no_event_is_lost_or_repeated_between_snapshot_and_live() {
    let log = MemoryLog::new();
    let id = log.accept(1);
    log.after_a_read(move |log| log.advance(id, 1));
    let mut feed = open(&log, Topic::Order(id), None).await;
    assert_eq!(said(&mut feed), ["s1", "e2"]);
}

/// A commit lands after every single read of a reader.
#[tokio::test]
async fn no_event_is_lost_or_repeated_between_replay_and_live() {
    for of_all in [false, true] {
        let log = MemoryLog::new();
        let (id, other) = (log.accept(1), log.accept(2));
        let topic = if of_all { Topic::Owner(ADA) } else { Topic::Order(id) };
        for _ in 0..9 {
            log.after_a_read(move |log| {
                log.advance(other, 1);
                log.advance(id, 1);
            });
        }
        let mut feed = open(&log, topic, Some(1)).await;
        let heard = said(&mut feed);
        log.calm_down();
        let happened = log.events_after(topic, 1, 1_000).await.unwrap();
        let expected: Vec<_> = happened.iter().map(|event| format!("e{}", event.sequence)).collect();
        assert!(expected.len() > 2);
        assert_eq!(heard, expected);
    }
}

#[tokio::test]
async fn a_cursor_that_the_log_no_longer_has_gets_a_snapshot() {
    let log = MemoryLog::new();
    let id = log.accept(1);
    log.advance(id, 4);
    log.prune(3);
    assert_eq!(said(&mut open(&log, Topic::Order(id), Some(2)).await), ["s5"]);
    assert_eq!(said(&mut open(&log, Topic::Order(id), Some(3)).await), ["e4", "e5"]);
}

#[tokio::test]
async fn a_cursor_from_another_log_gets_a_snapshot() {
    let log = MemoryLog::new();
    let id = log.accept(1);
    assert_eq!(said(&mut open(&log, Topic::Order(id), Some(77)).await), ["s1"]);
}

#[tokio::test]
async fn a_slow_reader_gets_a_snapshot_not_a_backlog() {
    let log = MemoryLog::new();
    let id = log.accept(1);
    let mut feed = open(&log, Topic::Order(id), None).await;
    assert_eq!(said(&mut feed), ["s1"]);
    log.advance(id, 100);
    assert_eq!(said(&mut feed), ["s101"]);
    log.advance(id, 1);
    assert_eq!(said(&mut feed), ["e102"]);
}

#[tokio::test]
async fn of_several_snapshots_only_the_last_can_be_resumed_from() {
    let log = MemoryLog::new();
    log.accept(1);
    log.accept(2);
    let mut feed = open(&log, Topic::Owner(ADA), None).await;
    let frames = [feed.next().await.unwrap(), feed.next().await.unwrap()];
    let [first, last] = frames.map(|frame| String::from_utf8(frame.sse(false).to_vec()).unwrap());
    assert!(first.starts_with("event: order.snapshot\n"), "{first}");
    assert!(last.starts_with("id: 00000000000000000002\nevent: order.snapshot\n"), "{last}");
}

#[tokio::test]
async fn a_stream_of_one_order_ends_after_order_finished() {
    let log = MemoryLog::new();
    let (id, other) = (log.accept(1), log.accept(2));
    let mut live = open(&log, Topic::Order(id), None).await;
    let mut desk = open(&log, Topic::Desk, Some(2)).await;
    assert_eq!(said(&mut live), ["s2"]);
    log.cancel(id);
    log.advance(other, 1);
    assert_eq!(said(&mut live), ["e3", "end"]);
    assert_eq!(said(&mut desk), ["e3", "e4"], "a stream of many orders goes on");
    assert_eq!(said(&mut open(&log, Topic::Order(id), Some(1)).await), ["e3", "end"]);
    assert_eq!(said(&mut open(&log, Topic::Order(id), None).await), ["s4", "end"]);
}

#[tokio::test]
async fn a_reader_that_has_the_end_of_an_order_gets_no_event() {
    let log = MemoryLog::new();
    let id = log.accept(1);
    log.cancel(id);
    assert!(open(&log, Topic::Order(id), Some(2)).await.is_over());
    assert!(!open(&log, Topic::Order(id), Some(1)).await.is_over());
}

#[tokio::test]
async fn an_order_that_ends_while_its_stream_opens_delivers_its_end() {
    let log = MemoryLog::new();
    let id = log.accept(1);
    // After the reads of the first and last kept event and of the events after the cursor.
    log.after_a_read(|_| ());
    log.after_a_read(|_| ());
    log.after_a_read(move |log| log.cancel(id));
    assert_eq!(said(&mut open(&log, Topic::Order(id), Some(1)).await), ["e2", "end"]);
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_beats_every_fifteen_seconds() {
    let log = MemoryLog::new();
    let id = log.accept(1);
    let mut feed = open(&log, Topic::Order(id), Some(1)).await;
    let opened = Instant::now();
    assert!(matches!(feed.next().await, Some(Frame::Heartbeat)));
    assert!(matches!(feed.next().await, Some(Frame::Heartbeat)));
    assert_eq!(opened.elapsed().as_secs(), 2 * HEARTBEAT_EVERY.as_secs());
}

#[tokio::test(start_paused = true)]
async fn a_dropped_wait_loses_nothing_and_delays_no_heartbeat() {
    let log = MemoryLog::new();
    let id = log.accept(1);
    let mut feed = open(&log, Topic::Order(id), Some(1)).await;
    let opened = Instant::now();
    for _ in 0..14 {
        assert!(tokio::time::timeout(Duration::from_secs(1), feed.next()).await.is_err());
    }
    assert!(matches!(feed.next().await, Some(Frame::Heartbeat)));
    assert_eq!(opened.elapsed().as_secs(), HEARTBEAT_EVERY.as_secs());
    log.advance(id, 1);
    assert_eq!(said(&mut feed), ["e2"]);
}

#[tokio::test]
async fn every_stream_ends_when_the_hub_is_closed() {
    let log = MemoryLog::new();
    let id = log.accept(1);
    let mut feed = open(&log, Topic::Order(id), None).await;
    log.hub.close();
    assert_eq!(said(&mut feed), ["end"]);
    assert_eq!(said(&mut open(&log, Topic::Desk, None).await), ["end"]);
}

#[tokio::test]
async fn a_stream_ends_when_the_log_cannot_be_read() {
    let log = MemoryLog::new();
    let id = log.accept(1);
    let mut feed = open(&log, Topic::Order(id), None).await;
    assert_eq!(said(&mut feed), ["s1"]);
    log.break_down();
    log.advance(id, 100);
    assert_eq!(said(&mut feed), ["end"]);
}

#[tokio::test]
async fn applying_a_reader_s_events_gives_the_order() {
    let log = MemoryLog::new();
    let id: OrderId = log.accept(1);
    log.after_a_read(move |log| log.advance(id, 1));
    let mut feed = open(&log, Topic::Order(id), None).await;
    log.advance(id, 40);
    let mut folded: Option<Order> = None;
    while let Some(Some(frame)) = feed.next().now_or_never() {
        let (Frame::Snapshot(framed) | Frame::Event(framed)) = frame else { continue };
        let event: Event = serde_json::from_str(&framed.json).unwrap();
        match &mut folded {
            Some(order) => assert_ne!(order.apply(&event), orders::Applied::Gap),
            None => folded = event.data.order.map(|order| *order),
        }
    }
    assert_eq!(folded.as_ref(), log.snapshot(Topic::Order(id), 1).await.unwrap().orders.first());
}

#[tokio::test]
async fn a_replaced_link_ends_the_streams_that_it_opened_and_no_others() {
    let log = MemoryLog::new();
    let id = log.accept(1);
    let mut by_link = open_by_link(&log, id, 0, None).await;
    let mut resumed = open_by_link(&log, id, 0, Some(1)).await;
    let mut others = [open(&log, Topic::Order(id), None).await, open(&log, Topic::Owner(ADA), None).await];
    assert_eq!(said(&mut by_link), ["s1"]);
    log.advance(id, 1);
    log.replace_link(id);
    log.advance(id, 1);
    assert_eq!(said(&mut by_link), ["e2", "end"]);
    assert_eq!(said(&mut resumed), ["e2", "end"]);
    assert!(by_link.is_revoked() && resumed.is_revoked());
    for other in &mut others {
        assert_eq!(said(other), ["s1", "e2", "e3", "e4"]);
        assert!(!other.is_revoked());
    }
    let mut by_new_link = open_by_link(&log, id, 1, Some(1)).await;
    log.advance(id, 1);
    assert_eq!(
        said(&mut by_new_link),
        ["e2", "e3", "e4", "e5"],
        "what happened before the new link is replayed"
    );
}

#[tokio::test]
async fn a_link_that_was_replaced_opens_no_stream() {
    let log = MemoryLog::new();
    let id = log.accept(1);
    log.replace_link(id);
    for (generation, cursor) in
        [(0, None), (0, Some(1)), (0, Some(2)), (0, Some(77)), (2, None), (2, Some(1))]
    {
        let mut feed = open_by_link(&log, id, generation, cursor).await;
        assert!(feed.is_revoked() && feed.is_over());
        assert_eq!(said(&mut feed), ["end"]);
    }
}

/// The link is replaced after every single read of a reader.
#[tokio::test]
async fn a_link_replaced_while_its_stream_opens_delivers_no_later_event() {
    for cursor in [None, Some(1)] {
        for read in 0..4 {
            let log = MemoryLog::new();
            let id = log.accept(1);
            for _ in 0..read {
                log.after_a_read(|_| ());
            }
            log.after_a_read(move |log| {
                log.replace_link(id);
                log.advance(id, 1);
            });
            let mut feed = open_by_link(&log, id, 0, cursor).await;
            log.calm_down();
            if log.head().await.unwrap() == 1 {
                // It opened with fewer reads.
                log.replace_link(id);
            }
            let heard = said(&mut feed);
            assert!(heard == ["end"] || heard == ["s1", "end"], "{cursor:?} {read} {heard:?}");
            assert!(feed.is_revoked());
        }
    }
}

#[tokio::test]
async fn a_slow_reader_whose_link_was_replaced_gets_no_snapshot() {
    let log = MemoryLog::new();
    let id = log.accept(1);
    let mut feed = open_by_link(&log, id, 0, None).await;
    assert_eq!(said(&mut feed), ["s1"]);
    log.replace_link(id);
    log.advance(id, 100);
    assert_eq!(said(&mut feed), ["end"]);
    assert!(feed.is_revoked());
}

#[tokio::test]
async fn a_replaced_link_of_an_ended_order_is_delivered_and_the_stream_ends_again() {
    let log = MemoryLog::new();
    let id = log.accept(1);
    log.cancel(id);
    log.replace_link(id);
    assert_eq!(said(&mut open(&log, Topic::Order(id), Some(1)).await), ["e2", "end"]);
    assert_eq!(said(&mut open(&log, Topic::Order(id), Some(2)).await), ["e3", "end"]);
    assert!(open(&log, Topic::Order(id), Some(3)).await.is_over());
    assert_eq!(said(&mut open(&log, Topic::Order(id), None).await), ["s3", "end"]);
    assert_eq!(said(&mut open_by_link(&log, id, 1, Some(2)).await), ["e3", "end"]);
}
