//! The state at the end of a trial, read from outside: from the API, the desk, the ledgers and the mails.

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

/// The state at the end of a trial.
#[derive(Debug, Default, Clone)]
pub struct FinalState {
    /// All orders, as the list of orders returns them.
    pub orders: Vec<Order>,
    /// The log of each order, in the sequence of the log.
    pub logs: BTreeMap<OrderId, Vec<Entry>>,
    /// Violations in the sequence of the log, each a sentence.
    pub log_faults: Vec<String>,
    /// The payment service's ledger.
    pub payments: Vec<Payment>,
    /// The carrier's ledger.
    pub shipments: Vec<Shipment>,
    /// The stock of each product.
    pub stock: BTreeMap<String, u32>,
    /// The names of the sent mails.
    pub mails: Vec<String>,
    /// The state of each watcher.
    pub watchers: Vec<WatcherState>,
    /// The unfinished work, as the desk reports it.
    pub unfinished: UnfinishedWork,
    /// The violations that `docket check` reports, if any.
    pub check: Option<String>,
    /// The largest size of the WAL, in bytes.
    pub largest_wal: u64,
    /// The sequence of the last event.
    pub head: u64,
}

/// One event of an order in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub version: u32,
    pub state: State,
    pub kind: EventType,
}

/// The jobs that are open or quarantined.
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
        let mut state = Self { largest_wal, ..Self::default() };
        state.orders = desk.orders(None, usize::MAX).await?;
        desk.events(|event| state.add_event(&event)).await?;
        state.stock = desk.stock().await?;
        state.payments = system.sandbox.payments().await?;
        state.shipments = system.sandbox.shipments().await?;
        state.mails = mails(&system.workdir.data.join("mail"));
        state.unfinished = UnfinishedWork::read(&mut desk).await?;
        state.check = system.docket.run_command(&["check"]).await.err().map(|error| error.to_string());
        Ok(state)
    }

    /// Adds an event of the log.
    pub fn add_event(&mut self, event: &Event) {
        let sequence = event.sequence.parse().unwrap_or_default();
        if sequence <= self.head {
            self.log_faults.push(format!("{} has sequence {sequence} after {}", event.id, self.head));
        }
        self.head = self.head.max(sequence);
        let entry = Entry { version: event.data.version, state: event.data.state, kind: event.kind };
        self.logs.entry(event.subject).or_default().push(entry);
    }

    /// Returns the orders by id.
    pub fn by_id(&self) -> BTreeMap<OrderId, &Order> {
        self.orders.iter().map(|order| (order.id, order)).collect()
    }
}

impl UnfinishedWork {
    /// Returns how many jobs are open, without the deadline job of each order that waits for its customer.
    pub fn open_jobs(&self, orders: &[Order]) -> u64 {
        let waiting = orders.iter().filter(|order| order.state == State::ActionRequired).count() as u64;
        self.open.values().sum::<u64>().saturating_sub(waiting)
    }

    /// Reads it from the desk.
    ///
    /// # Errors
    /// When the desk does not answer.
    pub async fn read(desk: &mut ApiClient) -> Result<Self> {
        let mut unfinished = Self::default();
        let queues: QueuePage = desk.read("/api/v1/desk/queues").await?;
        for queue in queues.queues {
            unfinished.open.insert(queue.name, queue.due + queue.running + queue.scheduled);
        }
        let mut token = String::new();
        loop {
            let path = format!("/api/v1/desk/jobs?state=quarantined&page_size=100&page_token={token}");
            let page: JobPage = desk.read(&path).await?;
            let order = |job: JobView| job.order.map_or("no order".to_owned(), |order| order.id.to_string());
            unfinished.quarantined.extend(page.jobs.into_iter().map(order));
            match page.next_page_token {
                Some(next) => token = next,
                None => return Ok(unfinished),
            }
        }
    }
}

/// Returns the names of the sent mails, without `.eml`.
pub fn mails(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter_map(|name| name.strip_suffix(".eml").map(str::to_owned)).collect()
}

/// Returns the initial stock of a product.
pub fn initial_stock(sku: &str) -> u32 {
    STOCK.iter().find(|(known, _)| *known == sku).map_or(0, |(_, count)| *count)
}

/// Measures the size of the WAL until it is dropped.
#[derive(Debug)]
pub struct WalGauge {
    largest: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl WalGauge {
    /// Starts to measure.
    pub fn start(database: &Path) -> Self {
        let file = database.with_file_name("docket.db-wal");
        let largest = Arc::<AtomicU64>::default();
        let shared = largest.clone();
        let task = tokio::spawn(async move {
            loop {
                let size = tokio::fs::metadata(&file).await.map_or(0, |file| file.len());
                shared.fetch_max(size, Ordering::Relaxed);
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
