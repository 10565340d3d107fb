use rusqlite::{
    Connection, OptionalExtension as _, Row, ToSql, params,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};

use super::{Answered, Key, LedgerError, Page, Reply, SandboxLedger, replies::once};

/// A shipment. Times are in Unix milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shipment {
    /// `shp_…`
    pub id: String,
    pub key: Option<String>,
    pub order_id: String,
    pub tracking_number: String,
    pub status: ShipmentStatus,
    pub created_at: i64,
    /// When the carrier moves it; none when it never will.
    pub moves_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShipmentStatus {
    Booked,
    Cancelled,
    PickedUp,
    Delivered,
}

const COLUMNS: &str = "seq, id, key, order_id, tracking_number, status, created_at, moves_at";

impl SandboxLedger {
    /// Writes a new shipment and the reply to it, unless the key was used before.
    pub async fn add_shipment(
        &self,
        key: Option<Key>,
        shipment: Shipment,
        reply: Reply,
    ) -> Result<Answered, LedgerError> {
        self.run(move |db| {
            once(db, key, |db| {
                insert(db, &shipment)?;
                Ok(reply)
            })
        })
        .await
    }

    /// Lets `change` decide about the shipment and the answer; none when the shipment does not exist.
    pub async fn change_shipment(
        &self,
        key: Option<Key>,
        id: String,
        change: impl FnOnce(&mut Shipment) -> Reply + Send + 'static,
    ) -> Result<Option<Answered>, LedgerError> {
        self.run(move |db| {
            let Some(mut shipment) = find(db, "id", &id)? else { return Ok(None) };
            once(db, key, |db| {
                let reply = change(&mut shipment);
                update(db, &shipment)?;
                Ok(reply)
            })
            .map(Some)
        })
        .await
    }

    pub async fn tracked_shipment(&self, tracking_number: String) -> Result<Option<Shipment>, LedgerError> {
        self.run(move |db| find(db, "tracking_number", &tracking_number)).await
    }

    /// Returns the shipments of one order, newest first.
    pub async fn shipments_of(&self, order: String) -> Result<Vec<Shipment>, LedgerError> {
        self.run(move |db| {
            let sql = format!("SELECT {COLUMNS} FROM shipments WHERE order_id = ? ORDER BY seq DESC");
            db.prepare_cached(&sql)?.query_map([order], |row| Ok(read(row)?.1))?.collect()
        })
        .await
    }

    pub async fn shipments(&self, after: i64, size: u32) -> Result<Page<Shipment>, LedgerError> {
        self.run(move |db| {
            let sql = format!("SELECT {COLUMNS} FROM shipments WHERE seq > ? ORDER BY seq LIMIT ?");
            let rows = db
                .prepare_cached(&sql)?
                .query_map([after, i64::from(size) + 1], read)?
                .collect::<rusqlite::Result<_>>()?;
            Ok(Page::cut(rows, size))
        })
        .await
    }
}

impl ShipmentStatus {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ShipmentStatus::Booked => "booked",
            ShipmentStatus::Cancelled => "cancelled",
            ShipmentStatus::PickedUp => "picked_up",
            ShipmentStatus::Delivered => "delivered",
        }
    }
}

impl ToSql for ShipmentStatus {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for ShipmentStatus {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<ShipmentStatus> {
        match value.as_str()? {
            "booked" => Ok(ShipmentStatus::Booked),
            "cancelled" => Ok(ShipmentStatus::Cancelled),
            "picked_up" => Ok(ShipmentStatus::PickedUp),
            "delivered" => Ok(ShipmentStatus::Delivered),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

fn find(db: &Connection, column: &'static str, value: &str) -> rusqlite::Result<Option<Shipment>> {
    let sql = format!("SELECT {COLUMNS} FROM shipments WHERE {column} = ?");
    db.prepare_cached(&sql)?.query_row([value], |row| Ok(read(row)?.1)).optional()
}

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<(i64, Shipment)> {
    let shipment = Shipment {
        id: row.get(1)?,
        key: row.get(2)?,
        order_id: row.get(3)?,
        tracking_number: row.get(4)?,
        status: row.get(5)?,
        created_at: row.get(6)?,
        moves_at: row.get(7)?,
    };
    Ok((row.get(0)?, shipment))
}

/// Returns the shipments that the carrier should have moved by now.
pub(super) fn due(db: &Connection, now: i64) -> rusqlite::Result<Vec<Shipment>> {
    let sql = format!("SELECT {COLUMNS} FROM shipments WHERE moves_at <= ? ORDER BY moves_at LIMIT 500");
    db.prepare_cached(&sql)?.query_map([now], |row| Ok(read(row)?.1))?.collect()
}

fn insert(db: &Connection, shipment: &Shipment) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO shipments (id, key, order_id, tracking_number, status, created_at, moves_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        shipment.id,
        shipment.key,
        shipment.order_id,
        shipment.tracking_number,
        shipment.status,
        shipment.created_at,
        shipment.moves_at,
    ])?;
    Ok(())
}

/// Writes the columns that can change.
pub(super) fn update(db: &Connection, shipment: &Shipment) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE shipments SET status = ?, moves_at = ? WHERE id = ?")?.execute(params![
        shipment.status,
        shipment.moves_at,
        shipment.id
    ])?;
    Ok(())
}
