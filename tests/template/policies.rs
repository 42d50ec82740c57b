//! Each function may do what it needs, and nothing else.

use std::collections::BTreeSet;

use serde_norway::Value;

use super::{RESOURCES, functions, inside, references};

#[test]
fn a_function_may_touch_only_what_is_declared_and_never_everything() {
    let mut kinds = BTreeSet::new();
    for (name, function) in functions() {
        let reach = reach(function);
        assert!(!reach.is_empty(), "{name} has a policy");
        kinds.extend(
            reach
                .iter()
                .map(|name| RESOURCES[name.as_str()]["Type"].as_str().unwrap()),
        );
    }
    let allowed = BTreeSet::from([
        "AWS::DynamoDB::Table",
        "AWS::SQS::Queue",
        "AWS::S3::Bucket",
        "AWS::KMS::Key",
    ]);
    assert_eq!(kinds, allowed);
    for (name, resource) in RESOURCES.iter() {
        for policy in [
            &resource["Properties"]["Policies"],
            &resource["Properties"]["PolicyDocument"],
        ] {
            if resource["Type"] != "AWS::S3::BucketPolicy" {
                statements(policy, &mut |statement| {
                    no_star(name.as_str().unwrap(), statement)
                });
            }
        }
    }
}

#[test]
fn only_who_handles_files_may_touch_the_bucket() {
    let may: Vec<_> = functions()
        .into_iter()
        .filter(|(_, function)| reach(function).contains("Blobs"))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        may,
        [
            "api-admin",
            "api-analytics",
            "api-calls",
            "api-leads",
            "api-meta",
            "api-recordings",
            "job-importer",
            "job-post-call"
        ]
    );
}

#[test]
fn who_answers_changes_may_put_them_on_the_trail() {
    // These two only answer what is asked.
    let changes = |name: &str| name.starts_with("api-") && !["api-meta", "api-analytics"].contains(&name);
    let mut checked = 0;
    for (name, function) in functions().into_iter().filter(|(name, _)| changes(name)) {
        let mut named = BTreeSet::new();
        references(&function["Policies"], &mut named);
        let may = named.contains("WriteTrail") || named.contains("WriteIdentity");
        assert!(
            may,
            "{name} needs !Ref WriteTrail: each change is on the trail before it runs"
        );
        checked += 1;
    }
    assert!(checked > 5, "only {checked} functions answer changes");
}

/// What a function may touch: the logical names in its policies, those of the managed ones it refers to included.
fn reach(function: &Value) -> BTreeSet<String> {
    let mut direct = BTreeSet::new();
    references(&function["Policies"], &mut direct);
    let mut all = BTreeSet::new();
    for name in direct {
        let resource = &RESOURCES[name.as_str()];
        if resource["Type"] == "AWS::IAM::ManagedPolicy" {
            references(&resource["Properties"]["PolicyDocument"], &mut all);
        } else {
            all.insert(name);
        }
    }
    all
}

/// Calls `look` with every policy statement below a value.
fn statements(value: &Value, look: &mut dyn FnMut(&Value)) {
    if value.get("Effect").is_some() {
        look(value);
    } else {
        inside(value, &mut |value| statements(value, look));
    }
}

fn no_star(policy: &str, statement: &Value) {
    let actions = serde_norway::to_string(&statement["Action"]).unwrap();
    assert!(
        !actions.contains('*'),
        "{policy} allows {actions}: name each action"
    );
    assert!(!actions.contains("dynamodb:Scan"), "{policy}: nothing scans");
    assert_ne!(
        statement["Resource"],
        Value::from("*"),
        "{policy} reaches everything"
    );
}
