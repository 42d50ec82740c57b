//! The tables and queues are what the code that reads them relies on.

use std::collections::{BTreeMap, BTreeSet};

use super::{DECLARED, RESOURCES, of_kind, tagged};
use crate::sources::lines_below;

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
            assert_eq!(index.key.range, Some(format!("{}_sk", index.name)));
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
            vec![
                "tenant",
                "campaign",
                "agent",
                "tenant_state",
                "campaign_state",
                "agent_state",
                "operator",
                "phone",
                "check",
                "sid",
            ],
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
        let expires = matches!(table.name.as_str(), "identity" | "ephemeral");
        assert_eq!(
            table.expires.as_deref(),
            expires.then_some("expires_at"),
            "{}",
            table.name
        );
    }
}

#[test]
fn every_queue_hides_a_message_six_timeouts_long_and_has_a_dead_one() {
    let queues = of_kind("AWS::SQS::Queue");
    let mut consumed = BTreeSet::new();
    let mut given_up_on = BTreeSet::new();
    for (name, mapping) in of_kind("AWS::Lambda::EventSourceMapping") {
        assert_eq!(
            mapping["FunctionResponseTypes"][0], "ReportBatchItemFailures",
            "{name}"
        );
        let source = tagged(&mapping["EventSourceArn"], "GetAtt").unwrap();
        let Some(queue) = source.strip_suffix(".Arn") else {
            assert_eq!(mapping["BisectBatchOnFunctionError"], true, "{name}");
            given_up_on.extend(tagged(
                &mapping["DestinationConfig"]["OnFailure"]["Destination"],
                "GetAtt",
            ));
            continue;
        };
        let function = tagged(&mapping["FunctionName"], "Ref").unwrap();
        let timeout = RESOURCES[function]["Properties"]["Timeout"].as_u64();
        let timeout = timeout.expect("a consumer has a timeout of its own");
        assert_eq!(queues[queue]["VisibilityTimeout"], 6 * timeout, "{queue}");
        assert!(
            mapping["ScalingConfig"]["MaximumConcurrency"].as_u64().unwrap() >= 2,
            "{name}"
        );
        consumed.insert(queue);
    }
    let dead: BTreeSet<_> = queues
        .keys()
        .copied()
        .filter(|name| name.ends_with("DeadQueue"))
        .collect();
    for name in queues.keys().filter(|name| !dead.contains(*name)) {
        assert!(consumed.contains(name), "{name} has no consumer");
        let target = tagged(&queues[name]["RedrivePolicy"]["deadLetterTargetArn"], "GetAtt");
        given_up_on.insert(target.unwrap_or_else(|| panic!("{name} has no dead queue")));
    }
    let used: BTreeSet<_> = given_up_on
        .iter()
        .filter_map(|target| target.strip_suffix(".Arn"))
        .collect();
    assert_eq!(used, dead);
}

#[test]
fn the_store_asks_only_for_indexes_that_are_declared() {
    let indexes = DECLARED.tables.iter().flat_map(|table| &table.indexes);
    let declared: BTreeSet<_> = indexes.map(|index| index.name.as_str()).collect();
    let mut asked = 0;
    for (place, line) in lines_below("shared/store/src/") {
        let named = line
            .split("index_name(\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next());
        let keyed = line
            .split('"')
            .filter_map(|word| word.strip_suffix("_pk").or_else(|| word.strip_suffix("_sk")));
        let literal = |name: &&str| name.chars().all(|letter| letter.is_ascii_lowercase());
        for name in named.chain(keyed.filter(literal)) {
            assert!(
                declared.contains(name),
                "{place}: template.yaml declares no index `{name}`"
            );
            asked += 1;
        }
    }
    assert!(
        asked > 5,
        "the store uses its indexes by name in {asked} places only: look for them otherwise"
    );
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
            "bridge",
            "bridge-dead",
            "mail",
            "mail-dead",
            "import",
            "import-dead",
            "webhooks",
            "webhooks-dead",
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
