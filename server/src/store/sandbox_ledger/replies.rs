use rusqlite::{Connection, OptionalExtension as _, params};

/// An Idempotency-Key with a hash of its request.
#[derive(Clone, Debug)]
pub struct Key {
    /// `payment` or `carrier`: each service has its own keys.
    pub service: &'static str,
    pub value: String,
    /// SHA-256 of the request.
    pub fingerprint: [u8; 32],
}

/// A stored HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// JSON
    pub body: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    First(Reply),
    /// The key was used before: nothing was done, and this was the answer.
    Replayed(Reply),
    /// The key was used before for another request; nothing was done.
    KeyReused,
}

/// Acts unless the key was used before, and stores the answer with the effect.
pub(super) fn once(
    db: &Connection,
    key: Option<Key>,
    act: impl FnOnce(&Connection) -> rusqlite::Result<Reply>,
) -> rusqlite::Result<Answered> {
    let Some(key) = key else {
        return act(db).map(Answered::First);
    };
    let known = db
        .prepare_cached("SELECT fingerprint, status, body FROM replies WHERE service = ? AND key = ?")?
        .query_row(params![key.service, key.value], |row| {
            Ok((row.get::<_, [u8; 32]>(0)?, Reply { status: row.get(1)?, body: row.get(2)? }))
        })
        .optional()?;
    match known {
        Some((fingerprint, reply)) if fingerprint == key.fingerprint => Ok(Answered::Replayed(reply)),
        Some(_) => Ok(Answered::KeyReused),
        None => {
            let reply = act(db)?;
            db.prepare_cached(
                "INSERT INTO replies (service, key, fingerprint, status, body) VALUES (?, ?, ?, ?, ?)",
            )?
            .execute(params![
                key.service,
                key.value,
                key.fingerprint,
                reply.status,
                reply.body
            ])?;
            Ok(Answered::First(reply))
        }
    }
}
