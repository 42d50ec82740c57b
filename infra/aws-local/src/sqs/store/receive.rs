//! Receiving: what is due goes out, what was received too often goes to the dead-letter queue.

use rusqlite::{Connection, Row, Transaction, params};

use super::queues::find;
use super::{Queue, Store, begin};
use crate::sqs::error::SqsError;
use crate::sqs::handle::Handle;

/// How many messages one request may move to a dead-letter queue; more wait for the next request.
const MOVES_MAX: usize = 1000;

/// What a client asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Take {
    /// 1 to 10.
    pub(crate) messages_max: usize,
    /// How long they stay hidden from others.
    pub(crate) visibility_s: i64,
}

/// A message on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) handle: Handle,
    pub(crate) message_id: String,
    pub(crate) body: String,
    /// The attributes as JSON.
    pub(crate) attributes: String,
    pub(crate) trace: Option<String>,
    pub(crate) sent_ms: i64,
    pub(crate) first_received_ms: i64,
    /// This time included.
    pub(crate) receives: i64,
    /// The queue whose dead letter this is.
    pub(crate) came_from: Option<String>,
}

impl Store {
    /// Takes the messages of `queue` that are due, oldest first. Gives them, and the id of the dead-letter
    /// queue when messages were moved there.
    pub(crate) fn receive(
        &self,
        queue: &Queue,
        take: Take,
        now_ms: i64,
    ) -> Result<(Vec<Received>, Option<i64>), SqsError> {
        let mut connection = self.lock();
        // Most polls of a quiet queue find nothing: they need no write.
        if due(&connection, queue.id, now_ms, 1)?.is_empty() {
            return Ok((Vec::new(), None));
        }
        let transaction = begin(&mut connection)?;
        let dead_letters = match &queue.settings.redrive {
            // A dead-letter queue that was deleted takes nothing; then messages stay, as in SQS.
            Some(redrive) => find(&transaction, &redrive.queue)?.map(|dead| (dead.id, redrive.receives_max)),
            None => None,
        };
        let mut received = Vec::new();
        let mut moved = 0;
        while received.len() < take.messages_max && moved < MOVES_MAX {
            let candidates = due(&transaction, queue.id, now_ms, take.messages_max - received.len())?;
            if candidates.is_empty() {
                break;
            }
            for candidate in candidates {
                match dead_letters {
                    Some((dead, receives_max)) if candidate.receives >= receives_max => {
                        bury(&transaction, &candidate, dead, &queue.name, now_ms)?;
                        moved += 1;
                    }
                    _ => received.push(deliver(&transaction, candidate, take, now_ms)?),
                }
            }
            // With a visibility of zero they are due again at once: one round is all.
            if take.visibility_s == 0 {
                break;
            }
        }
        transaction.commit()?;
        Ok((received, dead_letters.filter(|_| moved > 0).map(|(dead, _)| dead)))
    }
}

/// The messages due, with the receives they had before.
fn due(connection: &Connection, queue: i64, now_ms: i64, limit: usize) -> rusqlite::Result<Vec<Received>> {
    connection
        .prepare_cached(
            "SELECT id, message_id, body, attributes, trace, sent_ms, first_received_ms, receives, came_from
             FROM messages WHERE queue = ?1 AND visible_ms <= ?2 AND expires_ms > ?2
             ORDER BY visible_ms, id LIMIT ?3",
        )?
        .query_map(params![queue, now_ms, limit], |row| read(row, now_ms))?
        .collect()
}

fn read(row: &Row<'_>, now_ms: i64) -> rusqlite::Result<Received> {
    Ok(Received {
        handle: Handle::fresh(row.get(0)?),
        message_id: row.get(1)?,
        body: row.get(2)?,
        attributes: row.get(3)?,
        trace: row.get(4)?,
        sent_ms: row.get(5)?,
        first_received_ms: row.get::<_, Option<i64>>(6)?.unwrap_or(now_ms),
        receives: row.get(7)?,
        came_from: row.get(8)?,
    })
}

fn deliver(
    transaction: &Transaction<'_>,
    message: Received,
    take: Take,
    now_ms: i64,
) -> rusqlite::Result<Received> {
    transaction
        .prepare_cached(
            "UPDATE messages SET receives = receives + 1, nonce = ?2, visible_ms = ?3, first_received_ms = ?4 WHERE id = ?1",
        )?
        .execute(params![
            message.handle.message,
            message.handle.nonce,
            now_ms + take.visibility_s * 1000,
            message.first_received_ms,
        ])?;
    Ok(Received {
        receives: message.receives + 1,
        ..message
    })
}

