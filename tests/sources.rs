//! Rules that the compiler does not know, kept by every source file.

use std::fs;
use std::path::{Path, PathBuf};

const LINES_MAX: usize = 400;

/// DynamoDB itself, which must know what we do not ask of it.
const THE_OTHER_SIDE: &str = "infra/aws-local/";

/// The workspace's root folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ is in the workspace")
}

/// A source file, its path relative to the workspace.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// Lines of code, with their numbers: no comment begins them.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self
            .text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// Not a test, an example or a bench: those look at everything, and are told what to do by whoever runs them.
    fn is_product(&self) -> bool {
        let aside = |part: &str| matches!(part, "tests" | "examples" | "benches" | "testing.rs" | "tests.rs");
        !self
            .path
            .split('/')
            .any(|part| aside(part) || part.ends_with("_tests.rs"))
    }

    fn in_any(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| self.path.starts_with(folder))
    }
}

/// Every Rust file of the workspace's own folders.
fn sources() -> Vec<Source> {
    let mut open: Vec<PathBuf> = ["functions", "media-server", "shared", "infra", "tests"]
        .map(|folder| root().join(folder))
        .into();
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            open.extend(
                entries
                    .map(|entry| entry.unwrap().path())
                    .filter(|path| !path.ends_with("target")),
            );
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text =
                fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let path = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
            found.push(Source { path, text });
        }
    }
    assert!(
        found.len() > 50,
        "only {} source files found below {}",
        found.len(),
        root().display()
    );
    found
}

/// The places where the product's code has any of `patterns`, outside `allowed` folders, as `path:line: code`.
fn places(patterns: &[&str], allowed: &[&str]) -> Vec<String> {
    let sources = sources();
    let outside = sources
        .iter()
        .filter(|source| source.is_product() && !source.in_any(allowed));
    let hits = outside.flat_map(|source| {
        let lines = source
            .code()
            .filter(|(_, line)| patterns.iter().any(|pattern| line.contains(pattern)));
        lines.map(move |(number, line)| format!("{}:{number}: {}", source.path, line.trim()))
    });
    hits.collect()
}

/// Every line of code below a folder, each after its place, `path:line`.
pub(crate) fn lines_below(folder: &str) -> Vec<(String, String)> {
    let sources = sources();
    let inside = sources.iter().filter(|source| source.in_any(&[folder]));
    let lines = inside.flat_map(|source| {
        let place = |(number, line): (usize, &str)| (format!("{}:{number}", source.path), line.to_owned());
        source.code().map(place).collect::<Vec<_>>()
    });
    lines.collect()
}

fn none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}\n{}", found.join("\n"));
}

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    let long: Vec<String> = sources()
        .iter()
        .map(|source| (source.text.lines().count(), &source.path))
        .filter(|(lines, _)| *lines > LINES_MAX)
        .map(|(lines, path)| format!("{path}: {lines} lines"))
        .collect();
    none(&long, "a file is one thing, in at most 400 lines:");
}

#[test]
fn tests_examples_and_benches_are_no_product() {
    let is_product = |path: &str| {
        let path = path.to_owned();
        Source {
            path,
            text: String::new(),
        }
        .is_product()
    };
    assert!(is_product("shared/store/src/leads.rs"));
    for aside in [
        "tests/flows/campaign.rs",
        "shared/http/tests/http/main.rs",
        "shared/store/src/testing.rs",
        "a/src/b_tests.rs",
    ] {
        assert!(!is_product(aside), "{aside}");
    }
}

#[test]
fn nothing_scans_a_table() {
    // An iterator's `scan` takes arguments; DynamoDB's does not.
    let found = places(&[".scan()", "operation::scan", "ScanInput"], &[THE_OTHER_SIDE]);
    none(
        &found,
        "a list is a query of an index; a scan reads every tenant's rows:",
    );
}

#[test]
fn only_runtime_reads_the_environment() {
    let patterns = ["env::var(", "env::var_os(", "env::vars(", "env::vars_os("];
    let found = places(&patterns, &["shared/runtime/"]);
    none(
        &found,
        "settings come from runtime's configuration, as arguments:",
    );
}

#[test]
fn a_batch_write_never_goes_where_an_item_may_exist() {
    // It has no condition: importing a list again would reset finished leads, and call everyone once more.
    let found = places(&["batch_write_item"], &[THE_OTHER_SIDE]);
    none(
        &found,
        "BatchWriteItem overwrites; use a transaction of conditional puts:",
    );
}

#[test]
fn a_binary_has_no_tests_of_its_own() {
    // `cargo test` would link each function once more for nothing.
    let functions = fs::read_dir(root().join("functions")).unwrap();
    let mut seen = 0;
    for function in functions {
        let manifest = function.unwrap().path().join("Cargo.toml");
        let text = fs::read_to_string(&manifest).unwrap();
        assert!(
            text.contains("test = false\ndoctest = false"),
            "{} must say `test = false` and `doctest = false`",
            manifest.display()
        );
        seen += 1;
    }
    assert!(seen > 0, "there are functions");
}
