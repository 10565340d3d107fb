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

use crate::api::Api;
use crate::driver::Load;
use crate::experiment::{Bench, Experiment, Findings, Need, Scale};
use crate::history::Outcome;
use crate::measure::{millis, share};
use crate::shop::{Mix, Wish};
use crate::system::Options;
use crate::trial::Trial;
use crate::watch::{Heard, Line, Seat, Topic, Wire};

pub const EXPERIMENT: Experiment = Experiment {
    name: "watchers",
    how: "thousands of streams of a few orders, and streams of everything that nobody reads, beside customers who order",
    pass: "every watcher hears its order to the end; memory bounded; customers are answered as quickly as before, once what \
           nobody reads has filled its connections (full size)",
    in_slice: false,
    needs: &[Need::Files],
    run: |bench| Box::pin(run(bench)),
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
enum Told {
    Opened,
    Finished(usize, Instant),
    Broken(String),
}

async fn run(bench: Bench) -> Result<Findings> {
    let (watchers, unread): (usize, usize) = bench.pick((200, 20), (2_000, 200), (10_000, 1_000));
    let while_ = Duration::from_secs(bench.pick(3, 10, 20));
    let options = Options::default().delivering().with("DOCKET_MAX_CONNECTIONS_PER_ADDRESS", 100_000);
    let mut findings = Findings::default();
    let mut trial = Trial::begin(&bench, options, Load::NONE).await?;
    let orders = waiting_orders(&mut trial, bench.seed).await?;
    let docket = &trial.system.docket;
    let before = customers(&trial, format!("{}xa", bench.seed), while_).await;
    let alone = docket.memory();
    let (tell, mut told) = mpsc::unbounded_channel();
    let (mut crowd, door) = (JoinSet::new(), Arc::new(Semaphore::new(AT_ONCE)));
    for place in (0..watchers).map(|number| number % ORDERS) {
        let (address, key) = (docket.address.clone(), docket.key.clone());
        let seat = Seat { address, key, topic: Topic::One(orders[place]), wire: Wire::Sse };
        crowd.spawn(watch(seat, place, door.clone(), tell.clone()));
    }
    for opened in 0..watchers {
        let heard = timeout(bench.patience, told.recv()).await.ok().flatten();
        ensure!(matches!(heard, Some(Told::Opened)), "only {opened} of {watchers} streams opened");
    }
    let watched = docket.memory();
    let mut streams = Vec::new();
    for _ in 0..unread {
        streams.push(never_read(&docket.address, &docket.desk_key).await?);
    }
    let while_they_fill = customers(&trial, format!("{}xb", bench.seed), while_).await;
    let beside = customers(&trial, format!("{}xc", bench.seed), while_).await;
    let crowded = docket.memory();

    let each = watched.saturating_sub(alone) / watchers as u64;
    findings.fact("watchers", format!("{watchers}, at {each} KB each"));
    findings.fact("streams that nobody reads", unread);
    findings.fact("memory", format!("{} → {} → {} MB", alone / 1024, watched / 1024, crowded / 1024));
    let accepting = [before, while_they_fill, beside].map(millis).join(" → ");
    findings.fact("p99 of accept without them, while connections fill, and with them", accepting);
    findings.expect(each <= KB_EACH, || format!("a watcher costs {each} KB"));
    let bound = watched + unread as u64 * KB_UNREAD + 64 * 1024;
    findings.expect(crowded <= bound, || format!("its memory is {} MB", crowded / 1024));
    if bench.scale == Scale::Full {
        let slack = before.mul_f64(0.2).max(Duration::from_millis(5));
        findings.expect(beside <= before + slack, || format!("accepting took {}", millis(beside)));
    }

    trial.driver.mend().await?;
    let (mut ends, mut broken) = (vec![Vec::new(); ORDERS], Vec::new());
    for _ in 0..watchers {
        match timeout(bench.patience, told.recv()).await {
            Ok(Some(Told::Finished(place, at))) => ends[place].push(at),
            Ok(Some(Told::Broken(why))) => broken.push(why),
            Ok(Some(Told::Opened) | None) | Err(_) => break,
        }
    }
    let heard: usize = ends.iter().map(Vec::len).sum();
    findings.expect(heard == watchers, || {
        format!("{heard} of {watchers} heard the end of their order; {:?}", broken.first())
    });
    findings.fact("from the first who hears the end to the last", millis(share(&spreads(&ends), 1.0)));
    drop(streams);
    trial.finish(findings).await
}

/// Returns orders that wait for another card, so that nothing happens to them.
async fn waiting_orders(trial: &mut Trial, seed: u64) -> Result<Vec<OrderId>> {
    let docket = &trial.system.docket;
    let mut api = Api::new(&docket.address, &docket.key);
    let mut orders = Vec::new();
    for number in 0..ORDERS {
        let wish = Wish::draw(seed, number, Mix::Declined);
        let outcome = api.order(&trial.history, &format!("{seed}xw{number}"), &wish).await;
        let Outcome::Acknowledged(order) = outcome else {
            bail!("an order was not accepted: {outcome:?}");
        };
        orders.push(order.id);
    }
    trial.quiet().await?;
    Ok(orders)
}

/// Customers order for a while; returns the 99th percentile of their latency.
async fn customers(trial: &Trial, name: String, during: Duration) -> Duration {
    let docket = &trial.system.docket;
    let began = trial.history.age();
    let mut customers = JoinSet::new();
    for customer in 0..CUSTOMERS {
        let (mut api, history) = (Api::new(&docket.address, &docket.key), trial.history.clone());
        let (name, wish) = (format!("{name}{customer}"), Wish::default());
        customers.spawn(async move {
            let (mut tick, until) = (interval(EVERY), Instant::now() + during);
            let mut number = 0;
            while Instant::now() < until {
                tick.tick().await;
                api.order(&history, &format!("{name}n{number}"), &wish).await;
                number += 1;
            }
        });
    }
    customers.join_all().await;
    trial.history.read().p99(began..Duration::MAX)
}

/// Watches one order to its end.
async fn watch(seat: Seat, place: usize, door: Arc<Semaphore>, tell: mpsc::UnboundedSender<Told>) {
    // The receiver may be gone.
    let say = |what| drop(tell.send(what));
    let entering = door.acquire().await;
    let mut line = match Line::open(&seat, None).await {
        Ok(line) => line,
        Err(error) => return say(Told::Broken(format!("{error:#}"))),
    };
    let mut entering = Some(entering);
    loop {
        match line.hear().await {
            Heard::Event { event, .. } if event.kind == EventType::Snapshot => {
                if entering.take().is_some() {
                    say(Told::Opened);
                }
            }
            Heard::Event { event, .. } if event.kind == EventType::Finished => {
                return say(Told::Finished(place, Instant::now()));
            }
            Heard::Event { .. } => {}
            Heard::Unreadable(what) => return say(Told::Broken(what)),
            Heard::Over | Heard::Broken => return say(Told::Broken("the stream broke off".to_owned())),
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
    fn the_last_one_who_hears_something_is_compared_with_the_first_of_the_same_order() {
        let now = Instant::now();
        let after = |millis| now + Duration::from_millis(millis);
        let heard = [vec![after(5), after(1), after(9)], vec![after(100)], Vec::new()];
        assert_eq!(spreads(&heard), [Duration::from_millis(8), Duration::ZERO]);
    }
}
