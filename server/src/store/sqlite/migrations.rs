//! The migrations, embedded in the program.
//!
//! `sqlx::migrate!` does the same, but its macros build SQLite a second time for the compiler's machine.

use std::sync::LazyLock;

use rusqlite::Connection;
use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// All migrations of SQLite, oldest first.
pub(super) static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let migrations = FILES.iter().filter_map(|(name, sql)| migration(name, sql));
    Migrator::with_migrations(migrations.collect())
});

/// Returns a migration by the name of its file: `<version>_<description>`.
fn migration(name: &'static str, sql: &'static str) -> Option<Migration> {
    let (version, description) = name.split_once('_')?;
    let description = description.replace('_', " ").into();
    let sql = sql.into_sql_str();
    Some(Migration::new(version.parse().ok()?, description, MigrationType::Simple, sql, false))
}

/// Returns the versions of the migrations that were applied to a file, ascending; none for a new file.
pub(super) fn applied(connection: &Connection) -> rusqlite::Result<Vec<i64>> {
    if !connection.table_exists(None, "_sqlx_migrations")? {
        return Ok(Vec::new());
    }
    let mut applied =
        connection.prepare("SELECT version FROM _sqlx_migrations WHERE success ORDER BY version")?;
    applied.query_map([], |row| row.get(0))?.collect()
}

/// The files with these names, without their extension.
macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../migrations/sqlite/", $name, ".sql")))),*]
    };
}

const FILES: &[(&str, &str)] = files![
    "20261123000001_create_products",
    "20261123000002_create_orders",
    "20261123000003_create_jobs",
    "20261123000004_create_keys",
    "20261123000011_create_queues",
    "20261123000012_serve_shares_in_turns",
    "20261123000013_find_discarded_jobs",
    "20261123000021_count_orders",
    "20261123000022_find_orders",
    "20261123000023_create_audit",
    "20261123000024_create_carrier_reports",
    "20261123000031_write_letters",
    "20261123000041_find_open_orders",
    "20261126000001_rename_job_keys",
    "20261126000021_create_installation",
    "20261126000031_find_refused_orders",
    "20261127000001_store_facts",
    "20261127000002_tell_first_payments",
    "20261127000011_commit_in_one_call",
    "20261127000012_claim_in_one_call",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_file_of_the_folder_is_embedded_with_its_version() {
        let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/sqlite")).unwrap();
        let files: BTreeSet<String> =
            folder.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        let embedded = FILES.iter().map(|(name, _)| format!("{name}.sql")).collect();
        assert_eq!(files, embedded);
        assert_eq!(MIGRATIONS.iter().count(), FILES.len(), "each has a version");
    }
}
