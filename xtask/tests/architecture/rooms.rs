//! Who may import whom among the rooms of `server/src`.

use crate::sources::{Source, below, names_after};

/// Our own crates, as code names them.
const CRATES: [&str; 3] = ["orders", "queue", "app"];

/// A room, the crates of ours that it may name, and the other rooms that it may name. A room that may name no other is a
/// floor to stand on.
const MAY_IMPORT: [(&str, &[&str], &[&str]); 22] = [
    ("accept", &["orders", "queue"], &["entropy", "expectation", "identity", "store"]),
    ("admission", &["orders"], &[]),
    // Of the gateways it needs only to know how a call can fail.
    ("breakers", &["orders", "queue"], &["gateways"]),
    ("carrier_reports", &["orders", "queue"], &["store"]),
    // Of the gateways it needs only to know which amounts can be charged.
    ("catalog", &["orders"], &["gateways", "store"]),
    ("desk", &["orders", "queue"], &["store"]),
    ("entropy", &[], &[]),
    ("expectation", &["orders"], &[]),
    ("failpoint", &[], &[]),
    ("gateways", &["orders"], &["config", "private_files"]),
    (
        "http",
        &["orders", "app"],
        &["admission", "config", "entropy", "identity", "push", "site", "standard_webhooks"],
    ),
    ("identity", &["orders"], &["entropy", "private_files", "store"]),
    ("lookout", &["orders", "queue"], &["admission", "breakers", "store"]),
    ("mail", &["orders", "queue"], &["breakers", "failpoint", "gateways", "store"]),
    // Of the gateways it needs only to know how a call can fail.
    (
        "pipeline",
        &["orders", "queue"],
        &["breakers", "expectation", "failpoint", "gateways", "steps", "store"],
    ),
    ("private_files", &[], &[]),
    ("push", &["orders"], &["failpoint", "store"]),
    ("sandbox", &["orders", "queue"], &["config", "standard_webhooks", "store"]),
    ("site", &[], &[]),
    ("standard_webhooks", &[], &[]),
    ("steps", &["orders"], &["failpoint", "gateways", "mail"]),
    ("store", &["orders", "queue"], &["failpoint", "private_files"]),
];

/// The one file that mounts the pages, hence the one that knows the app.
const MOUNTS_THE_PAGES: &str = "server/src/http/pages.rs";

/// Puts everything together, and is therefore imported by nothing that it puts together.
const STARTUP: &str = "startup";

/// The program: `main` and its command line.
const PROGRAM: [&str; 2] = ["main", "cli"];

fn server() -> Vec<Source> {
    let mut sources = below("server/src", &["rs"]);
    sources.retain(|source| !source.is_test());
    sources
}

/// The folder or file directly below `server/src`.
fn room(source: &Source) -> &str {
    let path = source.path.strip_prefix("server/src/").unwrap();
    path.split('/').next().unwrap().trim_end_matches(".rs")
}

#[test]
fn rooms_import_only_what_lies_below_them() {
    let mut wrong = Vec::new();
    for source in server() {
        let Some((own, crates, rooms)) = MAY_IMPORT.iter().find(|(name, ..)| *name == room(&source)) else {
            continue;
        };
        let code = source.code();
        for name in names_after("crate", &code) {
            if name != *own && !rooms.contains(&name.as_str()) {
                wrong.push(format!("{} imports {name}", source.path));
            }
        }
        for name in CRATES.iter().filter(|name| !names_after(name, &code).is_empty()) {
            if !crates.contains(name) {
                wrong.push(format!("{} imports the crate {name}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_imports_startup_but_the_program() {
    let guilty = |source: &&Source| {
        !PROGRAM.contains(&room(source))
            && room(source) != STARTUP
            && names_after("crate", &source.code()).contains(STARTUP)
    };
    let wrong: Vec<String> = server().iter().filter(guilty).map(|source| source.path.clone()).collect();
    assert!(wrong.is_empty(), "{} import {STARTUP}", wrong.join(", "));
}

#[test]
fn one_file_of_the_server_knows_the_pages() {
    let guilty = |source: &&Source| {
        ![MOUNTS_THE_PAGES, "server/src/main.rs"].contains(&source.path.as_str())
            && !names_after("app", &source.code()).is_empty()
    };
    let wrong: Vec<String> = server().iter().filter(guilty).map(|source| source.path.clone()).collect();
    assert!(wrong.is_empty(), "{} import the app", wrong.join(", "));
}

#[test]
fn the_sandbox_is_reached_only_over_http() {
    let guilty = |source: &&Source| {
        !PROGRAM.contains(&room(source))
            && !["sandbox", STARTUP].contains(&room(source))
            && names_after("crate", &source.code()).contains("sandbox")
    };
    let wrong: Vec<String> = server().iter().filter(guilty).map(|source| source.path.clone()).collect();
    assert!(wrong.is_empty(), "{} import the sandbox", wrong.join(", "));
}

#[test]
fn sql_stays_in_the_store() {
    let words = ["sqlx::", "rusqlite::", "SELECT ", "INSERT INTO ", "DELETE FROM ", "UPDATE orders"];
    let mut wrong = Vec::new();
    for source in server().iter().chain(&below("app", &["rs"])).chain(&below("server/queue", &["rs"])) {
        let code = source.code();
        if !source.path.starts_with("server/src/store") && words.iter().any(|word| code.contains(word)) {
            wrong.push(source.path.clone());
        }
    }
    assert!(wrong.is_empty(), "SQL outside the store: {}", wrong.join(", "));
}
