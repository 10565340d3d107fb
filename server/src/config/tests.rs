use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::*;

fn sources(environment: &[(&str, &str)]) -> Sources {
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Sources::of(BTreeMap::new(), environment.collect(), "docket.toml", "").unwrap()
}

fn read(environment: &[(&str, &str)]) -> Result<ServeConfig, String> {
    let sources = sources(environment);
    let config = ServeConfig::read(&sources).map_err(|wrong| wrong.to_string())?;
    SandboxSettings::read(&sources, &config.store).map_err(|wrong| wrong.to_string())?;
    Ok(config)
}

#[test]
fn a_server_without_settings_has_the_documented_defaults() {
    let config = read(&[]).unwrap();
    assert_eq!(config.listen.public.to_string(), "127.0.0.1:3000");
    assert_eq!(config.listen.internal.to_string(), "127.0.0.1:3001");
    assert_eq!(config.sandbox.listen.to_string(), "127.0.0.1:3002");
    assert_eq!(config.sandbox.data, Path::new("data/sandbox.db"));
    assert_eq!(config.store.file, Path::new("data/docket.db"));
    assert_eq!((&config.services.payment, &config.services.shipping), (&None, &None));
    let load = Load { concurrency: 32, rate: None };
    let services = &config.services;
    assert_eq!([services.payment_load, services.shipping_load, services.mail_load], [load; 3]);
    assert!(config.mail.transport == MailTransport::Folder("data/mail".into()));
    assert!(config.secret == SecretConfig { given: None, file: "data/docket.secret".into() });
    assert_eq!((config.shop.public_url, config.shop.sample_catalog), (None, true));
    assert_eq!(config.shop.currency.as_str(), "EUR");
    assert_eq!(config.shop.country.code, "IT");
    assert_eq!(
        (config.work.lease, config.work.step_timeout),
        (Duration::from_secs(10), Duration::from_secs(10))
    );
    assert_eq!(
        (config.work.retry_base, config.work.retry_cap),
        (Duration::from_millis(500), Duration::from_secs(60))
    );
    assert_eq!((config.work.shutdown, config.work.drain), (Duration::from_secs(20), Duration::from_secs(2)));
    assert_eq!(
        [config.work.delayed_after, config.work.unknown_limit, config.work.breaker_wait].map(|d| d.as_secs()),
        [3, 900, 2]
    );
    assert_eq!(config.work.step_limit, Duration::from_hours(24));
    assert_eq!((config.limits.orders_per_minute, config.limits.connections_per_address), (60, 2000));
    assert_eq!(config.log, Log { filter: "info".to_owned(), format: LogFormat::Text });
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let flags = BTreeMap::from([("listen", "127.0.0.1:1".to_owned())]);
    let environment = [("DOCKET_LISTEN", "127.0.0.1:2"), ("DOCKET_INTERNAL_LISTEN", "127.0.0.1:3")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let file = "listen = '127.0.0.1:4'\ninternal_listen = '127.0.0.1:5'\nsandbox_listen = '127.0.0.1:6'\nlease_seconds = 7\nsample_catalog = false";
    let config = ServeConfig::read(&Sources::of(flags, environment, "docket.toml", file).unwrap()).unwrap();
    let ports =
        [config.listen.public, config.listen.internal, config.sandbox.listen].map(|address| address.port());
    assert_eq!(ports, [1, 3, 6]);
    assert_eq!(config.work.lease, Duration::from_secs(7));
    assert!(!config.shop.sample_catalog);
}

#[test]
fn a_wrong_value_is_answered_with_one_sentence_that_names_it() {
    let whole = |from: u64, to: u64| format!("a whole number from {from} to {to}");
    let address = "an IP address and a port, such as 127.0.0.1:3000".to_owned();
    let web = "an address that begins with http:// or https://".to_owned();
    let count = whole(1, u64::from(u32::MAX));
    let currency = "the code of a currency in capital letters, such as EUR".to_owned();
    for (name, value, expected) in [
        ("DOCKET_LISTEN", "3000", address.clone()),
        ("DOCKET_INTERNAL_LISTEN", "127.0.0.1", address.clone()),
        ("DOCKET_SANDBOX_LISTEN", "127.0.0.1:70000", address),
        ("DOCKET_PAYMENT_URL", "api.stripe.com", web.clone()),
        ("DOCKET_SHIPPING_URL", "ftp://carrier.example", web.clone()),
        ("DOCKET_PUBLIC_URL", "shop.example", web.clone()),
        ("DOCKET_PUBLIC_URL", "https://shop.example/docket", "an address without a path".to_owned()),
        ("DOCKET_SANDBOX_NOTIFY_URL", "here", web),
        ("DOCKET_MAIL_FROM", "nobody", "a sender such as Docket <orders@example.org>".to_owned()),
        ("DOCKET_SAMPLE_CATALOG", "maybe", "true or false".to_owned()),
        ("DOCKET_COUNTRY", "Italy", "the two capital letters of a country, such as IT".to_owned()),
        ("DOCKET_CURRENCY", "euro", currency.clone()),
        ("DOCKET_CURRENCY", "eur", currency.clone()),
        ("DOCKET_CURRENCY", "ABC", currency.clone()),
        ("DOCKET_CURRENCY", "XXX", currency),
        ("DOCKET_LEASE_SECONDS", "0", whole(1, 3_600)),
        ("DOCKET_STEP_TIMEOUT_SECONDS", "ten", whole(1, 600)),
        ("DOCKET_RETRY_BASE_MS", "-1", whole(1, 60_000)),
        ("DOCKET_RETRY_CAP_SECONDS", "1.5", whole(1, 86_400)),
        ("DOCKET_DELAYED_AFTER_SECONDS", "soon", whole(0, 86_400)),
        ("DOCKET_HOLD_HOURS", "1000", whole(1, 720)),
        ("DOCKET_UNKNOWN_LIMIT_SECONDS", "0", whole(1, 86_400)),
        ("DOCKET_STEP_LIMIT_HOURS", "0", whole(1, 720)),
        ("DOCKET_BREAKER_SECONDS", "0", whole(1, 3_600)),
        ("DOCKET_PAYMENT_CONCURRENCY", "0", whole(1, 1_000)),
        ("DOCKET_SHIPPING_RATE", "0", count.clone()),
        ("DOCKET_MAIL_RATE", "fast", count.clone()),
        ("DOCKET_SHUTDOWN_SECONDS", "0", whole(1, 3_600)),
        ("DOCKET_DRAIN_SECONDS", "20", format!("{}, less than DOCKET_SHUTDOWN_SECONDS", whole(0, 19))),
        ("DOCKET_DRAIN_SECONDS", "-1", format!("{}, less than DOCKET_SHUTDOWN_SECONDS", whole(0, 19))),
        ("DOCKET_RATE_LIMIT_ORDERS", "0", count.clone()),
        ("DOCKET_MAX_CONNECTIONS_PER_ADDRESS", "many", count),
        ("DOCKET_SANDBOX_PICKUP_SECONDS", "never", whole(0, 86_400)),
        ("DOCKET_SANDBOX_DELIVERY_SECONDS", "99999999", whole(0, 86_400)),
        ("DOCKET_LOG", "server=loud", "a level or a filter such as info,server=debug".to_owned()),
        ("DOCKET_LOG_FORMAT", "xml", "text or json".to_owned()),
    ] {
        let sentence = read(&[(name, value)]).unwrap_err();
        assert_eq!(sentence, format!("{name} must be {expected}, not \"{value}\"."));
    }
}

#[test]
fn the_drain_is_shorter_than_the_shutdown_and_its_default_gives_way() {
    let drain = |shutdown, given: Option<&str>| {
        let given = given.map(|seconds| ("DOCKET_DRAIN_SECONDS", seconds));
        let set: Vec<_> = [("DOCKET_SHUTDOWN_SECONDS", shutdown)].into_iter().chain(given).collect();
        read(&set).map(|config| config.work.drain.as_secs())
    };
    assert_eq!((drain("20", Some("0")), drain("20", Some("19"))), (Ok(0), Ok(19)));
    assert_eq!((drain("3", None), drain("2", None), drain("1", None)), (Ok(2), Ok(1), Ok(0)));
    assert_eq!(
        drain("2", Some("2")).unwrap_err(),
        "DOCKET_DRAIN_SECONDS must be a whole number from 0 to 1, less than DOCKET_SHUTDOWN_SECONDS, not \"2\"."
    );
}

#[test]
fn a_wrong_secret_is_named_and_not_shown() {
    let smtp = "an address that begins with smtp:// or smtps://";
    let database = "sqlite:// and a file, such as sqlite://data/docket.db";
    for (name, value, expected) in [
        ("DOCKET_SMTP_URL", "https://user:hunter2@mail.example", smtp),
        ("DOCKET_DATABASE_URL", "mysql://user:hunter2@db.example", database),
        ("DOCKET_DATABASE_URL", "sqlite::memory:", database),
        ("DOCKET_DATABASE_URL", "sqlite://", database),
        ("DOCKET_CARRIER_SECRET", "hunter2", "whsec_ and 24 to 64 bytes in base64"),
        ("DOCKET_PAYMENT_KEY", "hunter 2", "one line of printable characters"),
        (
            "DOCKET_SECRET",
            "  hunter2 hunter2 hunter2 hunter2  ",
            "at least 32 characters that nobody can guess, such as openssl rand -base64 32 prints",
        ),
    ] {
        assert_eq!(read(&[(name, value)]).unwrap_err(), format!("{name} must be {expected}."));
    }
    let config =
        read(&[("DOCKET_PAYMENT_URL", "https://pay.example"), ("DOCKET_PAYMENT_KEY", "hunter2")]).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn the_secret_of_the_installation_is_taken_without_the_blanks_around_it_and_not_shown() {
    let config = read(&[("DOCKET_SECRET", " hunter2 hunter2 hunter2 hunter2!\n")]).unwrap();
    assert_eq!(config.secret.given.as_deref(), Some("hunter2 hunter2 hunter2 hunter2!"));
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn postgres_is_refused_with_an_explanation() {
    let sentence = read(&[("DOCKET_DATABASE_URL", "postgres://user:hunter2@db.example/docket")]).unwrap_err();
    assert_eq!(
        sentence,
        "DOCKET_DATABASE_URL asks for Postgres, which this version does not have yet: use sqlite:// and a file."
    );
}

#[test]
fn a_real_service_needs_its_key_and_a_key_its_service() {
    let url = ("DOCKET_PAYMENT_URL", "https://api.stripe.com/");
    assert_eq!(
        read(&[url]).unwrap_err(),
        "DOCKET_PAYMENT_URL is set and needs DOCKET_PAYMENT_KEY beside it."
    );
    let key = ("DOCKET_SHIPPING_KEY", "k");
    assert_eq!(
        read(&[key]).unwrap_err(),
        "DOCKET_SHIPPING_KEY is set and needs DOCKET_SHIPPING_URL beside it."
    );
    let payment = read(&[url, ("DOCKET_PAYMENT_KEY", "k")]).unwrap().services.payment.unwrap();
    assert_eq!((payment.url.as_str(), payment.key.as_str()), ("https://api.stripe.com", "k"));
    let sandbox = read(&[("DOCKET_SHIPPING_URL", "http://127.0.0.1:3002")]).unwrap().services;
    assert!(sandbox.shipping.is_some() && sandbox.payment.is_none());
}

#[test]
fn reports_without_a_signature_are_refused() {
    let sentence =
        read(&[("DOCKET_SANDBOX_NOTIFY_URL", "http://127.0.0.1:3000/api/v1/carrier-events")]).unwrap_err();
    assert_eq!(sentence, "DOCKET_SANDBOX_NOTIFY_URL needs DOCKET_CARRIER_SECRET to sign the reports with.");
}

#[test]
fn an_empty_variable_is_not_set() {
    assert_eq!(read(&[("DOCKET_LISTEN", ""), ("DOCKET_SMTP_URL", "")]), read(&[]));
}

#[test]
fn a_variable_of_another_version_is_remarked() {
    assert_eq!(sources(&[("DOCKET_NATS_URL", "nats://x")]).unknown_variables(), ["DOCKET_NATS_URL"]);
}

#[test]
fn values_of_the_file_are_validated_and_errors_name_it() {
    let of = |file: &str| {
        let sources = Sources::of(BTreeMap::new(), BTreeMap::new(), "docket.toml", file)?;
        ServeConfig::read(&sources)
    };
    let sentence = |file| of(file).unwrap_err().to_string();
    assert_eq!(sentence("listn = 'x'"), "listn in docket.toml is not a setting.");
    assert_eq!(
        sentence("lease_seconds = 0"),
        "lease_seconds in docket.toml must be a whole number from 1 to 3600, not \"0\"."
    );
    assert_eq!(
        sentence("[listen]\nport = 1"),
        "listen in docket.toml must be a text, a whole number, true or false."
    );
    assert!(sentence("\nlisten = ").starts_with("The file docket.toml cannot be read: line 2: "));
    assert_eq!(
        of("DOCKET_LISTEN = '127.0.0.1:9'\ninternal-listen = '127.0.0.1:8'").unwrap().listen.public.port(),
        9
    );
}

#[test]
fn a_flag_is_named_as_it_was_written() {
    let flags = BTreeMap::from([("log_format", "xml".to_owned())]);
    let sources = Sources::of(flags, BTreeMap::new(), "docket.toml", "").unwrap();
    let sentence = ServeConfig::read(&sources).unwrap_err().to_string();
    assert_eq!(sentence, "--log-format must be text or json, not \"xml\".");
}

#[test]
fn a_file_that_is_named_and_missing_stops_the_start() {
    let sentence = Sources::gather(BTreeMap::new(), Some(Path::new("no/such.toml"))).unwrap_err().to_string();
    assert!(sentence.starts_with("The file no/such.toml cannot be read: "));
}

#[test]
fn every_setting_has_one_name_a_meaning_and_a_default_that_it_accepts() {
    let names: std::collections::BTreeSet<_> = all().map(|setting| setting.name).collect();
    assert_eq!(names.len(), all().count());
    for setting in all() {
        assert!(!setting.meaning.is_empty() && !setting.meaning.ends_with('.'), "{}", setting.name);
        if let Some(default) = setting.default {
            let variable = setting.variable();
            assert_eq!(read(&[(&variable, default)]), read(&[]), "{variable}");
        }
    }
}
