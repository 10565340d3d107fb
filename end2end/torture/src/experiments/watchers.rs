//! Thousands of watchers, some of which never read: the memory of each, and the effect on customers.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use orders::{EventType, OrderId};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, timeout};

use crate::api::ApiClient;
use crate::driver::Load;
use crate::experiment::{Experiment, Findings, Requirement, RunConfig, Scale};
use crate::history::Outcome;
use crate::measure::{millis, percentile};
use crate::system::Options;
use crate::trial::Trial;
use crate::watch::{EventStream, Received, Subscription, Topic, Transport};
use crate::workload::{Mix, OrderPlan};

pub const EXPERIMENT: Experiment = Experiment {
    name: "watchers",
    description: "thousands of streams of a few orders, and unread streams of all events, while customers order",
    pass: "every watcher receives the last event of its order; memory bounded; customers are answered as \
           quickly as before once the unread streams have filled their buffers (full size)",
    is_smoke_test: false,
    requires: &[Requirement::OpenFiles],
    run: |config| Box::pin(run(config)),
};

/// How many orders the watchers share.
const ORDERS: usize = 10;
/// How many customers order meanwhile, and how often each.
const CUSTOMERS: usize = 4;
const ORDER_INTERVAL: Duration = Duration::from_millis(200);
/// How many streams are opened concurrently.
const CONCURRENT_OPENS: usize = 200;
/// The memory that a stream may use in a debug build, in kilobytes.
const MAX_KB_PER_WATCHER: u64 = 64;
/// The memory that a stream with a full queue may use, in kilobytes.
const MAX_KB_PER_UNREAD_STREAM: u64 = 256;

/// A report of a watcher.
enum Delivery {
    /// Its stream is open.
    Opened,
    /// The last event of the order with this index arrived, at this time.
    Finished(usize, Instant),
    /// Its stream broke, and why.
    Broken(String),
}

async fn run(config: RunConfig) -> Result<Findings> {
    let (watchers, unread): (usize, usize) = config.pick((200, 20), (2_000, 200), (10_000, 1_000));
    let phase = Duration::from_secs(config.pick(3, 10, 20));
    let options = Options::default().delivering().with_setting("DOCKET_MAX_CONNECTIONS_PER_ADDRESS", 100_000);
    let mut findings = Findings::default();
    let mut trial = Trial::begin(&config, options, Load::NONE).await?;
    let orders = place_waiting_orders(&mut trial, config.seed).await?;
    let docket = &trial.system.docket;
    let p99_before = p99_of_customers(&trial, format!("{}xa", config.seed), phase).await;
    let memory_before = docket.memory();
    let (sender, mut deliveries) = mpsc::unbounded_channel();
    let (mut tasks, opening_slots) = (JoinSet::new(), Arc::new(Semaphore::new(CONCURRENT_OPENS)));
    for index in (0..watchers).map(|number| number % ORDERS) {
        let (address, key) = (docket.address.clone(), docket.key.clone());
        let subscription =
            Subscription { address, key, topic: Topic::One(orders[index]), transport: Transport::Sse };
        tasks.spawn(watch(subscription, index, opening_slots.clone(), sender.clone()));
    }
    for opened in 0..watchers {
        let delivery = timeout(config.time_limit, deliveries.recv()).await.ok().flatten();
        ensure!(matches!(delivery, Some(Delivery::Opened)), "only {opened} of {watchers} streams opened");
    }
    let memory_with_watchers = docket.memory();
    let mut unread_streams = Vec::new();
    for _ in 0..unread {
        unread_streams.push(open_unread(&docket.address, &docket.desk_key).await?);
    }
    let p99_while_filling = p99_of_customers(&trial, format!("{}xb", config.seed), phase).await;
    let p99_with_unread = p99_of_customers(&trial, format!("{}xc", config.seed), phase).await;
    let memory_with_unread = docket.memory();

    let kb_per_watcher = memory_with_watchers.saturating_sub(memory_before) / watchers as u64;
    findings.figure("watchers", format!("{watchers}, at {kb_per_watcher} KB each"));
    findings.figure("streams that are not read", unread);
    let memory = [memory_before, memory_with_watchers, memory_with_unread];
    let memory = memory.map(|kilobytes| (kilobytes / 1024).to_string()).join(" → ");
    findings.figure("memory", format!("{memory} MB"));
    let latencies = [p99_before, p99_while_filling, p99_with_unread].map(millis).join(" → ");
    findings.figure("p99 of accept without them, while buffers fill, and with full buffers", latencies);
    findings.expect(kb_per_watcher <= MAX_KB_PER_WATCHER, || format!("a watcher uses {kb_per_watcher} KB"));
    let limit = memory_with_watchers + unread as u64 * MAX_KB_PER_UNREAD_STREAM + 64 * 1024;
    findings
        .expect(memory_with_unread <= limit, || format!("its memory is {} MB", memory_with_unread / 1024));
    if config.scale == Scale::Full {
        let tolerance = p99_before.mul_f64(0.2).max(Duration::from_millis(5));
        findings.expect(p99_with_unread <= p99_before + tolerance, || {
            format!("the p99 of accepting was {}", millis(p99_with_unread))
        });
    }

    trial.driver.correct_orders().await?;
    let (mut finished, mut broken) = (vec![Vec::new(); ORDERS], Vec::new());
    for _ in 0..watchers {
        match timeout(config.time_limit, deliveries.recv()).await {
            Ok(Some(Delivery::Finished(index, at))) => finished[index].push(at),
            Ok(Some(Delivery::Broken(reason))) => broken.push(reason),
            Ok(Some(Delivery::Opened) | None) | Err(_) => break,
        }
    }
    let count: usize = finished.iter().map(Vec::len).sum();
    findings.expect(count == watchers, || {
        format!("{count} of {watchers} received the last event of their order; {:?}", broken.first())
    });
    findings.figure(
        "from the first watcher with the last event to the last",
        millis(percentile(&spreads(&finished), 1.0)),
    );
    drop(unread_streams);
    trial.finish(findings).await
}

