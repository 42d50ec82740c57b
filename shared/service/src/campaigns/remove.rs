//! Deleting campaigns.

use trunkline_auth::Principal;
use trunkline_domain::{Campaign, CampaignId, CampaignState, Error, error::Kind};

use crate::{Ctx, voicemail};

use super::{TRIES, busy, get};

/// Deletes a campaign that dials nobody, with its leads. Its calls stay.
///
/// # Errors
/// [`Error::Conflict`] for an active or paused one, or while a call of it or an import is in progress.
pub async fn delete(ctx: &Ctx, who: &Principal, id: CampaignId) -> Result<(), Error> {
    for _ in 0..TRIES {
        let campaign = get(ctx, who, id).await?;
        if matches!(campaign.state, CampaignState::Active | CampaignState::Paused) {
            let article = if campaign.state == CampaignState::Active {
                "an"
            } else {
                "a"
            };
            let what = format!(
                "{article} {} campaign cannot be deleted; stop it first",
                campaign.state.as_str()
            );
            return Err(Error::conflict(Kind::Campaign, what));
        }
        let slots = ctx.store.slots(id).await?;
        if slots.iter().any(|slot| slot.imports > 0) {
            return Err(Error::conflict(
                Kind::Campaign,
                "a list is being imported into this campaign; delete it after the import",
            ));
        }
        if slots.iter().any(|slot| slot.used > 0) {
            return Err(Error::conflict(
                Kind::Campaign,
                "a call of this campaign is in progress; delete it after the call",
            ));
        }
        let Some(closed) = closed(ctx, &campaign).await? else {
            continue;
        };
        match sweep(ctx, &closed).await {
            Ok(()) => {
                if closed.voicemail_message_url.is_some() {
                    voicemail::refresh(ctx, &closed).await;
                }
                return Ok(());
            }
            Err(error) if error.is_condition() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(busy())
}

/// A campaign that can no longer begin to dial: its leads may then go one after the other.
/// `None`: somebody else changed it meanwhile.
async fn closed(ctx: &Ctx, campaign: &Campaign) -> Result<Option<Campaign>, Error> {
    if matches!(
        campaign.state,
        CampaignState::Completed | CampaignState::Cancelled
    ) {
        return Ok(Some(campaign.clone()));
    }
    let now = ctx.now();
    let cancelled = Campaign {
        state: CampaignState::Cancelled,
        ended_at: Some(now),
        updated_at: now,
        version: campaign.version + 1,
        ..campaign.clone()
    };
    match ctx.store.update_campaign(&cancelled, None).await {
        Ok(()) => Ok(Some(cancelled)),
        Err(error) if error.is_condition() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Leads first, the campaign last: what a crash leaves can still be named and deleted.
pub(super) async fn sweep(ctx: &Ctx, campaign: &Campaign) -> trunkline_store::Result<()> {
    ctx.store.delete_leads_of(campaign).await?;
    ctx.store.delete_campaign(campaign).await
}
