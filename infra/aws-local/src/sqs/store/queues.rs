//! Queues: making, finding, changing and removing them.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Store, begin};
use crate::sqs::attributes::Settings;
use crate::sqs::error::SqsError;

/// A queue as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Queue {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) created_s: i64,
    pub(crate) modified_s: i64,
    pub(crate) settings: Settings,
}

/// How many messages a queue has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Ready to be received.
    pub(crate) visible: i64,
    /// Received, not deleted, and their visibility timeout not over.
    pub(crate) in_flight: i64,
    /// Not received yet, because of a delay.
    pub(crate) delayed: i64,
}

impl Store {
    /// The queue `name`.
    pub(crate) fn queue(&self, name: &str) -> Result<Queue, SqsError> {
        find(&self.lock(), name)?.ok_or_else(|| SqsError::no_queue(name))
    }

    /// Makes the queue, if there is none of this name. The same attributes again change nothing; others are
    /// an error.
    pub(crate) fn create(&self, name: &str, asked: &[(String, String)], now_ms: i64) -> Result<(), SqsError> {
        let mut connection = self.lock();
        let transaction = begin(&mut connection)?;
        let mut settings = Settings::default();
        if let Some(existing) = find(&transaction, name)? {
            settings = existing.settings.clone();
            for (attribute, value) in asked {
                settings.set(attribute, value)?;
                if settings != existing.settings {
                    return Err(SqsError::queue_exists(name, attribute));
                }
            }
            return Ok(());
        }
        for (attribute, value) in asked {
            settings.set(attribute, value)?;
        }
        check_redrive(&transaction, name, &settings)?;
        transaction.execute(
            "INSERT INTO queues (name, created_s, modified_s, settings) VALUES (?1, ?2, ?2, ?3)",
            params![name, now_ms / 1000, json(&settings)?],
        )?;
        Ok(transaction.commit()?)
    }

    /// Changes the attributes that are named, and leaves the others.
    pub(crate) fn configure(
        &self,
        name: &str,
        asked: &[(String, String)],
        now_ms: i64,
    ) -> Result<(), SqsError> {
        let mut connection = self.lock();
        let transaction = begin(&mut connection)?;
        let mut queue = find(&transaction, name)?.ok_or_else(|| SqsError::no_queue(name))?;
        for (attribute, value) in asked {
            queue.settings.set(attribute, value)?;
        }
        check_redrive(&transaction, name, &queue.settings)?;
        transaction.execute(
            "UPDATE queues SET settings = ?2, modified_s = ?3 WHERE id = ?1",
            params![queue.id, json(&queue.settings)?, now_ms / 1000],
        )?;
        // A shorter or longer retention holds for the messages that are already there.
        transaction.execute(
            "UPDATE messages SET expires_ms = sent_ms + ?2 WHERE queue = ?1",
            params![queue.id, queue.settings.retention_s * 1000],
        )?;
        Ok(transaction.commit()?)
    }

    /// At most `limit` names that start with `prefix` and come after `after`, in order.
    pub(crate) fn names(&self, prefix: &str, after: &str, limit: usize) -> Result<Vec<String>, SqsError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT name FROM queues WHERE name > ?1 AND substr(name, 1, length(?2)) = ?2 ORDER BY name LIMIT ?3",
        )?;
        let names = statement.query_map(params![after, prefix, limit], |row| row.get(0))?;
        Ok(names.collect::<rusqlite::Result<_>>()?)
    }

    /// Removes the queue with all its messages; gives its id.
    pub(crate) fn delete_queue(&self, name: &str) -> Result<i64, SqsError> {
        let id = self
            .lock()
            .query_row("DELETE FROM queues WHERE name = ?1 RETURNING id", [name], |row| {
                row.get(0)
            })
            .optional()?;
        id.ok_or_else(|| SqsError::no_queue(name))
    }

    /// How many messages the queue has now.
    pub(crate) fn counts(&self, queue: i64, now_ms: i64) -> Result<Counts, SqsError> {
        let counts = self.lock().query_row(
            "SELECT COUNT(*) FILTER (WHERE visible_ms <= ?2),
                    COUNT(*) FILTER (WHERE visible_ms > ?2 AND nonce IS NOT NULL),
                    COUNT(*) FILTER (WHERE visible_ms > ?2 AND nonce IS NULL)
             FROM messages WHERE queue = ?1 AND expires_ms > ?2",
            params![queue, now_ms],
            |row| {
                Ok(Counts {
                    visible: row.get(0)?,
                    in_flight: row.get(1)?,
                    delayed: row.get(2)?,
                })
            },
        )?;
        Ok(counts)
    }
}

/// The queue `name`, if there is one.
pub(super) fn find(connection: &Connection, name: &str) -> Result<Option<Queue>, SqsError> {
    let found = connection
        .prepare_cached("SELECT id, name, created_s, modified_s, settings FROM queues WHERE name = ?1")?
        .query_row([name], read)
        .optional()?;
    Ok(found)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Queue> {
    let settings: String = row.get(4)?;
    let settings = serde_json::from_str(&settings).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(4, rusqlite::types::Type::Text, Box::new(error))
    })?;
    Ok(Queue {
        id: row.get(0)?,
        name: row.get(1)?,
        created_s: row.get(2)?,
        modified_s: row.get(3)?,
        settings,
    })
}

fn check_redrive(connection: &Connection, name: &str, settings: &Settings) -> Result<(), SqsError> {
    let Some(redrive) = &settings.redrive else {
        return Ok(());
    };
    let why = if redrive.queue == name {
        "Dead letter target must be another queue."
    } else if find(connection, &redrive.queue)?.is_none() {
        "Dead letter target does not exist."
    } else {
        return Ok(());
    };
    Err(SqsError::bad_parameter(format!(
        "Value {:?} for parameter RedrivePolicy is invalid. Reason: {why}",
        redrive.queue
    )))
}

fn json(settings: &Settings) -> Result<String, SqsError> {
    serde_json::to_string(settings)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)).into())
}
