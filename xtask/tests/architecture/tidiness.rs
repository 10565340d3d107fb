//! What keeps the house easy to read.

use crate::sources::{Source, below};

/// Past this a file is two things.
const LONGEST_FILE: usize = 400;
/// `#[server]` already drops the bodies in the browser; more than a few switches mean that something else is wrong.
const MOST_FEATURE_SWITCHES: usize = 5;
/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 8] = ["utils", "util", "common", "helpers", "helper", "manager", "types", "models"];

#[test]
fn no_file_is_too_long_to_read() {
    let too_long = |source: &Source| source.text.lines().count() > LONGEST_FILE;
    let wrong: Vec<String> = below("", &["rs", "css", "ts"])
        .iter()
        .filter(|source| too_long(source))
        .map(|source| format!("{} ({} lines)", source.path, source.text.lines().count()))
        .collect();
    assert!(wrong.is_empty(), "longer than {LONGEST_FILE} lines: {}", wrong.join(", "));
}

#[test]
fn every_module_has_a_name_from_its_field() {
    for source in below("", &["rs"]) {
        let parts = source.path.trim_end_matches(".rs").split('/');
        for part in parts {
            assert!(!EMPTY_NAMES.contains(&part), "{} is named `{part}`", source.path);
        }
    }
}

#[test]
fn every_page_sets_its_title_with_the_component_that_escapes_it() {
    let own = "app/src/pages/title.rs";
    let sets_a_title = |source: &&Source| {
        let code = source.code();
        source.path != own
            && (code.contains("leptos_meta::Title") || code.contains("<title") || code.contains("<Title"))
    };
    let wrong: Vec<String> =
        below("app", &["rs"]).iter().filter(sets_a_title).map(|source| source.path.clone()).collect();
    assert!(wrong.is_empty(), "leptos_meta writes titles unescaped, so use PageTitle: {}", wrong.join(", "));
}

#[test]
fn the_content_of_a_textarea_is_escaped() {
    for source in below("app", &["rs"]) {
        let code = source.code();
        let areas = code.matches("<textarea").count();
        let escaped = code.matches("inner_html=textarea_html(").count();
        assert_eq!(areas, escaped, "{}: leptos writes children of a textarea unescaped", source.path);
    }
}

#[test]
fn the_app_hardly_ever_asks_where_it_runs() {
    let switches: Vec<String> = below("app", &["rs"])
        .iter()
        .flat_map(|source| {
            let lines = source.text.lines().filter(|line| line.contains("cfg(feature"));
            lines.map(|line| format!("{}: {}", source.path, line.trim())).collect::<Vec<_>>()
        })
        .collect();
    assert!(switches.len() <= MOST_FEATURE_SWITCHES, "{}", switches.join("\n"));
}
