//! What is linked may be linked: `deny.toml`'s lists, held against `cargo metadata`.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use cargo_metadata::{Metadata, MetadataCommand};

use crate::sources::root;

fn metadata() -> Metadata {
    let manifest = root().join("Cargo.toml");
    MetadataCommand::new()
        .manifest_path(manifest)
        .other_options(vec!["--locked".to_owned()])
        .exec()
        .expect("cargo metadata")
}

/// The quoted words of `deny.toml`'s list `name`; with `field`, only those that follow `field =`.
fn list(name: &str, field: Option<&str>) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("deny.toml")).unwrap();
    let lines = text
        .lines()
        .skip_while(|line| *line != format!("{name} = ["))
        .skip(1);
    let entries = lines.take_while(|line| *line != "]").filter_map(|line| {
        let rest = field.map_or(Some(line), |field| {
            Some(line.split_once(&format!("{field} ="))?.1)
        })?;
        rest.split('"').nth(1).map(str::to_owned)
    });
    let entries: BTreeSet<_> = entries.collect();
    assert!(!entries.is_empty(), "deny.toml has a list {name}");
    entries
}

/// Whether an SPDX expression can be met with the allowed licences alone. `AND` binds closer than `OR`; an old `/` means `OR`.
fn met(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (met, rest) = any(&words, allowed);
    assert!(rest.is_empty(), "`{expression}` is an SPDX expression");
    met
}

fn any<'a>(words: &'a [&'a str], allowed: &BTreeSet<String>) -> (bool, &'a [&'a str]) {
    let (mut met, mut rest) = all(words, allowed);
    while let ["OR", more @ ..] = rest {
        let (next, after) = all(more, allowed);
        (met, rest) = (met || next, after);
    }
    (met, rest)
}

fn all<'a>(words: &'a [&'a str], allowed: &BTreeSet<String>) -> (bool, &'a [&'a str]) {
    let (mut met, mut rest) = one(words, allowed);
    while let ["AND", more @ ..] = rest {
        let (next, after) = one(more, allowed);
        (met, rest) = (met && next, after);
    }
    (met, rest)
}

fn one<'a>(words: &'a [&'a str], allowed: &BTreeSet<String>) -> (bool, &'a [&'a str]) {
    match words {
        ["(", inner @ ..] => match any(inner, allowed) {
            (met, [")", rest @ ..]) => (met, rest),
            (_, rest) => panic!("a parenthesis is not closed before {rest:?}"),
        },
        [licence, "WITH", exception, rest @ ..] => {
            (allowed.contains(&format!("{licence} WITH {exception}")), rest)
        }
        [licence, rest @ ..] => (allowed.contains(*licence), rest),
        [] => (false, &[]),
    }
}

#[test]
fn an_expression_is_met_as_it_reads() {
    let allowed = BTreeSet::from(["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned));
    for good in [
        "MIT",
        "GPL-3.0/MIT",
        "MIT OR GPL-3.0 AND X",
        "(GPL-3.0 OR MIT) AND ISC",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert!(met(good, &allowed), "{good}");
    }
    for bad in [
        "AGPL-3.0",
        "MIT AND GPL-3.0",
        "Apache-2.0",
        "(MIT OR ISC) AND GPL-3.0",
        "",
    ] {
        assert!(!met(bad, &allowed), "{bad}");
    }
}

#[test]
fn everything_that_is_linked_has_an_allowed_licence_and_comes_from_the_registry() {
    let allowed = list("allow", None);
    let metadata = metadata();
    let registry = "registry+https://github.com/rust-lang/crates.io-index";
    let others = metadata
        .packages
        .iter()
        .filter(|package| !metadata.workspace_members.contains(&package.id));
    let mut wrong = Vec::new();
    for package in others {
        let licence = package.license.as_deref().unwrap_or("");
        if !met(licence, &allowed) {
            wrong.push(format!(
                "{} {}: licence `{licence}`",
                package.name, package.version
            ));
        }
        if package
            .source
            .as_ref()
            .is_none_or(|source| source.repr != registry)
        {
            wrong.push(format!(
                "{} {}: comes from {:?}",
                package.name, package.version, package.source
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_that_is_banned_is_linked() {
    let banned = list("deny", Some("crate"));
    // Of metadata's graph, cargo's own tree alone leaves out what no chosen feature needs.
    let mut tree = Command::new(env!("CARGO"));
    tree.args([
        "tree",
        "--workspace",
        "--locked",
        "--target=all",
        "--edges=normal,build",
        "--prefix=none",
        "--format={p}",
    ]);
    let answer = tree.current_dir(root()).output().expect("cargo tree");
    assert!(
        answer.status.success(),
        "{}",
        String::from_utf8_lossy(&answer.stderr)
    );
    let text = String::from_utf8(answer.stdout).unwrap();
    let linked: BTreeSet<&str> = text.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(
        linked.len() > 100 && linked.contains("aws-lc-rs"),
        "the tree has {} crates",
        linked.len()
    );
    let found: Vec<_> = linked.iter().filter(|name| banned.contains(**name)).collect();
    assert!(found.is_empty(), "deny.toml bans {found:?}");
}
