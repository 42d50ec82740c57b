use super::*;

const SMALL: &str = r#"
Parameters:
  StackPrefix: { Type: String, Default: trunkline }
  BucketSuffix: { Type: String, Default: "" }
Resources:
  Users:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub "${StackPrefix}-users"
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: PK, AttributeType: S }, { AttributeName: all_pk, AttributeType: S }]
      KeySchema: [{ AttributeName: PK, KeyType: HASH }]
      GlobalSecondaryIndexes:
        - IndexName: all
          KeySchema: [{ AttributeName: all_pk, KeyType: HASH }]
          Projection: { ProjectionType: INCLUDE, NonKeyAttributes: [f] }
  Work:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "${StackPrefix}-work"
      VisibilityTimeout: 60
      MessageRetentionPeriod: 100
      RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3 }
  Dead:
    Type: AWS::SQS::Queue
    Properties: { QueueName: !Sub "${StackPrefix}-work-dead", MessageRetentionPeriod: 200 }
  Files:
    Type: AWS::S3::Bucket
    Properties: { BucketName: !Sub "${StackPrefix}-files${BucketSuffix}" }
  Topic:
    Type: AWS::SNS::Topic
"#;

fn refused(from: &str, to: &str) -> String {
    assert!(SMALL.contains(from), "the small template has `{from}`");
    let error = Resources::parse(&SMALL.replace(from, to)).unwrap_err();
    let cause = std::error::Error::source(&error).map(ToString::to_string);
    format!("{error} {}", cause.unwrap_or_default())
}

#[test]
fn a_template_becomes_specs_without_the_prefix() {
    let resources = Resources::parse(SMALL).unwrap();
    let [table] = &resources.tables[..] else {
        panic!("one table, found {:?}", resources.tables)
    };
    assert_eq!(
        (
            table.name.as_str(),
            table.key.hash.as_str(),
            table.key.range.as_deref()
        ),
        ("users", "PK", None)
    );
    assert_eq!(table.indexes[0].include, ["f"]);
    let [work, dead] = &resources.queues[..] else {
        panic!("two queues, found {:?}", resources.queues)
    };
    let redrive = work.redrive.as_ref().unwrap();
    assert_eq!((redrive.queue.as_str(), redrive.max_receives), ("work-dead", 3));
    assert_eq!(
        (dead.redrive.as_ref(), dead.visibility_s, dead.retention_s),
        (None, 30, 200)
    );
    assert_eq!(resources.bucket.name, "files");
}

#[test]
fn a_property_that_is_not_understood_is_never_left_out_silently() {
    let error = refused(
        "BillingMode: PAY_PER_REQUEST",
        "BillingMode: PAY_PER_REQUEST\n      LocalSecondaryIndexes: []",
    );
    assert!(
        error.contains("Users") && error.contains("LocalSecondaryIndexes"),
        "{error}"
    );
    let error = refused("VisibilityTimeout: 60", "DelaySeconds: 60");
    assert!(
        error.contains("Work") && error.contains("DelaySeconds"),
        "{error}"
    );
    let error = refused("PAY_PER_REQUEST", "PROVISIONED");
    assert!(error.contains("PROVISIONED"), "{error}");
}

#[test]
fn a_dead_queue_that_is_not_there_is_named() {
    assert!(refused("!GetAtt Dead.Arn", "!GetAtt Gone.Arn").contains("Gone is no queue of this template"));
    assert!(refused("!GetAtt Dead.Arn", "!GetAtt Topic.Arn").contains("Topic is no queue of this template"));
}

#[test]
fn a_name_that_only_an_account_could_compute_is_refused_where_it_stands() {
    let error = refused("-files${BucketSuffix}", "-files${AWS::AccountId}");
    assert!(
        error.contains("resource Files, BucketName") && error.contains("${AWS::AccountId}"),
        "{error}"
    );
}

#[test]
fn there_is_one_bucket() {
    assert!(refused("AWS::S3::Bucket", "AWS::S3::Other").contains("declares 0 buckets"));
    assert!(
        refused(
            "AWS::SNS::Topic",
            "AWS::S3::Bucket\n    Properties: { BucketName: !Sub \"${StackPrefix}-b\" }"
        )
        .contains("declares 2 buckets")
    );
}

#[test]
fn the_template_that_is_compiled_in_can_be_read() {
    let resources = Resources::declared().unwrap();
    let tables: Vec<_> = resources.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(tables, ["identity", "directory", "dialing", "calls", "ephemeral"]);
    assert!(resources.queues.iter().any(|queue| queue.name == "dial"));
}
