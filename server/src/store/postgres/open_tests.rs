//! What is said about a database that cannot be used.

use super::testing::{PASSWORD, Server};
use super::{OpenError, PostgresConfig, open};
use futures::future::join_all;

async fn refusal(config: &PostgresConfig) -> String {
    let refused = open(config).await.expect_err("this database cannot be used");
    let sentence = refused.to_string();
    assert!(!sentence.contains(PASSWORD) && !sentence.contains('\n'), "{sentence}");
    sentence
}

#[tokio::test]
async fn a_database_is_migrated_once_however_many_start_at_the_same_time() {
    let server = Server::shared();
    let config = server.config(&server.new_database().await);
    let opened = join_all((0..8).map(|_| open(&config))).await;
    for pool in opened {
        let settings: (String, String) = sqlx::query_as(
            "SELECT current_setting('synchronous_commit'), current_setting('application_name')",
        )
        .fetch_one(&pool.unwrap())
        .await
        .unwrap();
        assert_eq!(settings, ("on".to_owned(), "docket:test".to_owned()));
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_refused() {
    let config =
        PostgresConfig { url: "postgres://host:port/docket".to_owned(), connections: 1, name: String::new() };
    let sentence = refusal(&config).await;
    assert!(sentence.starts_with("the address of the database is not one of PostgreSQL: "), "{sentence}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_without_the_password() {
    let url = format!("postgres://docket:{}@127.0.0.1:1/docket", PASSWORD.replace(' ', "%20"));
    let sentence = refusal(&PostgresConfig { url, connections: 1, name: String::new() }).await;
    assert!(sentence.starts_with("PostgreSQL at 127.0.0.1:1 cannot be reached: "), "{sentence}");
}

#[tokio::test]
async fn a_wrong_password_is_said_to_be_refused_and_the_right_one_is_accepted() {
    let server = Server::shared();
    let database = server.new_database().await;
    server.run(&database, "CREATE USER guarded PASSWORD 'open sesame'").await;
    server.run(&database, "GRANT CREATE ON SCHEMA public TO guarded").await;
    let wrong = refusal(&server.config_over_tcp("guarded", "let me in", &database)).await;
    assert!(wrong.contains("does not accept the user guarded: "), "{wrong}");
    open(&server.config_over_tcp("guarded", PASSWORD, &database)).await.unwrap();
}

#[tokio::test]
async fn a_database_that_is_missing_is_named_with_the_command_that_makes_it() {
    let sentence = refusal(&Server::shared().config("no_such_database")).await;
    assert!(sentence.contains("has no database no_such_database; make one with: createdb"), "{sentence}");
}

#[tokio::test]
async fn a_user_who_may_not_make_tables_is_told() {
    let server = Server::shared();
    let database = server.new_database().await;
    server.run(&database, "CREATE USER visitor PASSWORD 'open sesame'").await;
    let sentence = refusal(&server.config_over_tcp("visitor", PASSWORD, &database)).await;
    assert!(sentence.starts_with("the user visitor may not make tables in the database: "), "{sentence}");
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    let server = Server::shared();
    let database = server.new_database().await;
    open(&server.config(&database)).await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (99990101000001, 'from the future', true, '', 0)";
    server.run(&database, newer).await;
    let refused = open(&server.config(&database)).await;
    assert!(matches!(refused, Err(OpenError::Newer(99_990_101_000_001))), "{refused:?}");
}

#[tokio::test]
async fn a_read_only_database_is_refused() {
    let server = Server::shared();
    let database = server.new_database().await;
    let only_read =
        sqlx::AssertSqlSafe(format!("ALTER DATABASE {database} SET default_transaction_read_only = on"));
    server.run("postgres", only_read).await;
    let sentence = refusal(&server.config(&database)).await;
    assert!(sentence.ends_with("is read-only: it is a standby; name the primary"), "{sentence}");
}

#[tokio::test]
async fn a_server_that_may_lose_what_it_has_committed_is_refused() {
    let server = Server::start("fsync = off");
    let sentence = refusal(&server.config("postgres")).await;
    assert_eq!(sentence, "PostgreSQL has fsync off and may lose acknowledged orders; set it to on");
}
