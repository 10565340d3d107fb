//! No files import each other, directly or through others.
//!
//! Such a group of files can only be read together: it is one concept that should be one file, or a type in the wrong
//! place. The check reads `use` lines and paths, follows re-exports to the file that defines a name, and looks for
//! strongly connected components (Tarjan, *Depth-first search and linear graph algorithms*, 1972). A `mod.rs` that only
//! declares and re-exports its children imports none of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources::{below, tree};

/// The source folders of our crates.
const CRATES: [&str; 8] = [
    "app/orders/src",
    "app/src",
    "frontend/src",
    "server/queue/src",
    "server/src",
    "end2end/load/src",
    "end2end/torture/src",
    "xtask/src",
];

/// A path of names below the crate's root, such as `store::sqlite`.
type Path = Vec<String>;

/// One file.
struct Module {
    file: String,
    /// What its `pub use` lines make reachable under another path: the name, and the path that it stands for.
    reexports: BTreeMap<String, Path>,
    /// The paths that its code names.
    imports: Vec<Path>,
}

/// The files of a crate, by their module paths.
struct Graph(BTreeMap<Path, Module>);

impl Graph {
    fn of(folder: &str) -> Self {
        let sources: Vec<_> = below(folder, &["rs"]).into_iter().filter(|source| !source.is_test()).collect();
        let paths: BTreeSet<Path> = sources.iter().map(|source| module_path(folder, &source.path)).collect();
        let modules = sources.into_iter().map(|source| {
            let path = module_path(folder, &source.path);
            let code = source.code();
            let mut module = Module { file: source.path, reexports: BTreeMap::new(), imports: Vec::new() };
            let mut rest = String::new();
            let mut at = 0;
            while let Some((start, is_public, tree_start)) = next_use(&code, at) {
                let end = code[tree_start..].find(';').map_or(code.len(), |end| tree_start + end);
                for used in tree(&code[tree_start..end]) {
                    let Some(target) = absolute(&path, &used, &paths) else { continue };
                    match used.last() {
                        Some(name) if is_public => drop(module.reexports.insert(name.clone(), target)),
                        _ => module.imports.push(target),
                    }
                }
                rest.push_str(&code[at..start]);
                at = end;
            }
            rest.push_str(&code[at..]);
            module.imports.extend(paths_in(&rest).iter().filter_map(|used| absolute(&path, used, &paths)));
            (path, module)
        });
        Self(modules.collect())
    }

    /// The file that defines what a path names.
    fn definition<'a>(&'a self, path: &'a [String], depth: u8) -> Option<&'a Path> {
        let longest = (0..=path.len()).rev().find(|end| self.0.contains_key(&path[..*end]))?;
        let (module, names) = (self.0.get_key_value(&path[..longest])?, &path[longest..]);
        match names.first().and_then(|name| module.1.reexports.get(name)) {
            Some(target) if depth > 0 && target != path => self.definition(target, depth - 1),
            _ => Some(module.0),
        }
    }

    fn neighbours<'a>(&'a self, of: &'a Path) -> BTreeSet<&'a Path> {
        let found = self.0[of].imports.iter().filter_map(|import| self.definition(import, 8));
        found.filter(|target| *target != of).collect()
    }

    /// The groups of files that import each other.
    fn cycles(&self) -> Vec<Vec<&str>> {
        let mut search =
            Search { graph: self, places: BTreeMap::new(), stack: Vec::new(), found: Vec::new() };
        for path in self.0.keys() {
            if !search.places.contains_key(path) {
                search.visit(path);
            }
        }
        search.found
    }
}

struct Search<'a> {
    graph: &'a Graph,
    /// When a file was first visited, and the earliest file on the stack that it reaches; `usize::MAX` once it has left.
    places: BTreeMap<&'a Path, usize>,
    stack: Vec<&'a Path>,
    found: Vec<Vec<&'a str>>,
}

