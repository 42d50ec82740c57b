//! `template.yaml` holds together: what it names is there, and what is there is named.

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
    match value {
        Value::Tagged(tagged) if tagged.tag == tag => tagged.value.as_str(),
        _ => None,
    }
}

/// Every logical name that a value refers to, by `!Ref`, `!GetAtt` or `!Sub`.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Mapping(mapping) => mapping.values().for_each(|value| references(value, found)),
        Value::Sequence(values) => values.iter().for_each(|value| references(value, found)),
        Value::Tagged(inner) => {
            let text = inner.value.as_str().unwrap_or_default();
            if inner.tag == "Ref" || inner.tag == "GetAtt" {
                found.extend(text.split('.').next().map(str::to_owned));
            }
            if inner.tag == "Sub" {
                let parts = text
                    .split("${")
                    .skip(1)
                    .filter_map(|part| part.split(['.', '}']).next());
                found.extend(parts.map(str::to_owned));
            }
            references(&inner.value, found);
        }
        _ => {}
    }
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
    let allowed = BTreeSet::from(["AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::S3::Bucket"]);
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

/// Calls `look` with every policy statement below a value.
fn statements(value: &Value, look: &mut impl FnMut(&Value)) {
    match value {
        Value::Mapping(mapping) if mapping.contains_key("Effect") => look(value),
        Value::Mapping(mapping) => mapping.values().for_each(|value| statements(value, look)),
        Value::Sequence(values) => values.iter().for_each(|value| statements(value, look)),
        _ => {}
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

#[test]
fn only_who_writes_recordings_or_lists_may_touch_the_bucket() {
    let may: Vec<_> = functions()
        .into_iter()
        .filter(|(_, function)| reach(function).contains("Blobs"))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        may,
        [
            "api-calls",
            "api-leads",
            "api-meta",
            "api-recordings",
            "job-post-call"
        ]
    );
}

#[test]
fn a_function_has_at_most_three_prefixes() {
    let mut routes = BTreeSet::new();
    for (name, function) in functions() {
        let events = function["Events"]
            .as_mapping()
            .into_iter()
            .flat_map(Mapping::values);
        let paths: Vec<_> = events
            .filter_map(|event| event["Properties"]["Path"].as_str())
            .collect();
        let prefixes: BTreeSet<_> = paths
            .iter()
            .map(|path| path.trim_end_matches("/{proxy+}"))
            .collect();
        assert!(prefixes.len() <= 3, "{name} has the prefixes {prefixes:?}");
        for path in paths {
            assert!(routes.insert(path), "{path} has two functions");
        }
    }
    assert!(routes.contains("/webhooks/twilio/{proxy+}"));
}

#[test]
fn every_queue_has_a_dead_one_and_hides_a_message_six_timeouts_long() {
    let mut consumed = BTreeSet::new();
    for (name, mapping) in of_kind("AWS::Lambda::EventSourceMapping") {
        assert_eq!(
            mapping["FunctionResponseTypes"][0], "ReportBatchItemFailures",
            "{name}"
        );
        let source = tagged(&mapping["EventSourceArn"], "GetAtt").unwrap();
        let Some(queue) = source.strip_suffix(".Arn") else {
            assert!(mapping["BisectBatchOnFunctionError"].as_bool().unwrap(), "{name}");
            let destination = &mapping["DestinationConfig"]["OnFailure"]["Destination"];
            assert_eq!(
                tagged(destination, "GetAtt"),
                Some("FanoutDeadQueue.Arn"),
                "{name}"
            );
            continue;
        };
        let function = tagged(&mapping["FunctionName"], "Ref").unwrap();
        let timeout = RESOURCES[function]["Properties"]["Timeout"]
            .as_u64()
            .expect("a consumer has a timeout of its own");
        assert_eq!(
            RESOURCES[queue]["Properties"]["VisibilityTimeout"].as_u64(),
            Some(6 * timeout),
            "{queue}"
        );
        assert!(
            mapping["ScalingConfig"]["MaximumConcurrency"].as_u64().unwrap() >= 2,
            "{name}"
        );
        consumed.insert(queue);
    }
    for (name, queue) in of_kind("AWS::SQS::Queue") {
        let redrives = queue.get("RedrivePolicy").is_some();
        assert_eq!(redrives, !name.ends_with("DeadQueue"), "{name}");
        assert_eq!(redrives, consumed.contains(name), "{name} and its consumer");
    }
}

#[test]
fn the_queues_have_the_names_that_their_readers_use() {
    let names: Vec<_> = DECLARED.queues.iter().map(|queue| queue.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "dial",
            "dial-dead",
            "post-call",
            "post-call-dead",
            "fanout",
            "fanout-dead"
        ]
    );
    for queue in &DECLARED.queues {
        let dead = queue.redrive.as_ref().map(|redrive| redrive.queue.clone());
        assert!(
            dead.is_none() || dead == Some(format!("{}-dead", queue.name)),
            "{queue:?}"
        );
    }
}

#[test]
fn an_index_is_keyed_by_its_own_name_and_carries_the_filter() {
    for table in &DECLARED.tables {
        assert_eq!(
            (table.key.hash.as_str(), table.key.range.as_deref()),
            ("PK", Some("SK")),
            "{}",
            table.name
        );
        let mut keys = BTreeSet::from(["PK".to_owned(), "SK".to_owned()]);
        for index in &table.indexes {
            assert!(
                index.name.len() >= 3,
                "{}: DynamoDB refuses the name of index {}",
                table.name,
                index.name
            );
            assert_eq!(index.key.hash, format!("{}_pk", index.name));
            assert!(
                index.key.range.is_none() || index.key.range == Some(format!("{}_sk", index.name)),
                "{index:?}"
            );
            assert_eq!(index.include, ["f"], "{index:?}");
            keys.insert(index.key.hash.clone());
            keys.extend(index.key.range.clone());
        }
        let attributes: BTreeSet<_> = table
            .attributes
            .iter()
            .map(|attribute| attribute.name.clone())
            .collect();
        assert_eq!(
            attributes, keys,
            "{} defines exactly the attributes of its keys",
            table.name
        );
        assert!(
            table.attributes.iter().all(|attribute| attribute.kind == "S"),
            "{}",
            table.name
        );
    }
}

#[test]
fn the_tables_have_the_indexes_of_the_key_map() {
    let indexes: BTreeMap<_, Vec<_>> = DECLARED
        .tables
        .iter()
        .map(|table| {
            (
                table.name.as_str(),
                table.indexes.iter().map(|index| index.name.as_str()).collect(),
            )
        })
        .collect();
    let expected = BTreeMap::from([
        ("identity", vec!["all"]),
        ("directory", vec!["idle"]),
        ("dialing", vec!["due", "list", "lead"]),
        (
            "calls",
            vec!["tenant", "campaign", "agent", "operator", "phone", "check", "sid"],
        ),
        ("ephemeral", vec![]),
    ]);
    assert_eq!(indexes, expected);
}

#[test]
fn what_fan_out_tells_of_has_a_stream_and_what_expires_a_time_to_live() {
    for table in &DECLARED.tables {
        let streams = matches!(table.name.as_str(), "identity" | "dialing" | "calls");
        assert_eq!(
            table.stream.as_deref(),
            streams.then_some("NEW_AND_OLD_IMAGES"),
            "{}",
            table.name
        );
        let expires = table.name == "ephemeral";
        assert_eq!(
            table.expires.as_deref(),
            expires.then_some("expires_at"),
            "{}",
            table.name
        );
    }
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
