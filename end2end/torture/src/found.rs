//! What is there at the end, by every way the rig can look at it from outside.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use orders::desk::{JobPage, JobView, QueuePage};
use orders::{Event, EventType, Order, OrderId, State};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::api::Api;
use crate::shop::STOCK;
use crate::system::{Payment, Shipment, System};
use crate::watch::Watched;

/// Everything that was found.
#[derive(Debug, Default, Clone)]
pub struct Found {
    /// All orders, as the list of orders shows them.
    pub orders: Vec<Order>,
    /// The log of each order, in the sequence of the log.
    pub logs: BTreeMap<OrderId, Vec<Entry>>,
    /// What is wrong with the log as a whole.
    pub log_faults: Vec<String>,
    /// The payment service's ledger.
    pub payments: Vec<Payment>,
    /// The carrier's ledger.
    pub shipments: Vec<Shipment>,
    /// What can still be ordered of each product.
    pub stock: BTreeMap<String, u32>,
    /// The names of the mails that were written.
    pub mails: Vec<String>,
    /// What each watcher holds.
    pub watched: Vec<Watched>,
    /// What the desk says about work that is left.
    pub leftovers: Leftovers,
    /// What `docket check` complains about; none when it is content.
    pub check: Option<String>,
    /// How large the write-ahead log became at its largest, in bytes.
    pub largest_wal: u64,
    /// The place of the last event.
    pub head: u64,
}

/// One event of one order, as the log has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub version: u32,
    pub state: State,
    pub kind: EventType,
}

/// Work that is not done.
#[derive(Debug, Default, Clone)]
pub struct Leftovers {
    /// Jobs that are due, run, or wait for later: queue and number.
    pub open: BTreeMap<String, u64>,
    /// The orders of quarantined jobs.
    pub quarantined: Vec<String>,
}

impl Found {
    /// Looks everywhere but at the watchers.
    ///
    /// # Errors
    /// When one of the ways is closed.
    pub async fn gather(system: &System, largest_wal: u64) -> Result<Self> {
        let mut desk = Api::new(&system.docket.address, &system.docket.desk_key);
        let mut found = Self { largest_wal, ..Self::default() };
        found.orders = desk.orders(None, usize::MAX).await?;
        desk.events(|event| found.log(&event)).await?;
        found.stock = desk.stock().await?;
        found.payments = system.sandbox.payments().await?;
        found.shipments = system.sandbox.shipments().await?;
        found.mails = mails(&system.place.data.join("mail"));
        found.leftovers = Leftovers::read(&mut desk).await?;
        found.check = system.docket.tool(&["check"]).await.err().map(|error| error.to_string());
        Ok(found)
    }

    /// Takes an event of the log in.
    pub fn log(&mut self, event: &Event) {
        let sequence = event.sequence.parse().unwrap_or_default();
        if sequence <= self.head {
            self.log_faults.push(format!("{} has place {sequence} after {}", event.id, self.head));
        }
        self.head = self.head.max(sequence);
        let entry = Entry { version: event.data.version, state: event.data.state, kind: event.kind };
        self.logs.entry(event.subject).or_default().push(entry);
    }

    /// Its orders by their ids.
    pub fn by_id(&self) -> BTreeMap<OrderId, &Order> {
        self.orders.iter().map(|order| (order.id, order)).collect()
    }
}

impl Leftovers {
    /// How many jobs are open beside those that wait for the deadline of an order that asks its customer for something.
    pub fn undone(&self, orders: &[Order]) -> u64 {
        let asking = orders.iter().filter(|order| order.state == State::ActionRequired).count() as u64;
        self.open.values().sum::<u64>().saturating_sub(asking)
    }

    /// Asks the desk.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn read(desk: &mut Api) -> Result<Self> {
        let mut left = Self::default();
        let queues: QueuePage = desk.read("/api/v1/desk/queues").await?;
        for queue in queues.queues {
            left.open.insert(queue.name, queue.due + queue.running + queue.scheduled);
        }
        let mut token = String::new();
        loop {
            let path = format!("/api/v1/desk/jobs?state=quarantined&page_size=100&page_token={token}");
            let page: JobPage = desk.read(&path).await?;
            let name = |job: JobView| job.order.map_or("no order".to_owned(), |order| order.id.to_string());
            left.quarantined.extend(page.jobs.into_iter().map(name));
            match page.next_page_token {
                Some(next) => token = next,
                None => return Ok(left),
            }
        }
    }
}

/// The names of the mails that were written.
pub fn mails(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter_map(|name| name.strip_suffix(".eml").map(str::to_owned)).collect()
}

/// How many of a product there were at the beginning.
pub fn stocked(sku: &str) -> u32 {
    STOCK.iter().find(|(known, _)| *known == sku).map_or(0, |(_, count)| *count)
}

/// Looks every now and then how large the write-ahead log is; ends when it is dropped.
#[derive(Debug)]
pub struct WalGauge {
    largest: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl WalGauge {
    /// Begins to look.
    pub fn start(database: &Path) -> Self {
        let file = database.with_file_name("docket.db-wal");
        let largest = Arc::<AtomicU64>::default();
        let gauge = largest.clone();
        let task = tokio::spawn(async move {
            loop {
                let size = tokio::fs::metadata(&file).await.map_or(0, |file| file.len());
                gauge.fetch_max(size, Ordering::Relaxed);
                sleep(Duration::from_millis(200)).await;
            }
        });
        Self { largest, task }
    }

    /// The largest size that was seen, in bytes.
    pub fn largest(&self) -> u64 {
        self.largest.load(Ordering::Relaxed)
    }
}

impl Drop for WalGauge {
    fn drop(&mut self) {
        self.task.abort();
    }
}