impl<'a> Search<'a> {
    fn visit(&mut self, path: &'a Path) -> usize {
        let own = self.places.len();
        self.places.insert(path, own);
        self.stack.push(path);
        let mut lowest = own;
        for next in self.graph.neighbours(path) {
            let reached = match self.places.get(next) {
                Some(place) => *place,
                None => self.visit(next),
            };
            lowest = lowest.min(reached);
        }
        if lowest == own {
            let from = self.stack.iter().position(|on_stack| *on_stack == path).unwrap();
            let group = self.stack.split_off(from);
            for member in &group {
                self.places.insert(member, usize::MAX);
            }
            if group.len() > 1 {
                self.found.push(group.iter().map(|member| &*self.graph.0[*member].file).collect());
            }
            return usize::MAX;
        }
        lowest
    }
}

fn module_path(folder: &str, file: &str) -> Path {
    let relative = file.strip_prefix(folder).unwrap().trim_start_matches('/').trim_end_matches(".rs");
    let mut names: Path = relative.split('/').map(str::to_owned).collect();
    if names.last().is_some_and(|last| ["mod", "lib", "main"].contains(&&**last)) {
        names.pop();
    }
    names
}

/// A path as seen from the crate's root; nothing for one that leads into another crate.
fn absolute(module: &Path, path: &[String], modules: &BTreeSet<Path>) -> Option<Path> {
    let (first, rest) = path.split_first()?;
    match first.as_str() {
        "crate" => Some(rest.to_vec()),
        "self" => Some([module, rest].concat()),
        "super" => {
            let ups = path.iter().take_while(|name| *name == "super").count();
            let base = module.len().checked_sub(ups)?;
            Some([&module[..base], &path[ups..]].concat())
        }
        _ => {
            let child = [module.as_slice(), std::slice::from_ref(first)].concat();
            modules.contains(&child).then(|| [module.as_slice(), path].concat())
        }
    }
}

/// The next `use` item from `at` on: where it starts, whether it is public, and where its tree starts.
fn next_use(code: &str, at: usize) -> Option<(usize, bool, usize)> {
    let mut start = at;
    for line in code[at..].split_inclusive('\n') {
        let words = line.trim_start();
        let indent = line.len() - words.len();
        let after_pub = words.strip_prefix("pub").map(|rest| match rest.strip_prefix('(') {
            Some(rest) => rest.split_once(')').map_or(rest, |(_, rest)| rest),
            None => rest,
        });
        let item = after_pub.unwrap_or(words);
        if let Some(tree) = item.trim_start().strip_prefix("use ") {
            return Some((start + indent, after_pub.is_some(), start + line.len() - tree.len()));
        }
        start += line.len();
    }
    None
}

/// Every path of two names or more in code without `use` items.
fn paths_in(code: &str) -> Vec<Path> {
    let is_word = |letter: char| letter.is_alphanumeric() || "_:".contains(letter);
    let words =
        code.split(|letter| !is_word(letter)).filter(|word| word.contains("::") && !word.starts_with(':'));
    words.map(|word| word.split("::").map(str::to_owned).collect()).collect()
}

#[test]
fn no_files_import_each_other() {
    let mut wrong = Vec::new();
    for folder in CRATES {
        let graph = Graph::of(folder);
        wrong.extend(graph.cycles().into_iter().map(|group| group.join("\n    ")));
    }
    assert!(wrong.is_empty(), "these files import each other:\n    {}", wrong.join("\n\n    "));
}

#[test]
fn a_circle_through_a_re_export_is_found() {
    let module = |path: &str, reexports: &[(&str, &str)], imports: &[&str]| {
        let names = |text: &str| {
            text.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect::<Path>()
        };
        let module = Module {
            file: path.to_owned(),
            reexports: reexports.iter().map(|(name, target)| ((*name).to_owned(), names(target))).collect(),
            imports: imports.iter().map(|import| names(import)).collect(),
        };
        (names(path), module)
    };
    let graph = Graph(BTreeMap::from([
        module("", &[("Order", "order::Order")], &[]),
        module("order", &[], &["event::Event"]),
        module("event", &[], &["Order"]),
        module("wording", &[], &["Order", "event::Event"]),
    ]));
    assert_eq!(graph.cycles(), [["event", "order"]]);
}
