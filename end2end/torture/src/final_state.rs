//! The state at the end, by every way to read it from outside.

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

use crate::api::ApiClient;
use crate::system::{Payment, Shipment, System};
use crate::watch::WatcherState;
use crate::workload::STOCK;

/// The state at the end.
#[derive(Debug, Default, Clone)]
pub struct FinalState {
    /// All orders, as the list of orders returns them.
    pub orders: Vec<Order>,
    /// The log of each order, in the sequence of the log.
    pub logs: BTreeMap<OrderId, Vec<Entry>>,
    /// Faults of the log as a whole.
    pub log_faults: Vec<String>,
    /// The payment service's ledger.
    pub payments: Vec<Payment>,
    /// The carrier's ledger.
    pub shipments: Vec<Shipment>,
    /// The stock of each product.
    pub stock: BTreeMap<String, u32>,
    /// The names of the sent mails.
    pub mails: Vec<String>,
    /// What each watcher holds.
    pub watchers: Vec<WatcherState>,
    /// What the desk reports about unfinished work.
    pub unfinished: UnfinishedWork,
    /// The violations that `docket check` reports; none when it reports none.
    pub check: Option<String>,
    /// The largest size of the WAL, in bytes.
    pub largest_wal: u64,
    /// The position of the last event.
    pub head: u64,
}

/// One event of one order, from the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub version: u32,
    pub state: State,
    pub kind: EventType,
}

/// Unfinished work.
#[derive(Debug, Default, Clone)]
pub struct UnfinishedWork {
    /// Jobs that are due, running or scheduled, by queue.
    pub open: BTreeMap<String, u64>,
    /// The orders of quarantined jobs.
    pub quarantined: Vec<String>,
}

impl FinalState {
    /// Reads everything but the watchers.
    ///
    /// # Errors
    /// When something cannot be read.
    pub async fn read_all(system: &System, largest_wal: u64) -> Result<Self> {
        let mut desk = ApiClient::new(&system.docket.address, &system.docket.desk_key);
        let mut found = Self { largest_wal, ..Self::default() };
        found.orders = desk.orders(None, usize::MAX).await?;
        desk.events(|event| found.log(&event)).await?;
        found.stock = desk.stock().await?;
        found.payments = system.sandbox.payments().await?;
        found.shipments = system.sandbox.shipments().await?;
        found.mails = mails(&system.workdir.data.join("mail"));
        found.unfinished = UnfinishedWork::read(&mut desk).await?;
        found.check = system.docket.run_command(&["check"]).await.err().map(|error| error.to_string());
        Ok(found)
    }

    /// Adds an event of the log.
    pub fn log(&mut self, event: &Event) {
        let sequence = event.sequence.parse().unwrap_or_default();
        if sequence <= self.head {
            self.log_faults.push(format!("{} has place {sequence} after {}", event.id, self.head));
        }
        self.head = self.head.max(sequence);
        let entry = Entry { version: event.data.version, state: event.data.state, kind: event.kind };
        self.logs.entry(event.subject).or_default().push(entry);
    }

    /// Returns its orders by id.
    pub fn by_id(&self) -> BTreeMap<OrderId, &Order> {
        self.orders.iter().map(|order| (order.id, order)).collect()
    }
}

impl UnfinishedWork {
    /// Returns how many jobs are open, without those that wait for the deadline of a question.
    pub fn open_jobs(&self, orders: &[Order]) -> u64 {
        let asking = orders.iter().filter(|order| order.state == State::ActionRequired).count() as u64;
        self.open.values().sum::<u64>().saturating_sub(asking)
    }

    /// Reads the desk.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn read(desk: &mut ApiClient) -> Result<Self> {
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

/// Returns the names of the sent mails.
pub fn mails(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter_map(|name| name.strip_suffix(".eml").map(str::to_owned)).collect()
}

/// Returns the initial stock of a product.
pub fn initial_stock(sku: &str) -> u32 {
    STOCK.iter().find(|(known, _)| *known == sku).map_or(0, |(_, count)| *count)
}

/// Observes the size of the WAL until it is dropped.
#[derive(Debug)]
pub struct WalGauge {
    largest: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl WalGauge {
    /// Starts to observe.
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

    /// Returns the largest size, in bytes.
    pub fn largest(&self) -> u64 {
        self.largest.load(Ordering::Relaxed)
    }
}

impl Drop for WalGauge {
    fn drop(&mut self) {
        self.task.abort();
    }
}
