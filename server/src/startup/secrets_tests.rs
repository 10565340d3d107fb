use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use crate::store::Health as _;
use orders::{OrderId, PrivateLink};
use rusqlite::{Connection, params};
use tempfile::TempDir;

use super::*;
use crate::platform::private_files;
use crate::store::sqlite::{SqliteConfig, SqliteStore};

const LINKS: [u8; 32] = *b"the secret that links were made ";
const LAST_ORDER: Timestamp = Timestamp::from_millis(1_763_892_000_000);

/// The same bytes each time.
struct Known(u8);

impl Entropy for Known {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

/// A database in a folder of its own, and the log of its starts.
struct Installation {
    folder: TempDir,
    config: SecretConfig,
    log: Arc<Mutex<Vec<u8>>>,
}

struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Installation {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("docket.secret");
        Self { folder, config: SecretConfig { given: None, file }, log: Arc::default() }
    }

    /// An installation of the earlier version: secrets in the database, and this many orders.
    async fn of_the_version_before(orders: u8) -> Self {
        let installation = Self::new();
        installation.store().await.close().await;
        installation.leave_secrets();
        (0..orders).for_each(|seed| installation.leave_order(seed));
        installation
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("docket.db")
    }

    async fn store(&self) -> Arc<SqliteStore> {
        SqliteStore::open(&SqliteConfig { path: self.database(), public_url: String::new() }, Box::new(drop))
            .await
            .unwrap()
    }

    fn leave_secrets(&self) {
        let database = Connection::open(self.database()).unwrap();
        for (name, value) in [("tracking", LINKS), ("carrier", [3; 32])] {
            database.execute("INSERT INTO secrets VALUES (?1, ?2)", params![name, value]).unwrap();
        }
    }

    /// Only the acceptance time of an order matters here.
    fn leave_order(&self, seed: u8) {
        let columns = "id, idempotency, fingerprint, state, payment, version, created_at, updated_at, total, currency, \
                       delayed, mail_refused, details, progress";
        let values = "?1, ?1, ?1, 'received', 'none', 1, ?2, ?2, 1, 'EUR', 0, 0, '{}', '{}'";
        let sql = format!("INSERT INTO orders ({columns}) VALUES ({values})");
        let at = LAST_ORDER.as_millis() - i64::from(seed);
        Connection::open(self.database()).unwrap().execute(&sql, params![[seed; 16], at]).unwrap();
    }

    async fn start(&self, random: u8) -> Result<Secrets, StartError> {
        let store = self.store().await;
        let log = self.log.clone();
        let lines = tracing_subscriber::fmt().with_ansi(false).with_writer(move || Log(log.clone()));
        let told = tracing::subscriber::set_default(lines.finish());
        let found = find(&self.config, &*store, &Known(random)).await;
        drop(told);
        store.close().await;
        found
    }

    /// Returns the warnings since the last call.
    fn warnings(&self) -> Vec<String> {
        let log = String::from_utf8(std::mem::take(&mut *self.log.lock().unwrap())).unwrap();
        log.lines().filter(|line| line.contains(" WARN ")).map(str::to_owned).collect()
    }

    fn database_holds(&self, secret: [u8; 32]) -> bool {
        let beside = |ending: &str| {
            fs::read(self.folder.path().join(format!("docket.db{ending}"))).unwrap_or_default()
        };
        ["", "-wal"].iter().any(|ending| beside(ending).windows(32).any(|bytes| bytes == secret))
    }
}

/// Returns the first link of an order that was accepted this long after the last order of the earlier version.
fn first_link(later_ms: i64) -> PrivateLink {
    let at = Timestamp::from_millis(LAST_ORDER.as_millis() + later_ms);
    PrivateLink { order: OrderId::new(at, [5; 10]), generation: 0 }
}

fn sentence(found: Result<Secrets, StartError>) -> String {
    found.err().expect("it does not start").to_string()
}

#[tokio::test]
async fn the_first_start_makes_a_secret_that_every_later_one_finds() {
    let installation = Installation::new();
    let first = installation.start(1).await.unwrap();
    assert_eq!(private_files::width(&installation.config.file), None);
    let again = installation.start(2).await.unwrap();
    assert_eq!(again.installation.derive("sessions"), first.installation.derive("sessions"));
    assert_eq!(again.tracking.mint(first_link(0)), first.tracking.mint(first_link(0)));
    let other = Installation::new().start(2).await.unwrap();
    assert_ne!(other.tracking.mint(first_link(0)), first.tracking.mint(first_link(0)));
    assert_eq!(installation.warnings(), [""; 0]);
}

#[tokio::test]
async fn a_secret_that_is_set_needs_no_file_and_is_the_same_as_that_text_in_the_file() {
    let mut installation = Installation::new();
    let by_file = installation.start(1).await.unwrap();
    let text = SecretFile::read(&installation.config.file).unwrap().unwrap().secret;
    fs::remove_file(&installation.config.file).unwrap();
    installation.config.given = text;
    let by_setting = installation.start(2).await.unwrap();
    assert_eq!(by_setting.tracking.mint(first_link(0)), by_file.tracking.mint(first_link(0)));
    assert!(!installation.config.file.exists());
}

