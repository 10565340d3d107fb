//! A real PostgreSQL for tests: one server for the tests of a program, with a database for each test.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use tempfile::TempDir;

use super::PostgresConfig;

/// The password of the user `docket`.
pub(super) const PASSWORD: &str = "open sesame";

/// Starts the server and, when the standard input ends because the tests have, stops it and removes its folder.
const KEEPER: &str = r#"
"$1/postgres" -D "$2/data" >"$2/log" 2>&1 &
server=$!
until "$1/pg_isready" -q -h "$2" -p "$3"; do
    kill -0 $server 2>/dev/null || { cat "$2/log"; exit 1; }
    sleep 0.05
done
echo ready
read -r _
kill -QUIT $server
wait $server
rm -rf "$2"
"#;

/// A running server.
pub(super) struct Server {
    folder: PathBuf,
    port: u16,
    /// Stops the server when its standard input is closed, at the latest when this program ends.
    _keeper: Child,
}

static DATABASES: AtomicU32 = AtomicU32::new(0);

impl Server {
    /// Returns the server of this program, which the first caller starts.
    pub(super) fn shared() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| Self::start(""))
    }

    /// Starts a server with more settings than the usual ones.
    pub(super) fn start(settings: &str) -> Self {
        let programs = programs();
        // The keeper removes the folder. Its path is short, because that of a socket may have 107 bytes only.
        let folder = TempDir::with_prefix_in("pg", "/tmp").unwrap().keep();
        let user = (running_as_root()).then(ordinary_user);
        if let Some((name, uid, gid)) = &user {
            std::os::unix::fs::chown(&folder, Some(*uid), Some(*gid))
                .unwrap_or_else(|error| panic!("a folder for {name}: {error}"));
        }
        let as_user = |program: &OsStr| match &user {
            None => Command::new(program),
            Some((name, ..)) => {
                let mut command = Command::new("setpriv");
                let user = [format!("--reuid={name}"), format!("--regid={name}")];
                command.args(user).arg("--clear-groups").arg(program);
                command
            }
        };
        let data = folder.join("data");
        let mut initdb = as_user(programs.join("initdb").as_os_str());
        initdb.arg("-D").arg(&data).args(["-U", "docket", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]);
        let made = initdb.current_dir("/").stdin(Stdio::null()).output().unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let port = free_port();
        let own = format!(
            "\nlisten_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{}'\nmax_connections = 200\nmax_wal_size = '128MB'\n\
             {settings}\n",
            folder.display()
        );
        let file = data.join("postgresql.conf");
        fs::write(&file, fs::read_to_string(&file).unwrap() + &own).unwrap();
        let access = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
        fs::write(data.join("pg_hba.conf"), access).unwrap();

        let mut keeper = as_user(OsStr::new("sh"));
        keeper.args(["-c", KEEPER, "sh"]).arg(&programs).arg(&folder).arg(port.to_string());
        keeper.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut keeper = keeper.spawn().unwrap();
        let mut said = BufReader::new(keeper.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n", "PostgreSQL does not start");
        Self { folder, port, _keeper: keeper }
    }

    /// Returns how to connect to a database over the socket, without a password.
    pub(super) fn options(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(&self.folder)
            .port(self.port)
            .username("docket")
            .database(database)
    }

    /// Returns the settings for a database over the socket.
    pub(super) fn config(&self, database: &str) -> PostgresConfig {
        let url =
            format!("postgres:///{database}?host={}&port={}&user=docket", self.folder.display(), self.port);
        PostgresConfig { url, connections: 4, name: "test".to_owned() }
    }

    /// Returns the settings for a database over TCP, where the user needs a password.
    pub(super) fn config_over_tcp(&self, user: &str, password: &str, database: &str) -> PostgresConfig {
        let password = password.replace(' ', "%20");
        let url = format!("postgres://{user}:{password}@127.0.0.1:{}/{database}", self.port);
        PostgresConfig { url, connections: 4, name: "test".to_owned() }
    }

    /// Runs statements in a database.
    pub(super) async fn run(&self, database: &str, sql: impl sqlx::SqlSafeStr + Send) {
        let mut connection = self.options(database).connect().await.unwrap();
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// Makes an empty database, and returns its name.
    pub(super) async fn new_database(&self) -> String {
        let name = format!("t_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        let mut connection = self.options("postgres").connect().await.unwrap();
        connection.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        connection.close().await.unwrap();
        name
    }
}

/// Returns the folder with the programs of PostgreSQL.
fn programs() -> PathBuf {
    let named = std::env::var_os("DOCKET_POSTGRES").map(PathBuf::from);
    let on_path = std::env::var_os("PATH")
        .into_iter()
        .flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let of_debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let of_debian = of_debian.filter_map(|version| Some(version.ok()?.path().join("bin")));
    let has_all =
        |folder: &PathBuf| ["initdb", "postgres", "pg_isready"].iter().all(|name| folder.join(name).exists());
    let found = named.into_iter().chain(of_debian).chain(on_path).find(has_all);
    found.expect("these tests need PostgreSQL 15 or newer: `cargo xtask test` installs it, or name the folder of its programs in DOCKET_POSTGRES")
}

/// PostgreSQL refuses to run as root.
fn running_as_root() -> bool {
    rustix::process::getuid().is_root()
}

/// Returns a user that is not root: its name, id and group.
fn ordinary_user() -> (String, u32, u32) {
    let known = fs::read_to_string(Path::new("/etc/passwd")).unwrap();
    let users = ["postgres", "nobody"].iter().find_map(|wanted| {
        let line = known.lines().find(|line| line.split(':').next() == Some(wanted))?;
        let mut fields = line.split(':').skip(2);
        let (uid, gid) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        Some(((*wanted).to_owned(), uid, gid))
    });
    users.expect("a user called postgres or nobody")
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
