//! `template.yaml` holds together: what it names is there, and what is there is named.

mod policies;
mod routes;
mod stores;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::LazyLock;

use serde_norway::{Mapping, Value};
use trunkline::provision::{Resources, TEMPLATE};

use crate::sources::root;

static DECLARED: LazyLock<Resources> =
    LazyLock::new(|| Resources::declared().expect("template.yaml can be read"));

static RESOURCES: LazyLock<Mapping> = LazyLock::new(|| {
    let template: Value = serde_norway::from_str(TEMPLATE).expect("template.yaml is YAML");
    template["Resources"]
        .as_mapping()
        .expect("it has resources")
        .clone()
});

/// Logical names and properties of every resource of a type.
fn of_kind(kind: &str) -> BTreeMap<&'static str, &'static Value> {
    let found = RESOURCES.iter().filter(|(_, resource)| resource["Type"] == kind);
    let found: BTreeMap<_, _> = found
        .map(|(name, resource)| (name.as_str().unwrap(), &resource["Properties"]))
        .collect();
    assert!(!found.is_empty(), "template.yaml declares {kind}");
    found
}

/// The functions by the name of their crate, which stands in `CodeUri`.
fn functions() -> BTreeMap<&'static str, &'static Value> {
    let crates = of_kind("AWS::Serverless::Function")
        .into_values()
        .map(|function| {
            let folder = function["CodeUri"].as_str().expect("a function has a CodeUri");
            (
                folder.strip_prefix("functions/").expect("below functions/"),
                function,
            )
        });
    crates.collect()
}

/// The text in `!Tag text`.
fn tagged<'a>(value: &'a Value, tag: &str) -> Option<&'a str> {
    let Value::Tagged(inner) = value else { return None };
    (inner.tag == tag).then(|| inner.value.as_str())?
}

/// Every logical name that a value refers to, by `!Ref`, `!GetAtt` or `!Sub`.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    for tag in ["Ref", "GetAtt"] {
        found.extend(
            tagged(value, tag)
                .and_then(|path| path.split('.').next())
                .map(str::to_owned),
        );
    }
    if let Some(pattern) = tagged(value, "Sub") {
        let parts = pattern
            .split("${")
            .skip(1)
            .filter_map(|part| part.split(['.', '}']).next());
        found.extend(parts.map(str::to_owned));
    }
    inside(value, &mut |value| references(value, found));
}

/// Calls `look` with each value directly inside another, through its tag if it has one.
fn inside(value: &Value, look: &mut impl FnMut(&Value)) {
    if let Some(mapping) = value.as_mapping() {
        mapping.values().for_each(&mut *look);
    }
    if let Some(sequence) = value.as_sequence() {
        sequence.iter().for_each(&mut *look);
    }
}

#[test]
fn every_function_has_its_crate_and_every_crate_its_function() {
    let declared: BTreeSet<String> = functions().keys().map(|name| (*name).to_owned()).collect();
    let folders = fs::read_dir(root().join("functions")).unwrap();
    let folders: BTreeSet<String> = folders
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(declared, folders);
    for (logical, resource) in RESOURCES
        .iter()
        .filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function")
    {
        let binary = resource["Metadata"]["BuildProperties"]["Binary"].as_str();
        let function = &resource["Properties"];
        assert_eq!(
            binary.map(|name| format!("functions/{name}")).as_deref(),
            function["CodeUri"].as_str(),
            "{logical:?}"
        );
        assert_eq!(
            resource["Metadata"]["BuildMethod"], "rust-cargolambda",
            "{logical:?}"
        );
        assert_eq!(
            tagged(&function["FunctionName"], "Sub"),
            binary.map(|name| format!("${{StackPrefix}}-{name}")).as_deref()
        );
    }
}

#[test]
fn every_name_that_is_referred_to_is_declared() {
    let template: Value = serde_norway::from_str(TEMPLATE).unwrap();
    let mut named = BTreeSet::new();
    references(&template["Resources"], &mut named);
    references(&template["Outputs"], &mut named);
    let known = |name: &String| {
        name.starts_with("AWS::")
            || RESOURCES.contains_key(name.as_str())
            || template["Parameters"].get(name.as_str()).is_some()
    };
    let unknown: Vec<_> = named.into_iter().filter(|name| !known(name)).collect();
    assert_eq!(unknown, Vec::<String>::new());
}

#[test]
fn names_come_from_the_stack_prefix() {
    assert_eq!(DECLARED.bucket.name, "blobs");
    assert_eq!(trunkline::provision::bucket_name("other").unwrap(), "other-blobs");
    assert!(
        trunkline::provision::queue_names("other")
            .unwrap()
            .contains(&"other-post-call".to_owned())
    );
    let tables = trunkline::provision::table_names("other").unwrap();
    assert_eq!(
        tables,
        [
            "other-identity",
            "other-directory",
            "other-dialing",
            "other-calls",
            "other-ephemeral"
        ]
    );
}
