//! Reading an order from the columns of its row.

use orders::facts::OrderColumns;
use orders::{Money, OrderId, OrderNumber, OrderRecord, Owner, PaymentState, State, Timestamp};

/// The columns of an order as the file has them, whichever library reads them.
pub(super) struct StoredOrder<'a> {
    pub count: u64,
    pub id: [u8; 16],
    pub owner: Option<[u8; 16]>,
    pub state: &'a str,
    pub payment: &'a str,
    pub version: u32,
    /// In milliseconds, as all times.
    pub created_at: i64,
    pub updated_at: i64,
    /// In minor units of the currency.
    pub total: i64,
    pub currency: &'a str,
    pub delayed: bool,
    /// JSON, as the progress.
    pub details: &'a str,
    pub progress: &'a str,
}

impl StoredOrder<'_> {
    /// Returns the record. `public_url` is the public base address, without a trailing slash.
    ///
    /// # Errors
    /// With what is wrong with the order, such as "its state is lost".
    pub(super) fn record(self, public_url: &str) -> Result<OrderRecord, String> {
        let unreadable = |error: &dyn std::fmt::Display| format!("it cannot be read: {error}");
        let state = State::from_word(self.state).ok_or_else(|| format!("its state is {}", self.state))?;
        let payment = PaymentState::from_word(self.payment)
            .ok_or_else(|| format!("its payment is {}", self.payment))?;
        let currency = self.currency.parse().map_err(|_| format!("its currency is {}", self.currency))?;
        let columns = OrderColumns {
            id: OrderId::from_bytes(self.id),
            number: OrderNumber::of(self.count),
            owner: self.owner.map(Owner),
            state,
            payment,
            version: self.version,
            created_at: Timestamp::from_millis(self.created_at),
            updated_at: Timestamp::from_millis(self.updated_at),
            total: Money::new(self.total, currency),
            delayed: self.delayed,
        };
        let details = serde_json::from_str(self.details).map_err(|error| unreadable(&error))?;
        let progress = serde_json::from_str(self.progress).map_err(|error| unreadable(&error))?;
        OrderRecord::from_facts(columns, details, progress, public_url).map_err(|error| unreadable(&error))
    }
}
