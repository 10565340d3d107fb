//! Which orders were checked for a mail about their delay.

use ::orders::{OrderId, Owner, State, Timestamp};

use super::transaction::SqliteTransaction;
use crate::store::transaction::UncheckedOrder;

/// Marks the orders through this serial number as checked.
pub(super) fn set_checked(transaction: &SqliteTransaction<'_>, through: u64) -> rusqlite::Result<()> {
    transaction.prepare("UPDATE letters_looked SET through = ?1")?.execute([through])?;
    Ok(())
}

/// Returns the orders that were not checked, the earliest first.
pub(super) fn unchecked(
    transaction: &SqliteTransaction<'_>,
    limit: u32,
) -> rusqlite::Result<Vec<UncheckedOrder>> {
    transaction
        .prepare(
            "SELECT count, id, owner, email, state, version, created_at FROM orders \
             WHERE count > (SELECT through FROM letters_looked) ORDER BY count LIMIT ?1",
        )?
        .query_map([limit], |row| {
            let state: String = row.get(4)?;
            Ok(UncheckedOrder {
                count: row.get(0)?,
                id: OrderId::from_bytes(row.get(1)?),
                owner: row.get::<_, Option<[u8; 16]>>(2)?.map(Owner),
                email: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
                state: State::from_word(&state).ok_or(rusqlite::Error::InvalidQuery)?,
                version: row.get(5)?,
                created_at: Timestamp::from_millis(row.get(6)?),
            })
        })?
        .collect()
}
