//! Very many watchers, some of which never read: what each costs, and how they affect others.

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
    description: "thousands of streams of a few orders, and streams of everything that nobody reads, beside customers who order",
    pass: "every watcher hears its order to the end; memory bounded; customers are answered as quickly as before, once what \
           nobody reads has filled its connections (full size)",
    is_smoke_test: false,
    requires: &[Requirement::Files],
    run: |config| Box::pin(run(config)),
};

/// How many orders are watched by all of them.
const ORDERS: usize = 10;
/// How many customers order meanwhile, and how often each.
const CUSTOMERS: usize = 4;
const EVERY: Duration = Duration::from_millis(200);
/// How many streams are opened at the same time.
const AT_ONCE: usize = 200;
/// The memory that a stream may use in a debug build, and one that is not read, with its queue.
const KB_EACH: u64 = 64;
const KB_UNREAD: u64 = 256;

/// What a watcher reports.
enum Delivery {
    Opened,
    Finished(usize, Instant),
    Broken(String),
}

async fn run(config: RunConfig) -> Result<Findings> {
    let (watchers, unread): (usize, usize) = config.pick((200, 20), (2_000, 200), (10_000, 1_000));
    let while_ = Duration::from_secs(config.pick(3, 10, 20));
    let options = Options::default().delivering().with("DOCKET_MAX_CONNECTIONS_PER_ADDRESS", 100_000);
    let mut findings = Findings::default();
    let mut trial = Trial::begin(&config, options, Load::NONE).await?;
    let orders = waiting_orders(&mut trial, config.seed).await?;
    let docket = &trial.system.docket;
    let before = customers(&trial, format!("{}xa", config.seed), while_).await;
    let alone = docket.memory();
    let (tell, mut summary) = mpsc::unbounded_channel();
    let (mut crowd, door) = (JoinSet::new(), Arc::new(Semaphore::new(AT_ONCE)));
    for index in (0..watchers).map(|number| number % ORDERS) {
        let (address, key) = (docket.address.clone(), docket.key.clone());
        let subscription =
            Subscription { address, key, topic: Topic::One(orders[index]), transport: Transport::Sse };
        crowd.spawn(watch(subscription, index, door.clone(), tell.clone()));
    }
    for opened in 0..watchers {
        let heard = timeout(config.time_limit, summary.recv()).await.ok().flatten();
        ensure!(matches!(heard, Some(Delivery::Opened)), "only {opened} of {watchers} streams opened");
    }
    let watcher_state = docket.memory();
    let mut streams = Vec::new();
    for _ in 0..unread {
        streams.push(never_read(&docket.address, &docket.desk_key).await?);
    }
    let while_they_fill = customers(&trial, format!("{}xb", config.seed), while_).await;
    let beside = customers(&trial, format!("{}xc", config.seed), while_).await;
    let crowded = docket.memory();

    let each = watcher_state.saturating_sub(alone) / watchers as u64;
    findings.figure("watchers", format!("{watchers}, at {each} KB each"));
    findings.figure("streams that nobody reads", unread);
    findings.figure("memory", format!("{} → {} → {} MB", alone / 1024, watcher_state / 1024, crowded / 1024));
    let accepting = [before, while_they_fill, beside].map(millis).join(" → ");
    findings.figure("p99 of accept without them, while connections fill, and with them", accepting);
    findings.expect(each <= KB_EACH, || format!("a watcher costs {each} KB"));
    let bound = watcher_state + unread as u64 * KB_UNREAD + 64 * 1024;
    findings.expect(crowded <= bound, || format!("its memory is {} MB", crowded / 1024));
    if config.scale == Scale::Full {
        let slack = before.mul_f64(0.2).max(Duration::from_millis(5));
        findings.expect(beside <= before + slack, || format!("accepting took {}", millis(beside)));
    }

    trial.driver.correct().await?;
    let (mut ends, mut broken) = (vec![Vec::new(); ORDERS], Vec::new());
    for _ in 0..watchers {
        match timeout(config.time_limit, summary.recv()).await {
            Ok(Some(Delivery::Finished(index, at))) => ends[index].push(at),
            Ok(Some(Delivery::Broken(why))) => broken.push(why),
            Ok(Some(Delivery::Opened) | None) | Err(_) => break,
        }
    }
    let heard: usize = ends.iter().map(Vec::len).sum();
    findings.expect(heard == watchers, || {
        format!("{heard} of {watchers} heard the end of their order; {:?}", broken.first())
    });
    findings.figure("from the first who hears the end to the last", millis(percentile(&spreads(&ends), 1.0)));
    drop(streams);
    trial.finish(findings).await
}