#[tokio::test]
async fn links_of_the_version_before_still_open_and_their_secret_is_not_in_the_database_any_more() {
    let before = TrackingKey::new(LINKS);
    for given in [None, Some("a secret of more than thirty-two characters".to_owned())] {
        let mut installation = Installation::of_the_version_before(3).await;
        installation.config.given = given;
        assert!(installation.database_holds(LINKS) && installation.database_holds([3; 32]));
        for random in [1, 2] {
            let Secrets { tracking, .. } = installation.start(random).await.unwrap();
            assert_eq!(tracking.open(&before.mint(first_link(0))), Some(first_link(0)));
            assert_eq!(tracking.mint(first_link(0)), before.mint(first_link(0)));
            assert_eq!(
                tracking.open(&before.mint(first_link(1))),
                None,
                "later orders have links of another secret"
            );
            assert!(!installation.database_holds(LINKS) && !installation.database_holds([3; 32]));
            assert_eq!(private_files::width(&installation.config.file), None);
        }
        assert_eq!(installation.warnings(), [""; 0]);
    }
}

/// Between any two writes: the file does not exist; half of it exists under another name; it is complete, and the
/// database still has the secret.
#[tokio::test]
async fn an_interrupted_move_of_the_secret_is_completed_by_the_next_start() {
    let before = TrackingKey::new(LINKS);
    let unfinished = Installation::of_the_version_before(1).await;
    fs::write(unfinished.folder.path().join("docket.secret.unfinished"), "secret = \"hal").unwrap();
    let written = Installation::of_the_version_before(1).await;
    written.start(1).await.unwrap();
    written.leave_secrets();
    for installation in [unfinished, written] {
        let Secrets { tracking, .. } = installation.start(1).await.unwrap();
        assert_eq!(tracking.mint(first_link(0)), before.mint(first_link(0)));
        assert!(!installation.database_holds(LINKS));
        assert_eq!(installation.warnings(), [""; 0]);
    }
}

#[tokio::test]
async fn a_secret_that_cannot_be_written_to_its_file_stays_in_the_database() {
    let installation = Installation::of_the_version_before(1).await;
    // A folder has the file's name.
    fs::create_dir_all(installation.config.file.join("full")).unwrap();
    let said = sentence(installation.start(1).await);
    assert!(said.starts_with("The secret in ") && said.ends_with('.'), "{said}");
    assert!(installation.database_holds(LINKS));
}

#[tokio::test]
async fn an_older_copy_of_the_database_that_is_put_back_brings_its_links_and_that_of_another_shop_does_not_start()
 {
    let installation = Installation::of_the_version_before(2).await;
    installation.start(1).await.unwrap();
    installation.leave_secrets();
    let Secrets { tracking, .. } = installation.start(2).await.unwrap();
    assert_eq!(tracking.open(&TrackingKey::new(LINKS).mint(first_link(0))), Some(first_link(0)));
    let database = Connection::open(installation.database()).unwrap();
    database.execute("INSERT INTO secrets VALUES ('tracking', ?1)", [[9_u8; 32]]).unwrap();
    drop(database);
    let said = sentence(installation.start(3).await);
    assert!(said.contains("docket.secret holds the secret of the links of another database"), "{said}");
    assert!(installation.database_holds([9; 32]), "nothing was lost");
}

#[tokio::test]
async fn a_missing_secret_is_reported_with_its_remedy_once_there_are_links() {
    let installation = Installation::new();
    installation.start(1).await.unwrap();
    fs::remove_file(&installation.config.file).unwrap();
    installation.start(2).await.unwrap();
    assert_eq!(installation.warnings(), [""; 0], "there is no link that could be lost");
    installation.leave_order(1);
    let kept = fs::read(&installation.config.file).unwrap();
    fs::remove_file(&installation.config.file).unwrap();
    installation.start(3).await.unwrap();
    let warnings = installation.warnings();
    let [warning] = &warnings[..] else { panic!("one line: {warnings:?}") };
    assert!(warning.contains("docket.secret was missing, so a new secret was made"), "{warning}");
    assert!(warning.contains("put the earlier file back and start the server"), "{warning}");
    installation.start(4).await.unwrap();
    assert_eq!(installation.warnings(), [""; 0], "it is told once");
    fs::write(&installation.config.file, kept).unwrap();
    installation.start(5).await.unwrap();
    let warnings = installation.warnings();
    assert!(warnings[0].contains("docket.secret is another than at the last start"), "{warnings:?}");
}

#[tokio::test]
async fn another_secret_in_the_setting_is_reported() {
    let mut installation = Installation::new();
    installation.start(1).await.unwrap();
    installation.leave_order(1);
    installation.config.given = Some("another secret, as long as the first one".to_owned());
    installation.start(2).await.unwrap();
    let warnings = installation.warnings();
    let [warning] = &warnings[..] else { panic!("one line: {warnings:?}") };
    assert!(warning.contains("the secret in DOCKET_SECRET and "), "{warning}");
    assert!(warning.contains("docket.secret is another than at the last start"), "{warning}");
    assert!(!warning.contains("as long as the first one"), "{warning}");
}

#[tokio::test]
async fn a_missing_secret_of_earlier_links_is_reported_even_with_the_setting() {
    let mut installation = Installation::of_the_version_before(1).await;
    installation.config.given = Some("a secret of more than thirty-two characters".to_owned());
    installation.start(1).await.unwrap();
    fs::remove_file(&installation.config.file).unwrap();
    installation.start(2).await.unwrap();
    assert_eq!(installation.warnings().len(), 1);
}

#[tokio::test]
async fn a_secret_file_that_holds_no_secret_stops_the_start_and_stays_as_it_is() {
    for content in ["", "secret = \"short\"", "nonsense"] {
        let installation = Installation::of_the_version_before(1).await;
        fs::write(&installation.config.file, content).unwrap();
        let said = sentence(installation.start(1).await);
        assert!(said.contains("docket.secret does not hold a secret") && said.ends_with('.'), "{said}");
        assert_eq!(fs::read_to_string(&installation.config.file).unwrap(), content);
        assert!(installation.database_holds(LINKS));
    }
}
