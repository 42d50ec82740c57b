//! Campaigns: what is dialled, by whom, when. Their moves (launch, pause, …) are in [`crate::dialing`].

mod check;
mod create;
mod fallback;
mod hours;
mod list;
mod numbers;
mod progress;
mod remove;
mod stats;
mod update;

use trunkline_auth::Principal;
use trunkline_domain::{Campaign, CampaignId, Error, Role, error::Kind};

use crate::Ctx;

pub use check::{CONCURRENCY_DEFAULT, CONCURRENCY_MAX, NUMBERS_MAX, RING_TIMEOUT_S};
pub use create::{NewCampaign, create};
pub use fallback::{FallbackChange, FallbackKind};
pub use hours::{HoursChange, read_minute, show_minute};
pub use list::{CampaignSort, CampaignsQuery, SORTS, list, list_made_by};
pub use numbers::NUMBERS_SHOWN;
pub(crate) use numbers::country;
pub use progress::{Progress, progress};
pub use remove::delete;
pub use stats::{CampaignStats, stats};
pub use update::{CampaignPatch, update};

/// A campaign of the asker's tenant.
///
/// # Errors
/// [`Error::NotFound`]; another tenant's is not found either.
pub async fn get(ctx: &Ctx, who: &Principal, id: CampaignId) -> Result<Campaign, Error> {
    who.require(Role::User)?;
    ctx.store
        .campaign(who.tenant, id)
        .await?
        .ok_or(Error::NotFound(Kind::Campaign))
}

/// How often a change that met another is tried anew.
const TRIES: usize = 8;

fn busy() -> Error {
    Error::Unavailable {
        what: "the campaign is being changed by others; try again".to_owned(),
        retry_after_s: 1,
    }
}
