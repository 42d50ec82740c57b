//! What is linked may be linked: `deny.toml`'s lists, held against `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use cargo_metadata::{Metadata, MetadataCommand, PackageId};

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
    let metadata = metadata();
    let names: BTreeMap<&PackageId, &str> = metadata
        .packages
        .iter()
        .map(|package| (&package.id, package.name.as_str()))
        .collect();
    let resolve = metadata.resolve.as_ref().expect("metadata has a resolve");
    let needs: BTreeMap<&PackageId, _> = resolve
        .nodes
        .iter()
        .map(|node| (&node.id, &node.dependencies))
        .collect();
    // From our own crates: a lock file also names what no chosen feature needs.
    let mut open: Vec<&PackageId> = metadata.workspace_members.iter().collect();
    let mut walked = BTreeSet::new();
    while let Some(id) = open.pop() {
        if walked.insert(id) {
            open.extend(needs[id].iter());
        }
    }
    let linked: BTreeSet<&str> = walked.into_iter().map(|id| names[id]).collect();
    assert!(
        linked.len() > 100 && linked.contains("aws-lc-rs"),
        "the graph was walked"
    );
    let found: Vec<_> = linked.iter().filter(|name| banned.contains(**name)).collect();
    assert!(found.is_empty(), "deny.toml bans {found:?}");
}
