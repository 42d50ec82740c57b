//! Messages: sending, deleting, hiding longer, purging.

use rusqlite::{OptionalExtension, params};

use super::{Queue, Store, begin};
use crate::sqs::error::SqsError;
use crate::sqs::handle::Handle;

/// How many expired messages go in one write.
const EXPIRE_AT_ONCE: i64 = 1000;

/// A message to keep.
pub(crate) struct NewMessage {
    pub(crate) message_id: String,
    pub(crate) body: String,
    /// The attributes as JSON.
    pub(crate) attributes: String,
    /// The X-Ray trace header, the only system attribute that can be sent.
    pub(crate) trace: Option<String>,
    pub(crate) delay_s: i64,
}

impl Store {
    /// Keeps all of `messages`, or none.
    pub(crate) fn send(&self, queue: &Queue, messages: &[NewMessage], now_ms: i64) -> Result<(), SqsError> {
        let mut connection = self.lock();
        let transaction = begin(&mut connection)?;
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO messages (queue, message_id, body, attributes, trace, sent_ms, visible_ms, expires_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?;
            for message in messages {
                insert.execute(params![
                    queue.id,
                    message.message_id,
                    message.body,
                    message.attributes,
                    message.trace,
                    now_ms,
                    now_ms + message.delay_s * 1000,
                    now_ms + queue.settings.retention_s * 1000,
                ])?;
            }
        }
        Ok(transaction.commit()?)
    }

    /// Deletes what was delivered with `handle`. A handle that is no longer the latest, or whose message is
    /// gone, deletes nothing, and is no error: as in SQS, where a delete may be repeated.
    pub(crate) fn delete(&self, queue: i64, handle: &Handle) -> Result<(), SqsError> {
        self.lock()
            .prepare_cached("DELETE FROM messages WHERE id = ?1 AND queue = ?2 AND nonce = ?3")?
            .execute(params![handle.message, queue, handle.nonce])?;
        Ok(())
    }

    /// Hides what was delivered with `handle` for `visibility_s` from now; 0 shows it at once.
    pub(crate) fn hide(
        &self,
        queue: i64,
        handle: &Handle,
        visibility_s: i64,
        now_ms: i64,
    ) -> Result<(), SqsError> {
        let changed = self
            .lock()
            .prepare_cached(
                "UPDATE messages SET visible_ms = ?4
                 WHERE id = ?1 AND queue = ?2 AND nonce = ?3 AND visible_ms > ?5",
            )?
            .execute(params![
                handle.message,
                queue,
                handle.nonce,
                now_ms + visibility_s * 1000,
                now_ms
            ])?;
        if changed == 0 {
            Err(SqsError::not_in_flight())
        } else {
            Ok(())
        }
    }

    /// Removes all messages of the queue.
    pub(crate) fn purge(&self, queue: i64) -> Result<(), SqsError> {
        self.lock()
            .execute("DELETE FROM messages WHERE queue = ?1", [queue])?;
        Ok(())
    }

    /// Removes the messages past their retention; gives how many.
    pub(crate) fn expire(&self, now_ms: i64) -> Result<usize, SqsError> {
        let mut removed = 0;
        loop {
            // The lock is given back between the steps, so that requests need not wait for all of them.
            let now = self.lock().execute(
                "DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE expires_ms <= ?1 LIMIT ?2)",
                params![now_ms, EXPIRE_AT_ONCE],
            )?;
            if now == 0 {
                return Ok(removed);
            }
            removed += now;
        }
    }

    /// When the next hidden message of the queue shows, in milliseconds since 1970.
    pub(crate) fn next_visible(&self, queue: i64, now_ms: i64) -> Result<Option<i64>, SqsError> {
        let next = self
            .lock()
            .prepare_cached("SELECT MIN(visible_ms) FROM messages WHERE queue = ?1 AND visible_ms > ?2")?
            .query_row(params![queue, now_ms], |row| row.get(0))
            .optional()?;
        Ok(next.flatten())
    }
}
