//! Which crate may depend on which, and which versions are allowed.

use std::collections::BTreeSet;

use crate::sources::read;

/// A crate's manifest, and the workspace crates that it may depend on.
const MAY_DEPEND_ON: [(&str, &[&str]); 6] = [
    ("app/orders", &[]),
    ("server/queue", &[]),
    ("app", &["orders"]),
    ("frontend", &["app"]),
    // It knows of Docket only what is visible from outside.
    ("end2end/torture", &["orders"]),
    // Likewise, except that it measures the queue of the store in a process of its own.
    ("end2end/load", &["orders", "queue", "server"]),
];

const OURS: [&str; 8] = ["app", "frontend", "load", "orders", "queue", "server", "torture", "xtask"];

/// Returns the names below `[dependencies]`.
fn dependencies(manifest: &str) -> BTreeSet<&str> {
    let sections = manifest.lines().skip_while(|line| *line != "[dependencies]").skip(1);
    let lines = sections.take_while(|line| !line.starts_with('['));
    lines.filter_map(|line| line.split(['.', ' ', '=']).next()).collect()
}

/// Returns the versions of a package in `Cargo.lock`.
fn locked(package: &str) -> Vec<String> {
    let lock = read("Cargo.lock");
    let start = format!("name = \"{package}\"\nversion = \"");
    lock.match_indices(&start)
        .map(|(at, _)| lock[at + start.len()..].split('"').next().unwrap().to_owned())
        .collect()
}

#[test]
fn crates_depend_only_on_those_below_them() {
    for (folder, allowed) in MAY_DEPEND_ON {
        let manifest = read(&format!("{folder}/Cargo.toml"));
        for name in dependencies(&manifest) {
            assert!(!OURS.contains(&name) || allowed.contains(&name), "{folder} depends on {name}");
        }
    }
}

#[test]
fn the_browser_never_gets_the_server_side_of_the_app() {
    assert!(!read("frontend/Cargo.toml").contains("ssr"), "with `ssr` in the browser, event handlers vanish");
}

#[test]
fn there_is_one_sqlite() {
    assert_eq!(locked("libsqlite3-sys").len(), 1, "two copies of SQLite in one process corrupt a database");
}

#[test]
fn the_app_and_the_build_speak_the_same_wasm_bindgen() {
    assert_eq!(locked("wasm-bindgen"), locked("wasm-bindgen-cli-support"));
}
