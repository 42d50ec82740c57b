//! Batches: a message that fails comes back alone, not with its neighbours.

use serde::de::DeserializeOwned;

use crate::Versioned;

/// One message of a batch, as Lambda and our own pollers hand it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchItem {
    /// The queue's id of the message.
    pub id: String,
    /// Its body.
    pub body: String,
    /// How many times it was received, this one included.
    pub receive_count: u32,
}

impl BatchItem {
    /// The message in the body.
    ///
    /// # Errors
    /// The body is not a message of a known version; it goes to the dead-letter queue by redrive.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        let Versioned::V1(message) = serde_json::from_str(&self.body)?;
        Ok(message)
    }
}

/// The ids to answer as failed.
pub fn failures<'a, E>(results: impl IntoIterator<Item = (&'a BatchItem, Result<(), E>)>) -> Vec<String> {
    results
        .into_iter()
        .filter(|(_, result)| result.is_err())
        .map(|(item, _)| item.id.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DialJob;
    use trunkline_domain::{CampaignId, TenantId, id::derived};

    #[test]
    fn a_message_survives_its_envelope_and_an_unknown_version_is_refused() {
        let job = DialJob::Refill {
            tenant: TenantId(derived("t")),
            campaign: CampaignId(derived("c")),
            shard: 0,
        };
        let body = serde_json::to_string(&Versioned::V1(job.clone())).unwrap();
        let item = BatchItem {
            id: "1".to_owned(),
            body: body.clone(),
            receive_count: 1,
        };
        assert_eq!(item.read::<DialJob>().unwrap(), job);
        let later = BatchItem {
            body: body.replace("\"v\":\"1\"", "\"v\":\"9\""),
            ..item
        };
        assert!(later.read::<DialJob>().is_err());
    }
}