/// Places orders that wait for another card, so that they have no events meanwhile.
async fn place_waiting_orders(trial: &mut Trial, seed: u64) -> Result<Vec<OrderId>> {
    let docket = &trial.system.docket;
    let mut api = ApiClient::new(&docket.address, &docket.key);
    let mut orders = Vec::new();
    for number in 0..ORDERS {
        let plan = OrderPlan::random(seed, number, Mix::Declined);
        let outcome = api.submit_order(&trial.history, &format!("{seed}xw{number}"), &plan).await;
        let Outcome::Acknowledged(order) = outcome else {
            bail!("an order was not accepted: {outcome:?}");
        };
        orders.push(order.id);
    }
    trial.wait_until_quiet().await?;
    Ok(orders)
}

/// Lets customers order for a while, and returns the 99th percentile of their latency.
async fn p99_of_customers(trial: &Trial, name: String, phase: Duration) -> Duration {
    let docket = &trial.system.docket;
    let began = trial.history.age();
    let mut customers = JoinSet::new();
    for customer in 0..CUSTOMERS {
        let (mut api, history) = (ApiClient::new(&docket.address, &docket.key), trial.history.clone());
        let (name, plan) = (format!("{name}{customer}"), OrderPlan::default());
        customers.spawn(async move {
            let (mut tick, until) = (interval(ORDER_INTERVAL), Instant::now() + phase);
            let mut number = 0;
            while Instant::now() < until {
                tick.tick().await;
                api.submit_order(&history, &format!("{name}n{number}"), &plan).await;
                number += 1;
            }
        });
    }
    customers.join_all().await;
    trial.history.read().p99(began..Duration::MAX)
}

/// Watches one order to its end.
async fn watch(
    subscription: Subscription,
    index: usize,
    opening_slots: Arc<Semaphore>,
    sender: mpsc::UnboundedSender<Delivery>,
) {
    // The receiver is dropped when the experiment ends early.
    let report = |delivery| drop(sender.send(delivery));
    let slot = opening_slots.acquire().await;
    let mut stream = match EventStream::open(&subscription, None).await {
        Ok(stream) => stream,
        Err(error) => return report(Delivery::Broken(format!("{error:#}"))),
    };
    let mut slot = Some(slot);
    loop {
        match stream.next().await {
            Received::Event { event, .. } if event.kind == EventType::Snapshot => {
                if slot.take().is_some() {
                    report(Delivery::Opened);
                }
            }
            Received::Event { event, .. } if event.kind == EventType::Finished => {
                return report(Delivery::Finished(index, Instant::now()));
            }
            Received::Event { .. } => {}
            Received::Unreadable(text) => return report(Delivery::Broken(text)),
            Received::Ended | Received::Disconnected => {
                return report(Delivery::Broken("the stream ended before the last event".to_owned()));
            }
        }
    }
}

/// Opens a stream of all events from the first on, which is not read, with the smallest possible receive buffer.
async fn open_unread(address: &str, key: &str) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(1)?;
    let mut stream = socket.connect(address.parse()?).await?;
    let headers = "Accept: text/event-stream\r\nLast-Event-ID: 0";
    let request = format!(
        "GET /api/v1/events HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\n{headers}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    Ok(stream)
}

/// Returns for each order how much later the last watcher received an event than the first.
fn spreads(received: &[Vec<Instant>]) -> Vec<Duration> {
    let spread = |times: &Vec<Instant>| Some(times.iter().max()?.duration_since(*times.iter().min()?));
    received.iter().filter_map(spread).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_is_between_the_first_and_the_last_watcher_of_the_same_order() {
        let now = Instant::now();
        let after = |millis| now + Duration::from_millis(millis);
        let received = [vec![after(5), after(1), after(9)], vec![after(100)], Vec::new()];
        assert_eq!(spreads(&received), [Duration::from_millis(8), Duration::ZERO]);
    }
}
