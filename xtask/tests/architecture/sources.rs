//! The source files of the project.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders with generated, downloaded or foreign files.
const NOT_OURS: [&str; 6] = ["target", "node_modules", "data", "dist", "test-results", "playwright-report"];

pub struct Source {
    /// The path relative to the root, with `/` as separator.
    pub path: String,
    pub text: String,
}

impl Source {
    /// Whether the file is only used by tests.
    pub fn is_test(&self) -> bool {
        let names = |part: &str| part.ends_with("tests") || part == "testing";
        self.path.trim_end_matches(".rs").split('/').any(names)
    }

    /// Returns the code without comments and without the tests at the end of the file.
    pub fn code(&self) -> String {
        let tests = self.text.find("\n#[cfg(test)]\nmod tests {").unwrap_or(self.text.len());
        let lines = self.text[..tests].lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.flat_map(|line| [line, "\n"]).collect()
    }
}

pub fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap().to_owned()
}

pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns all files below a folder with one of these extensions.
pub fn below(folder: &str, extensions: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(current) = folders.pop() {
        let Ok(entries) = fs::read_dir(&current) else { continue };
        for entry in entries.map(|entry| entry.unwrap().path()) {
            let name = entry.file_name().unwrap().to_string_lossy();
            if entry.is_dir() {
                if !name.starts_with('.') && !NOT_OURS.contains(&&*name) {
                    folders.push(entry);
                }
            } else if entry.extension().is_some_and(|own| extensions.iter().any(|wanted| own == *wanted)) {
                let path = entry.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                found.push(Source { path, text: fs::read_to_string(&entry).unwrap() });
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// The names that follow `start::` in this code, in `use` lines and in paths: `start::a::b` and `start::{a::b, c}`.
pub fn names_after(start: &str, code: &str) -> BTreeSet<String> {
    let start = format!("{start}::");
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices(&start) {
        let inside_another_path =
            code[..at].ends_with(|before: char| before.is_alphanumeric() || "_:".contains(before));
        if !inside_another_path {
            names.extend(first_names(&code[at + start.len()..]));
        }
    }
    names
}

fn first_names(rest: &str) -> BTreeSet<String> {
    let Some(group) = rest.strip_prefix('{') else { return [leading_name(rest)].into() };
    let mut depth = 0_usize;
    let mut names = BTreeSet::new();
    let mut word = String::new();
    for letter in group.chars() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.insert(leading_name(word.trim()));
                word.clear();
                continue;
            }
            _ => {}
        }
        word.push(letter);
    }
    names.insert(leading_name(word.trim()));
    names.remove("");
    names
}

/// The paths of a `use` tree: `a::{b, c::d as e}` is `a::b` and `a::c::d`.
pub fn tree(text: &str) -> Vec<Vec<String>> {
    let text = text.trim();
    let Some((prefix, group)) = text.split_once('{') else {
        let path = text.split(" as ").next().unwrap_or(text);
        return vec![path.trim().split("::").map(|name| name.trim().to_owned()).collect()];
    };
    // A leading `::`, which names another crate, stays as an empty first name.
    let prefix = prefix.trim().trim_end_matches(':');
    let prefix: Vec<String> = prefix.split("::").map(|name| name.trim().to_owned()).collect();
    let group = group.strip_suffix('}').unwrap_or(group);
    let (mut depth, mut start, mut parts) = (0_usize, 0, Vec::new());
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&group[start..]);
    let inner = parts.into_iter().filter(|part| !part.trim().is_empty()).flat_map(tree);
    inner.map(|path| [prefix.clone(), path].concat()).collect()
}

fn leading_name(path: &str) -> String {
    path.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

#[test]
fn a_use_tree_is_all_of_its_paths() {
    let found = tree("a::{b, c::{self, d as e},\n  f::g}");
    let found: Vec<String> = found.iter().map(|path| path.join("::")).collect();
    assert_eq!(found, ["a::b", "a::c::self", "a::c::d", "a::f::g"]);
}

#[test]
fn names_are_found_in_paths_and_in_groups() {
    let code =
        "use crate::{a::{b, c}, d,\n    e::f};\nlet x = crate::g::h(); other_crate::i(); my::crate::j();";
    let expected = ["a", "d", "e", "g"].map(str::to_owned);
    assert_eq!(names_after("crate", code), BTreeSet::from(expected));
}
