//! Transcribing again: the wish's row, and new lines in the place of old ones.

use aws_sdk_dynamodb::types::{ConditionCheck, Delete, Put, TransactWriteItem};
use trunkline_domain::{
    CallId,
    transcript::{Speaker, TranscriptLine, Transcription},
};

use crate::{
    Result, Store, StoreError,
    campaigns::built,
    item::{Item, item, key, nu, read},
    keys,
    leads::primary,
};

use super::{AGAIN, META};

impl Store {
    /// The last wish to transcribe a call's recording again.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn transcription(&self, call: CallId) -> Result<Option<Transcription>> {
        let get = self
            .db
            .get_item()
            .table_name(&self.tables.calls)
            .consistent_read(true);
        let got = get
            .set_key(Some(key(keys::call(call), AGAIN)))
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        got.item.map(read).transpose()
    }

    /// Writes a wish over the version before its own; the first has version 1.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when somebody else wrote first, or the call is gone.
    pub async fn put_transcription(&self, call: CallId, wish: &Transcription) -> Result<()> {
        let row = Put::builder().table_name(&self.tables.calls).set_item(Some(item(
            keys::call(call),
            AGAIN,
            wish,
        )?));
        let row = if wish.version <= 1 {
            row.condition_expression("attribute_not_exists(PK)")
        } else {
            row.condition_expression("version = :old")
                .expression_attribute_values(":old", nu(wish.version - 1))
        };
        let put = TransactWriteItem::builder()
            .put(row.build().map_err(built)?)
            .build();
        self.transact(vec![self.is_there(call)?, put], None).await
    }

    /// Puts new lines in the place of all that `speaker` said. Breaking off leaves both old and new ones;
    /// repeating ends the same.
    ///
    /// # Errors
    /// [`StoreError::Condition`] when the call is gone.
    pub async fn replace_lines(
        &self,
        call: CallId,
        speaker: Speaker,
        lines: &[TranscriptLine],
    ) -> Result<()> {
        let track = track(speaker);
        let mut writes = Vec::new();
        let mut kept = std::collections::HashSet::new();
        for line in lines {
            let at = keys::line(line.generation, line.start_ms, track);
            let row = Put::builder().table_name(&self.tables.calls).set_item(Some(item(
                keys::call(call),
                &at,
                line,
            )?));
            writes.push(
                TransactWriteItem::builder()
                    .put(row.build().map_err(built)?)
                    .build(),
            );
            kept.insert(at);
        }
        let rows = self
            .directory_rows(&self.tables.calls, &keys::call(call), "LINE#")
            .await?;
        for row in &rows {
            let at = crate::item::text(row, "SK").unwrap_or_default();
            let line: TranscriptLine = read(row.clone())?;
            if line.speaker == speaker && !kept.contains(at) {
                writes.push(self.line_delete(primary(row))?);
            }
        }
        // A transaction takes 100 items, the call's own row among them.
        for chunk in writes.chunks(99) {
            let mut writes = vec![self.is_there(call)?];
            writes.extend_from_slice(chunk);
            self.transact(writes, None).await?;
        }
        Ok(())
    }

    /// That the call has not been deleted: what hangs on it must not outlive it.
    fn is_there(&self, call: CallId) -> Result<TransactWriteItem> {
        let check = ConditionCheck::builder()
            .table_name(&self.tables.calls)
            .set_key(Some(key(keys::call(call), META)))
            .condition_expression("attribute_exists(PK)");
        Ok(TransactWriteItem::builder()
            .condition_check(check.build().map_err(built)?)
            .build())
    }

    fn line_delete(&self, at: Item) -> Result<TransactWriteItem> {
        let delete = Delete::builder().table_name(&self.tables.calls).set_key(Some(at));
        Ok(TransactWriteItem::builder()
            .delete(delete.build().map_err(built)?)
            .build())
    }
}

/// As a line's key ends.
pub(crate) const fn track(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::Agent => "a",
        Speaker::User => "u",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, call, put_calls, store};
    use trunkline_domain::id::derived;

    fn line(n: u64, speaker: Speaker, text: &str) -> TranscriptLine {
        TranscriptLine {
            generation: 0,
            start_ms: n * 1_000,
            end_ms: n * 1_000 + 500,
            speaker,
            text: text.to_owned(),
            confidence: None,
            at: at("2026-11-22T10:00:00Z"),
        }
    }

    #[tokio::test]
    async fn new_lines_stand_in_the_place_of_old_ones_and_the_others_stay() {
        let store = store().await;
        let call = call("heard", at("2026-11-22T10:00:00Z"));
        put_calls(&store, std::slice::from_ref(&call)).await;
        for n in 0..150 {
            let speaker = if n % 2 == 0 { Speaker::Agent } else { Speaker::User };
            store.put_line(call.id, &line(n, speaker, "old")).await.unwrap();
        }
        let new: Vec<TranscriptLine> = (0..120).map(|n| line(n, Speaker::User, "new")).collect();
        store.replace_lines(call.id, Speaker::User, &new).await.unwrap();
        let lines = store.transcript_lines(call.id).await.unwrap();
        let of = |speaker| lines.iter().filter(move |line| line.speaker == speaker);
        assert_eq!(of(Speaker::Agent).count(), 75);
        assert!(of(Speaker::User).eq(new.iter()));
    }

    #[tokio::test]
    async fn a_deleted_call_gets_neither_lines_nor_a_wish() {
        let store = store().await;
        let call = call("gone", at("2026-11-22T10:00:00Z"));
        let wish = Transcription::asked(derived("job"), call.created_at, 1);
        assert!(
            store
                .put_transcription(call.id, &wish)
                .await
                .unwrap_err()
                .is_condition()
        );
        let lines = [line(0, Speaker::User, "late")];
        let late = store.replace_lines(call.id, Speaker::User, &lines).await;
        assert!(late.unwrap_err().is_condition());
        assert!(store.transcript_lines(call.id).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_wish_is_written_over_the_one_that_was_read() {
        let store = store().await;
        let call = call("wished", at("2026-11-22T10:00:00Z"));
        put_calls(&store, std::slice::from_ref(&call)).await;
        assert_eq!(store.transcription(call.id).await.unwrap(), None);
        let wish = Transcription::asked(derived("job"), call.created_at, 1);
        store.put_transcription(call.id, &wish).await.unwrap();
        assert!(
            store
                .put_transcription(call.id, &wish)
                .await
                .unwrap_err()
                .is_condition()
        );
        let taken = wish.taken(at("2026-11-22T10:10:00Z"));
        store.put_transcription(call.id, &taken).await.unwrap();
        assert_eq!(store.transcription(call.id).await.unwrap(), Some(taken));
    }
}
