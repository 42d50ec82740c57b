//! Dependencies point down only: `functions, media-server → runtime, http → service → store, queue, telephony, providers, auth,
//! events → domain`. What a test of a crate needs (dev-dependencies) does not count.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

use crate::sources::root;

/// Every crate of the workspace, with the names that it is built from: ours and others'.
static CRATES: LazyLock<BTreeMap<String, Crate>> = LazyLock::new(|| {
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo metadata");
    metadata
        .packages
        .iter()
        .map(|package| (package.name.to_string(), Crate::of(package)))
        .collect()
});

struct Crate {
    folder: String,
    needs: BTreeSet<String>,
}

impl Crate {
    fn of(package: &Package) -> Self {
        let folder = package
            .manifest_path
            .parent()
            .expect("a manifest is in a folder")
            .strip_prefix(root());
        let counted = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind != DependencyKind::Development);
        Self {
            folder: folder.expect("a member is below the root").to_string(),
            needs: counted.map(|dependency| dependency.name.clone()).collect(),
        }
    }

    fn is_function(&self) -> bool {
        self.folder.starts_with("functions/")
    }

    /// Those of its needs that are crates of this workspace.
    fn ours(&self) -> BTreeSet<&str> {
        self.needs
            .iter()
            .map(String::as_str)
            .filter(|name| CRATES.contains_key(*name))
            .collect()
    }
}

/// What only tests stand on: it may see what it gives them, and nothing that is shipped may see it.
const TESTING: &str = "trunkline-testing";

const EDGES: [&str; 7] = [
    "queue",
    "telephony",
    "providers",
    "auth",
    "events",
    "outbound",
    "imports",
];

/// What a crate may be built from, or none if it is the composition root or the end-to-end tests, which see everything.
fn allowed(name: &str, krate: &Crate) -> Option<BTreeSet<String>> {
    let below_service = || [&["domain", "store"], &EDGES[..]].concat();
    let shared: Vec<&str> = match krate.folder.as_str() {
        "infra/trunkline" | "tests" => return None,
        // Other sides of a wire: they share no code with what they stand against.
        "infra/aws-local" | "infra/carrier-sim" | "shared/domain" => vec![],
        "shared/store" => vec!["domain", "events"],
        "shared/service" => below_service(),
        "shared/http" => [below_service(), vec!["service"]].concat(),
        "shared/testing" => [below_service(), vec!["service", "http", "aws-local"]].concat(),
        "shared/runtime" => [below_service(), vec!["service", "http"]].concat(),
        folder if EDGES.iter().any(|edge| folder == format!("shared/{edge}")) => vec!["domain"],
        _ if krate.is_function() || name == "trunkline-media" => {
            [below_service(), vec!["service", "http", "runtime"]].concat()
        }
        folder => panic!(
            "{name} in {folder} has no place in the order of crates: give it one here and in ARCHITECTURE.md"
        ),
    };
    Some(
        shared
            .into_iter()
            .map(|name| format!("trunkline-{name}"))
            .collect(),
    )
}

#[test]
fn dependencies_point_down_only() {
    let mut wrong = Vec::new();
    for (name, krate) in CRATES.iter() {
        let Some(allowed) = allowed(name, krate) else {
            continue;
        };
        wrong.extend(
            krate
                .ours()
                .iter()
                .filter(|need| !allowed.contains(**need))
                .map(|need| format!("{name} → {need}")),
        );
    }
    assert!(
        wrong.is_empty(),
        "against the direction of ARCHITECTURE.md:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn only_tests_stand_on_what_is_for_tests() {
    assert!(CRATES.contains_key(TESTING), "there is a crate {TESTING}");
    let shipped: Vec<_> = CRATES
        .iter()
        .filter(|(_, krate)| krate.needs.contains(TESTING))
        .map(|(name, _)| name.as_str())
        .collect();
    assert!(
        shipped.is_empty(),
        "{shipped:?} → {TESTING}: it stands under [dev-dependencies] alone"
    );
}

#[test]
fn functions_know_nothing_of_each_other() {
    let functions: BTreeSet<&str> = CRATES
        .iter()
        .filter(|(_, krate)| krate.is_function())
        .map(|(name, _)| name.as_str())
        .collect();
    assert!(functions.len() >= 12, "found only the functions {functions:?}");
    for name in &functions {
        let others: Vec<_> = CRATES[*name].ours().intersection(&functions).copied().collect();
        assert!(
            others.is_empty(),
            "{name} → {others:?}: what two functions share belongs in shared/"
        );
    }
}

#[test]
fn a_function_stands_in_a_folder_of_its_name() {
    for (name, krate) in CRATES.iter().filter(|(_, krate)| krate.is_function()) {
        assert_eq!(krate.folder, format!("functions/{name}"));
    }
}

/// That none of `crates` is built from any of `banned` (a name, or the start of one that ends in a dash).
fn without(crates: &[&str], banned: &[&str], why: &str) {
    for name in crates {
        let krate = CRATES
            .get(&format!("trunkline-{name}"))
            .unwrap_or_else(|| panic!("there is a crate trunkline-{name}"));
        let is_banned = |need: &str| {
            banned
                .iter()
                .any(|ban| need == *ban || (ban.ends_with('-') && need.starts_with(ban)))
        };
        let found: Vec<_> = krate.needs.iter().filter(|need| is_banned(need)).collect();
        assert!(found.is_empty(), "trunkline-{name} → {found:?}: {why}");
    }
}

#[test]
fn the_domain_is_pure() {
    let outside = [
        "tokio",
        "futures",
        "async-trait",
        "axum",
        "http",
        "reqwest",
        "rand",
        "tracing",
        "aws-",
        "lambda_http",
        "lambda_runtime",
    ];
    without(
        &["domain"],
        &outside,
        "the domain decides; others do input and output",
    );
}

#[test]
fn only_http_and_the_functions_know_status_codes() {
    let web = [
        "axum",
        "http",
        "hyper",
        "tower",
        "tower-http",
        "aide",
        "lambda_http",
    ];
    let below = [
        "domain",
        "events",
        "store",
        "queue",
        "telephony",
        "providers",
        "auth",
        "outbound",
        "imports",
        "service",
    ];
    without(
        &below,
        &web,
        "an outcome becomes a status in http, once for each dialect",
    );
}

#[test]
fn services_reach_the_store_and_the_queues_through_their_crates() {
    without(
        &["service", "http", "auth", "events"],
        &["aws-config", "aws-sdk-", "aws-smithy-", "serde_dynamo"],
        "only store and queue speak to AWS",
    );
}