/// Moves a message to the dead-letter queue. Its id, its age and its count of receives stay, as in SQS.
fn bury(
    transaction: &Transaction<'_>,
    message: &Received,
    dead: i64,
    came_from: &str,
    now_ms: i64,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "UPDATE messages SET queue = ?2, nonce = NULL, visible_ms = ?3, came_from = ?4 WHERE id = ?1",
        )?
        .execute(params![message.handle.message, dead, now_ms, came_from])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqs::store::NewMessage;
    use proptest::prelude::*;

    const TAKE: Take = Take {
        messages_max: 10,
        visibility_s: 30,
    };

    fn queue(store: &Store, name: &str, attributes: &[(&str, &str)]) -> Queue {
        let attributes: Vec<_> = attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        store.create(name, &attributes, 0).unwrap();
        store.queue(name).unwrap()
    }

    fn send(store: &Store, queue: &Queue, body: &str, delay_s: i64, now_ms: i64) {
        let message = NewMessage {
            message_id: body.to_owned(),
            body: body.to_owned(),
            attributes: "{}".to_owned(),
            trace: None,
            delay_s,
        };
        store.send(queue, &[message], now_ms).unwrap();
    }

    fn bodies(received: &[Received]) -> Vec<&str> {
        received.iter().map(|message| message.body.as_str()).collect()
    }

    #[test]
    fn a_message_is_hidden_until_its_delay_and_then_its_visibility_are_over() {
        let store = Store::in_memory();
        let queue = queue(&store, "q", &[]);
        send(&store, &queue, "a", 5, 0);
        assert!(store.receive(&queue, TAKE, 4_999).unwrap().0.is_empty());
        assert_eq!(store.next_visible(queue.id, 4_999).unwrap(), Some(5_000));
        let first = store.receive(&queue, TAKE, 5_000).unwrap().0;
        assert_eq!((bodies(&first), first[0].receives), (vec!["a"], 1));
        assert!(store.receive(&queue, TAKE, 34_999).unwrap().0.is_empty());
        let second = store.receive(&queue, TAKE, 35_000).unwrap().0;
        assert_eq!((second[0].receives, second[0].first_received_ms), (2, 5_000));
        // The first delivery's handle is stale now.
        store.delete(queue.id, &first[0].handle).unwrap();
        assert_eq!(store.counts(queue.id, 35_000).unwrap().in_flight, 1);
        store.delete(queue.id, &second[0].handle).unwrap();
        assert_eq!(store.counts(queue.id, 35_000).unwrap().in_flight, 0);
    }

    #[test]
    fn a_message_received_too_often_goes_to_the_dead_letters() {
        let store = Store::in_memory();
        let dead = queue(&store, "dead", &[]);
        let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:x:0:dead","maxReceiveCount":2}"#;
        let queue = queue(&store, "q", &[("RedrivePolicy", policy)]);
        send(&store, &queue, "bad", 0, 0);
        for turn in 0..2 {
            let (received, moved) = store.receive(&queue, TAKE, turn * 30_000).unwrap();
            assert_eq!((bodies(&received), moved), (vec!["bad"], None));
        }
        let (received, moved) = store.receive(&queue, TAKE, 60_000).unwrap();
        assert_eq!((bodies(&received), moved), (vec![], Some(dead.id)));
        let (letters, _) = store.receive(&dead, TAKE, 60_000).unwrap();
        assert_eq!((bodies(&letters), letters[0].receives), (vec!["bad"], 3));
        assert_eq!(letters[0].came_from.as_deref(), Some("q"));
    }

    #[test]
    fn what_is_past_its_retention_is_gone() {
        let store = Store::in_memory();
        let queue = queue(&store, "q", &[("MessageRetentionPeriod", "60")]);
        send(&store, &queue, "old", 0, 0);
        assert!(store.receive(&queue, TAKE, 60_000).unwrap().0.is_empty());
        assert_eq!(store.expire(60_000).unwrap(), 1);
        assert_eq!(store.expire(60_000).unwrap(), 0);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Send { delay_s: i64 },
        Receive { max: usize },
        DeleteLatest,
        Wait { ms: i64 },
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..4_i64).prop_map(|delay_s| Step::Send { delay_s }),
            (1..=3_usize).prop_map(|max| Step::Receive { max }),
            Just(Step::DeleteLatest),
            (1..5_000_i64).prop_map(|ms| Step::Wait { ms }),
        ]
    }

    proptest! {
        /// Whatever happens, a message is in one place: deleted, or delivered to at most one at a time, or
        /// waiting; none is lost.
        #[test]
        fn no_message_is_lost_or_delivered_twice_within_its_visibility(steps in prop::collection::vec(step(), 1..60)) {
            let store = Store::in_memory();
            let queue = queue(&store, "q", &[]);
            let take = |messages_max| Take { messages_max, visibility_s: 3 };
            let (mut now, mut sent, mut deleted) = (0, 0_usize, 0_usize);
            let mut hidden_until = std::collections::HashMap::new();
            let mut latest: Option<Received> = None;
            for step in steps {
                match step {
                    Step::Send { delay_s } => {
                        let body = sent.to_string();
                        send(&store, &queue, &body, delay_s, now);
                        hidden_until.insert(body, now + delay_s * 1000);
                        sent += 1;
                    }
                    Step::Receive { max } => {
                        let (received, _) = store.receive(&queue, take(max), now).unwrap();
                        prop_assert!(received.len() <= max);
                        for message in &received {
                            prop_assert!(hidden_until[&message.body] <= now);
                            hidden_until.insert(message.body.clone(), now + 3_000);
                        }
                        latest = received.into_iter().next_back().or(latest);
                    }
                    Step::DeleteLatest => {
                        if let Some(message) = latest.take() {
                            let all = |c: super::super::queues::Counts| c.visible + c.in_flight + c.delayed;
                            let before = all(store.counts(queue.id, now).unwrap());
                            store.delete(queue.id, &message.handle).unwrap();
                            deleted += usize::try_from(before - all(store.counts(queue.id, now).unwrap())).unwrap();
                        }
                    }
                    Step::Wait { ms } => now += ms,
                }
                let counts = store.counts(queue.id, now).unwrap();
                let there = usize::try_from(counts.visible + counts.in_flight + counts.delayed).unwrap();
                prop_assert_eq!(there, sent - deleted);
            }
        }
    }
}