/// Returns orders that wait for another card, so that nothing happens to them.
async fn waiting_orders(trial: &mut Trial, seed: u64) -> Result<Vec<OrderId>> {
    let docket = &trial.system.docket;
    let mut api = ApiClient::new(&docket.address, &docket.key);
    let mut orders = Vec::new();
    for number in 0..ORDERS {
        let plan = OrderPlan::random(seed, number, Mix::Declined);
        let outcome = api.order(&trial.history, &format!("{seed}xw{number}"), &plan).await;
        let Outcome::Acknowledged(order) = outcome else {
            bail!("an order was not accepted: {outcome:?}");
        };
        orders.push(order.id);
    }
    trial.wait_until_quiet().await?;
    Ok(orders)
}

/// Customers order for a while; returns the 99th percentile of their latency.
async fn customers(trial: &Trial, name: String, during: Duration) -> Duration {
    let docket = &trial.system.docket;
    let began = trial.history.age();
    let mut customers = JoinSet::new();
    for customer in 0..CUSTOMERS {
        let (mut api, history) = (ApiClient::new(&docket.address, &docket.key), trial.history.clone());
        let (name, plan) = (format!("{name}{customer}"), OrderPlan::default());
        customers.spawn(async move {
            let (mut tick, until) = (interval(EVERY), Instant::now() + during);
            let mut number = 0;
            while Instant::now() < until {
                tick.tick().await;
                api.order(&history, &format!("{name}n{number}"), &plan).await;
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
    door: Arc<Semaphore>,
    tell: mpsc::UnboundedSender<Delivery>,
) {
    // The receiver may be gone.
    let say = |what| drop(tell.send(what));
    let entering = door.acquire().await;
    let mut line = match EventStream::open(&subscription, None).await {
        Ok(line) => line,
        Err(error) => return say(Delivery::Broken(format!("{error:#}"))),
    };
    let mut entering = Some(entering);
    loop {
        match line.hear().await {
            Received::Event { event, .. } if event.kind == EventType::Snapshot => {
                if entering.take().is_some() {
                    say(Delivery::Opened);
                }
            }
            Received::Event { event, .. } if event.kind == EventType::Finished => {
                return say(Delivery::Finished(index, Instant::now()));
            }
            Received::Event { .. } => {}
            Received::Unreadable(what) => return say(Delivery::Broken(what)),
            Received::Over | Received::Broken => {
                return say(Delivery::Broken("the stream broke off".to_owned()));
            }
        }
    }
}

/// Opens a stream of all events from the first on, with the smallest possible buffer.
async fn never_read(address: &str, key: &str) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(1)?;
    let mut stream = socket.connect(address.parse()?).await?;
    let wants = "Accept: text/event-stream\r\nLast-Event-ID: 0";
    let ask = format!(
        "GET /api/v1/events HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\n{wants}\r\n\r\n"
    );
    stream.write_all(ask.as_bytes()).await?;
    Ok(stream)
}

/// Returns for each order how much later the last watcher received an event than the first.
fn spreads(heard: &[Vec<Instant>]) -> Vec<Duration> {
    let spread = |times: &Vec<Instant>| Some(times.iter().max()?.duration_since(*times.iter().min()?));
    heard.iter().filter_map(spread).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_is_between_the_first_and_the_last_watcher_of_the_same_order() {
        let now = Instant::now();
        let after = |millis| now + Duration::from_millis(millis);
        let heard = [vec![after(5), after(1), after(9)], vec![after(100)], Vec::new()];
        assert_eq!(spreads(&heard), [Duration::from_millis(8), Duration::ZERO]);
    }
}
