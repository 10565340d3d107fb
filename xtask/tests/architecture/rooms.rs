//! Which module of `server/src` may import which.

use crate::sources::{Source, below, names_after};

/// The workspace crates, as code names them.
const CRATES: [&str; 3] = ["orders", "queue", "app"];

/// A module directly below `server/src`, the crates of ours that it may name, and the other modules that it may name.
const MAY_IMPORT: [(&str, &[&str], &[&str]); 17] = [
    // Of the pipeline only the estimate of when an order is confirmed.
    ("accept", &["orders", "queue"], &["identity", "pipeline", "platform", "store"]),
    // Of the gateways only which amounts can be charged.
    ("catalog", &["orders"], &["external", "store"]),
    ("config", &["orders"], &[]),
    ("desk", &["orders", "queue"], &["store"]),
    ("external", &["orders", "queue"], &["config", "metrics", "platform", "store"]),
    ("http", &["orders", "app"], &["config", "identity", "load", "metrics", "platform", "push"]),
    ("identity", &["orders"], &["config", "platform", "store"]),
    ("listener", &[], &["load"]),
    ("load", &["orders", "queue"], &["config", "external", "metrics", "store"]),
    ("mail", &["orders", "queue"], &["external", "platform", "store"]),
    ("metrics", &["orders", "queue"], &[]),
    ("pipeline", &["orders", "queue"], &["external", "metrics", "platform", "steps", "store"]),
    ("platform", &[], &["config"]),
    ("push", &["orders"], &["metrics", "platform", "store"]),
    ("sandbox", &["orders", "queue"], &["config", "identity", "store"]),
    ("steps", &["orders"], &["external", "mail", "platform"]),
    ("store", &["orders", "queue"], &["metrics", "platform"]),
];

/// The one file that mounts the pages, and may therefore name the app.
const MOUNTS_THE_PAGES: &str = "server/src/http/pages.rs";

/// Builds everything, so nothing that it builds may import it.
const STARTUP: &str = "startup";

/// The program: `main` and its command line.
const PROGRAM: [&str; 2] = ["main", "cli"];

fn server() -> Vec<Source> {
    let mut sources = below("server/src", &["rs"]);
    sources.retain(|source| !source.is_test());
    sources
}

/// Returns the folder or file directly below `server/src`.
fn room(source: &Source) -> &str {
    let path = source.path.strip_prefix("server/src/").unwrap();
    path.split('/').next().unwrap().trim_end_matches(".rs")
}

#[test]
fn rooms_import_only_what_lies_below_them() {
    let mut wrong = Vec::new();
    for source in server() {
        let room = room(&source);
        if room == STARTUP || room == "lib" || PROGRAM.contains(&room) {
            continue;
        }
        let Some((own, crates, rooms)) = MAY_IMPORT.iter().find(|(name, ..)| *name == room) else {
            wrong.push(format!("{} is in no module of the table", source.path));
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
