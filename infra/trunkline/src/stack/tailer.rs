//! The tables' streams: what Lambda's stream mappings do, here with the real SDK in this process.
//! A checkpoint a shard, written after its records were followed, so that a restart goes on there.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodbstreams::{
    error::DisplayErrorContext,
    types::{AttributeValue, Record, ShardIteratorType},
};
use job_fanout::{Change, Image};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use trunkline_runtime::Clients;
use trunkline_service::Ctx;

/// How long to wait when a shard had nothing new. DynamoDB Streams cannot be waited on.
const PAUSE: Duration = Duration::from_millis(250);
/// How long to wait after a fault.
const AFTER_FAULT: Duration = Duration::from_secs(1);

/// Follows one table's stream.
pub(super) struct Tailer {
    pub(super) table: String,
    /// Where checkpoints are kept.
    pub(super) ephemeral: String,
    pub(super) clients: Clients,
    pub(super) ctx: Ctx,
}

type Fault = Box<dyn std::error::Error + Send + Sync>;

impl Tailer {
    /// Follows until `stop`.
    pub(super) async fn run(self, stop: CancellationToken) {
        let mut iterators: HashMap<String, Option<String>> = HashMap::new();
        loop {
            let pause = match self.round(&mut iterators).await {
                Ok(true) => Duration::ZERO,
                Ok(false) => PAUSE,
                Err(error) => {
                    tracing::warn!(table = %self.table, "the stream cannot be read now: {error}");
                    iterators.clear();
                    AFTER_FAULT
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    /// Reads each shard once. `true`: there was something.
    async fn round(&self, iterators: &mut HashMap<String, Option<String>>) -> Result<bool, Fault> {
        if iterators.is_empty() {
            *iterators = self.shards().await?;
        }
        let (mut any, mut ended) = (false, false);
        for (shard, iterator) in iterators.iter_mut() {
            let Some(at) = iterator.clone() else { continue };
            let got = self
                .clients
                .streams
                .get_records()
                .shard_iterator(at)
                .limit(200)
                .send()
                .await;
            let got = got.map_err(|error| DisplayErrorContext(error).to_string())?;
            let records = got.records.unwrap_or_default();
            if !records.is_empty() {
                any = true;
                self.follow(shard, records).await?;
            }
            *iterator = got.next_shard_iterator;
            ended |= iterator.is_none();
        }
        if ended {
            // A shard that has ended goes on in its children, which are there by now.
            for (shard, iterator) in self.shards().await? {
                iterators.entry(shard).or_insert(iterator);
            }
        }
        Ok(any || ended)
    }

    async fn follow(&self, shard: &str, records: Vec<Record>) -> Result<(), Fault> {
        let changes: Vec<Change> = records.into_iter().filter_map(change).collect();
        let Some(last) = changes.last().map(|change| change.sequence_number.clone()) else {
            return Ok(());
        };
        if let Some(from) = job_fanout::handle(&self.ctx, changes).await {
            return Err(format!("its records from {from} on could not be followed and come again").into());
        }
        let put = self.clients.dynamodb.put_item().table_name(&self.ephemeral);
        let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
        put.item("PK", text(&format!("TAIL#{}", self.table)))
            .item("SK", text(shard))
            .item("at", text(&last))
            .send()
            .await?;
        Ok(())
    }

    /// An iterator a shard: after its checkpoint, else from the oldest record that is kept.
    async fn shards(&self) -> Result<HashMap<String, Option<String>>, Fault> {
        let table = self
            .clients
            .dynamodb
            .describe_table()
            .table_name(&self.table)
            .send()
            .await?;
        let arn = table
            .table
            .and_then(|table| table.latest_stream_arn)
            .ok_or("the table has no stream")?;
        let stream = self
            .clients
            .streams
            .describe_stream()
            .stream_arn(&arn)
            .send()
            .await?;
        let shards = stream
            .stream_description
            .and_then(|stream| stream.shards)
            .unwrap_or_default();
        let mut iterators = HashMap::new();
        for shard in shards.into_iter().filter_map(|shard| shard.shard_id) {
            let at = self.checkpoint(&shard).await?;
            let iterator = match at {
                Some(at) => match self.iterator(&arn, &shard, Some(&at)).await {
                    Ok(iterator) => iterator,
                    // The record may have been trimmed since: the oldest one kept is the next.
                    Err(_) => self.iterator(&arn, &shard, None).await?,
                },
                None => self.iterator(&arn, &shard, None).await?,
            };
            iterators.insert(shard, iterator);
        }
        Ok(iterators)
    }

    async fn iterator(&self, arn: &str, shard: &str, after: Option<&str>) -> Result<Option<String>, Fault> {
        let ask = self
            .clients
            .streams
            .get_shard_iterator()
            .stream_arn(arn)
            .shard_id(shard);
        let ask = match after {
            Some(at) => ask
                .shard_iterator_type(ShardIteratorType::AfterSequenceNumber)
                .sequence_number(at),
            None => ask.shard_iterator_type(ShardIteratorType::TrimHorizon),
        };
        Ok(ask
            .send()
            .await
            .map_err(|error| DisplayErrorContext(error).to_string())?
            .shard_iterator)
    }

    async fn checkpoint(&self, shard: &str) -> Result<Option<String>, Fault> {
        let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
        let get = self
            .clients
            .dynamodb
            .get_item()
            .table_name(&self.ephemeral)
            .consistent_read(true);
        let got = get
            .key("PK", text(&format!("TAIL#{}", self.table)))
            .key("SK", text(shard))
            .send()
            .await?;
        Ok(got.item.and_then(|row| row.get("at")?.as_s().ok().cloned()))
    }
}

fn change(record: Record) -> Option<Change> {
    let data = record.dynamodb?;
    let event = |image: Option<HashMap<String, AttributeValue>>| Image {
        ev: image.as_ref().and_then(|row| row.get("ev")).map(json_form),
    };
    Some(Change {
        sequence_number: data.sequence_number?,
        keys: of_map(&data.keys.unwrap_or_default()),
        old_image: event(data.old_image),
        new_image: event(data.new_image),
    })
}

/// An attribute in DynamoDB's JSON form, as Lambda brings it. What neither key nor event has is null.
fn json_form(attribute: &AttributeValue) -> Value {
    if let Ok(text) = attribute.as_s() {
        return json!({ "S": text });
    }
    if let Ok(digits) = attribute.as_n() {
        return json!({ "N": digits });
    }
    if let Ok(truth) = attribute.as_bool() {
        return json!({ "BOOL": truth });
    }
    match attribute.as_m() {
        Ok(map) => json!({ "M": of_map(map) }),
        Err(_) => json!({ "NULL": true }),
    }
}

fn of_map(map: &HashMap<String, AttributeValue>) -> Value {
    map.iter()
        .map(|(name, inner)| (name.clone(), json_form(inner)))
        .collect()
}
