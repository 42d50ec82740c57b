//! Campaigns' voicemail messages: which copy is kept of the file at which address.

use trunkline_domain::{CampaignId, voicemail::VoicemailMessage};

use crate::{
    Result, Store, StoreError,
    item::{item, key, read, s},
    keys,
};

impl Store {
    /// What came of a campaign's file; none: it was never asked for.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn voicemail(&self, campaign: CampaignId) -> Result<Option<VoicemailMessage>> {
        let at = keys::voicemail(campaign);
        let get = self
            .db
            .get_item()
            .table_name(&self.tables.dialing)
            .consistent_read(true);
        let get = get.set_key(Some(key(at.clone(), at)));
        let got = get.send().await.map_err(StoreError::from_sdk)?;
        got.item.map(read).transpose()
    }

    /// What came of these campaigns' files, as far as they were asked for.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn voicemails(
        &self,
        campaigns: impl IntoIterator<Item = CampaignId>,
    ) -> Result<Vec<VoicemailMessage>> {
        let campaigns: std::collections::BTreeSet<CampaignId> = campaigns.into_iter().collect();
        let wanted = campaigns.into_iter().map(|campaign| {
            let at = keys::voicemail(campaign);
            key(at.clone(), at)
        });
        let rows = self.batch_get(&self.tables.dialing, wanted.collect()).await?;
        rows.into_iter().map(read).collect()
    }

    /// Writes what came of a campaign's file, whatever was there; who fetches one writes by [`Store::replace_voicemail`].
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put_voicemail(&self, message: &VoicemailMessage) -> Result<()> {
        let at = keys::voicemail(message.campaign);
        let put = self.db.put_item().table_name(&self.tables.dialing);
        let put = put.set_item(Some(item(at.clone(), at, message)?));
        put.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }

    /// Writes it over the row as it was read (none: over none); false when somebody else has written since.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn replace_voicemail(
        &self,
        message: &VoicemailMessage,
        read: Option<&VoicemailMessage>,
    ) -> Result<bool> {
        let at = keys::voicemail(message.campaign);
        let put = self.db.put_item().table_name(&self.tables.dialing);
        let put = put.set_item(Some(item(at.clone(), at.clone(), message)?));
        let put = match read {
            None => put.condition_expression("attribute_not_exists(PK)"),
            Some(read) => {
                // The time as it is written.
                let tried_at = item(at.clone(), at, read)?.remove("tried_at");
                let tried_at = tried_at
                    .ok_or_else(|| StoreError::Corrupt("a voicemail message has no time".to_owned()))?;
                put.condition_expression("#url = :url AND tried_at = :tried_at")
                    .expression_attribute_names("#url", "url")
                    .expression_attribute_values(":url", s(&read.url))
                    .expression_attribute_values(":tried_at", tried_at)
            }
        };
        match put.send().await.map_err(StoreError::from_sdk) {
            Ok(_) => Ok(true),
            Err(error) if error.is_condition() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Forgets a campaign's file; one that was never asked for is no error.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn delete_voicemail(&self, campaign: CampaignId) -> Result<()> {
        let at = keys::voicemail(campaign);
        let delete = self.db.delete_item().table_name(&self.tables.dialing);
        let delete = delete.set_key(Some(key(at.clone(), at)));
        delete.send().await.map_err(StoreError::from_sdk)?;
        Ok(())
    }
}
