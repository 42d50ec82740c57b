//! What all batches have in common: their limits, and an answer for each entry.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::{Value, json};

use crate::sqs::error::SqsError;
use crate::sqs::wire::Entry;

const ENTRIES_MAX: usize = 10;
const ID_MAX: usize = 80;

/// Checks the entries' number and ids; an error refuses the whole batch.
pub(super) fn check<T>(entries: &[Entry<T>]) -> Result<(), SqsError> {
    if entries.is_empty() {
        return Err(SqsError::empty_batch());
    }
    if entries.len() > ENTRIES_MAX {
        return Err(SqsError::batch_too_many(entries.len()));
    }
    let mut ids = HashSet::new();
    for Entry { id, .. } in entries {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if id.is_empty() || id.len() > ID_MAX || !id.chars().all(allowed) {
            return Err(SqsError::batch_id_invalid(id));
        }
        if !ids.insert(id) {
            return Err(SqsError::batch_ids_repeat(id));
        }
    }
    Ok(())
}

/// What became of each entry.
#[derive(Default)]
pub(super) struct Outcomes {
    successful: Vec<Value>,
    failed: Vec<Value>,
}

impl Outcomes {
    /// Notes an entry that succeeded, with what its answer holds.
    pub(super) fn succeeded(&mut self, id: &str, answer: impl Serialize) -> Result<(), SqsError> {
        let mut answer = super::write(answer)?;
        if let Value::Object(members) = &mut answer {
            members.insert("Id".to_owned(), Value::from(id));
        }
        self.successful.push(answer);
        Ok(())
    }

    /// Notes an entry that failed.
    pub(super) fn failed(&mut self, id: &str, error: &SqsError) {
        self.failed.push(json!({
            "Id": id,
            "SenderFault": error.sender_fault(),
            "Code": error.code,
            "Message": error.message,
        }));
    }

    /// Notes an entry that has nothing to say but how it went.
    pub(super) fn noted(&mut self, id: &str, outcome: Result<(), SqsError>) -> Result<(), SqsError> {
        match outcome {
            Ok(()) => self.succeeded(id, json!({})),
            Err(error) => {
                self.failed(id, &error);
                Ok(())
            }
        }
    }

    /// The batch's answer.
    pub(super) fn answer(self) -> Value {
        json!({ "Successful": self.successful, "Failed": self.failed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(ids: &[&str]) -> Result<(), SqsError> {
        check(
            &ids.iter()
                .map(|id| Entry {
                    id: (*id).to_owned(),
                    rest: (),
                })
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn a_batch_has_one_to_ten_entries_with_proper_distinct_ids() {
        batch(&["a", "B-2", "c_3"]).unwrap();
        let code = |ids: &[&str]| {
            batch(ids)
                .unwrap_err()
                .code
                .rsplit('.')
                .next()
                .unwrap()
                .to_owned()
        };
        assert_eq!(code(&[]), "EmptyBatchRequest");
        assert_eq!(code(&["a"; 11]), "TooManyEntriesInBatchRequest");
        assert_eq!(code(&["a", "a"]), "BatchEntryIdsNotDistinct");
        assert_eq!(code(&["a b"]), "InvalidBatchEntryId");
        assert_eq!(code(&[&"x".repeat(81)]), "InvalidBatchEntryId");
    }
}
