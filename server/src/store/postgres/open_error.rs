//! Why a database cannot be used, each in one sentence.

use sqlx::migrate::MigrateError;

/// A database that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is not one of PostgreSQL.
    #[error("the address of the database is not one of PostgreSQL: {0}")]
    Address(String),
    /// Nobody answers there.
    #[error("PostgreSQL at {at} cannot be reached: {reason}")]
    Unreachable {
        /// Host and port.
        at: String,
        /// What the system says.
        reason: String,
    },
    /// The name or the password is wrong.
    #[error("PostgreSQL at {at} does not accept the user {user}: {reason}")]
    Refused {
        /// Host and port.
        at: String,
        /// The name of the user.
        user: String,
        /// What the server says.
        reason: String,
    },
    /// There is no such database.
    #[error("PostgreSQL at {at} has no database {database}; make one with: createdb {database}")]
    NoDatabase {
        /// Host and port.
        at: String,
        /// The name of the database.
        database: String,
    },
    /// The server is older than version 15.
    #[error("PostgreSQL {found} is too old; Docket needs 15 or newer")]
    TooOld {
        /// The server's version.
        found: String,
    },
    /// The server is a standby, or writes are switched off.
    #[error("PostgreSQL at {at} is read-only: it is a standby; name the primary")]
    ReadOnly {
        /// Host and port.
        at: String,
    },
    /// The server may lose committed transactions.
    #[error("PostgreSQL has {setting} off and may lose acknowledged orders; set it to on")]
    NotDurable {
        /// The setting.
        setting: &'static str,
    },
    /// A newer Docket has migrated the database.
    #[error("the database was migrated by a newer version of Docket (migration {0}); use that version")]
    Newer(i64),
    /// The user may not make tables.
    #[error("the user {user} may not make tables in the database: {reason}")]
    NoRight {
        /// The name of the user.
        user: String,
        /// What the server says.
        reason: String,
    },
    /// A migration failed.
    #[error("the database could not be migrated: {0}")]
    Migration(MigrateError),
    /// Another failure.
    #[error("the database cannot be used: {0}")]
    Database(#[from] sqlx::Error),
}
