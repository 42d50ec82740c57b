//! Lists of leads, uploaded as files.
//!
//! A file streams into the bucket and through a survey; what cannot be a list is refused at once, with nothing imported. Then the import's
//! row is written, which keeps its campaign open, and its rows become leads: within the request when they are few, else by job-importer.
//! Both do the same work, in pieces with a checkpoint after each.

mod batch;
mod clock;
mod intake;
mod job;
mod pipe;
mod read;
mod source;

use trunkline_auth::Principal;
use trunkline_domain::{CampaignId, Error, ImportId, Role, error::Kind};
use trunkline_imports::Mapping;
use trunkline_store::imports::{ImportCounts, NotBegun};

use crate::{Ctx, campaigns};

pub use clock::wake_due;
pub use intake::{FILE_BYTES_MAX, Received, receive};
pub use job::work;
pub use read::{ERRORS_SHOWN, errors, get, lines};
pub use trunkline_store::imports::{Import, ImportState, StoredRowError};

/// Up to how many rows
const SMALL_ROWS: u64 = 1_000;
/// and bytes an import is done within its request: about a dozen transactions, so well under a second; the answer is then as documented.
const SMALL_BYTES: u64 = 256_000;

/// What is to be imported.
#[derive(Debug)]
pub struct NewImport {
    /// The import's id, which an idempotent request derives from its key.
    pub id: ImportId,
    /// For which campaign.
    pub campaign: CampaignId,
    /// Which columns are which fields, where their names do not say it.
    pub mapping: Mapping,
    /// The list.
    pub file: Received,
}

/// Imports a file into a campaign: a small one at once; of a large one the answer is an import that is not over yet.
///
/// # Errors
/// [`Error::Invalid`] when header and mapping do not fit; [`Error::NotFound`] for the campaign; [`Error::Conflict`] when it is over.
/// Nothing was imported then.
pub async fn start(ctx: &Ctx, who: &Principal, mut new: NewImport) -> Result<Import, Error> {
    let import = match begin(ctx, who, &mut new).await {
        Ok(import) => import,
        Err(Refused::Error(error)) => {
            new.file.discard(ctx).await;
            return Err(error);
        }
        // Whether it began is not known: if it did, its file is needed, and the clock finds it.
        Err(Refused::NoAnswer(error)) => return Err(error),
    };
    let small = import.rows <= SMALL_ROWS && import.bytes <= SMALL_BYTES;
    let done = if import.state.is_over() {
        Ok(true)
    } else if small {
        job::work_now(ctx, import.tenant, import.id).await
    } else {
        Ok(false)
    };
    let asked = match done {
        Ok(true) => Ok(()),
        Ok(false) => job::ask(ctx, &import).await,
        Err(error) => Err(error),
    };
    if let Err(error) = asked {
        // It has begun, and goes on: the clock finds it.
        tracing::warn!(import.id = %import.id, "an import waits for the clock: {error}");
    }
    get(ctx, who, import.id).await
}

enum Refused {
    Error(Error),
    NoAnswer(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// The import, begun now or by an earlier run of the same request.
async fn begin(ctx: &Ctx, who: &Principal, new: &mut NewImport) -> Result<Import, Refused> {
    who.require(Role::User)?;
    new.file.survey.check(&new.mapping).map_err(intake::refusal)?;
    if new.file.survey.rows() == 0 {
        let what = "the file has no row below the one that names the columns; each row below it is a lead";
        return Err(Error::invalid("file", what).into());
    }
    let campaign = campaigns::get(ctx, who, new.campaign).await?;
    let over = |state: &str| {
        let what = format!("the campaign is {state} and takes no more leads; make another one");
        Error::conflict(Kind::Campaign, what)
    };
    if !job::takes_leads(campaign.state) {
        return Err(over(campaign.state.as_str()).into());
    }
    let country = campaigns::country(ctx, who.tenant).await?;
    let file = new.file.stored(ctx).await?;
    let now = ctx.now();
    let import = Import {
        id: new.id,
        tenant: who.tenant,
        campaign: campaign.id,
        created_by: who.user,
        file,
        bytes: new.file.bytes,
        rows: new.file.survey.rows(),
        mapping: new.mapping.clone(),
        country,
        state: ImportState::Queued,
        reason: None,
        counts: ImportCounts::default(),
        errors: 0,
        tries: 0,
        held_until: None,
        look_at: now + job::LOST,
        version: 1,
        created_at: now,
        updated_at: now,
        finished_at: None,
    };
    match ctx.store.create_import(&import).await {
        Ok(()) => Ok(import),
        Err(NotBegun::Exists) => {
            new.file.discard(ctx).await;
            Ok(get(ctx, who, new.id).await?)
        }
        Err(NotBegun::Over) => Err(over("over").into()),
        Err(NotBegun::Store(error)) => Err(Refused::NoAnswer(error.into())),
    }
}
