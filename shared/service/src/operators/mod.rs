//! Human agents: who they are, whether they are there, and who is rung next.

mod edit;
mod fields;
mod groups;
mod list;
mod reserve;
mod stats;
mod status;

use trunkline_auth::Principal;
use trunkline_domain::{Error, OperatorId, Role, UserId, error::Kind, operator::Operator};
use trunkline_store::operators::OperatorNotWritten;

use crate::Ctx;

pub use edit::{create, update};
pub use fields::{OperatorPatch, ShiftText, Week, week_of};
pub use groups::known_default_group;
pub use groups::{GroupPatch, create_group, delete_group, group, list_groups, update_group};
pub use list::{OperatorsQuery, list};
pub(crate) use reserve::LOOKED_AT;
pub use reserve::{Reserved, give_back, reserve};
pub use stats::{OperatorStats, stats};
pub use status::set_status;

/// A human agent, and which user of the tenant it is: the one with its e-mail address, once that has registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The human agent.
    pub operator: Operator,
    /// Its user.
    pub user: Option<UserId>,
}

/// A human agent of the asker's tenant. One with the role `agent` finds only itself.
///
/// # Errors
/// [`Error::NotFound`]; another tenant's is not found either.
pub async fn get(ctx: &Ctx, who: &Principal, id: OperatorId) -> Result<Known, Error> {
    let operator = ctx.store.operator(who.tenant, id).await?;
    let operator = operator
        .filter(|operator| may_see(who, operator))
        .ok_or(Error::NotFound(Kind::Operator))?;
    known(ctx, operator).await
}

/// The human agent that a user is.
///
/// # Errors
/// When the store does not answer.
pub async fn own(ctx: &Ctx, who: &Principal) -> Result<Option<Operator>, Error> {
    Ok(ctx.store.operator_by_email(who.tenant, &who.email).await?)
}

/// Deletes a human agent that is on no call.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] while it talks.
pub async fn delete(ctx: &Ctx, who: &Principal, id: OperatorId) -> Result<(), Error> {
    who.require(Role::Manager)?;
    for _ in 0..TRIES {
        let operator = get(ctx, who, id).await?.operator;
        if !operator.calls.is_empty() {
            let what = "the agent is on a call; it can be deleted when that is over";
            return Err(Error::conflict(Kind::Operator, what));
        }
        match ctx.store.delete_operator(&operator).await? {
            Ok(()) => return Ok(()),
            Err(
                OperatorNotWritten::Changed | OperatorNotWritten::EmailTaken | OperatorNotWritten::NoGroup,
            ) => {}
        }
    }
    Err(busy())
}

/// With the user that it is.
async fn known(ctx: &Ctx, operator: Operator) -> Result<Known, Error> {
    let account = match &operator.email {
        Some(email) => ctx.store.account_by_email(email).await?,
        None => None,
    };
    let user = account
        .filter(|account| account.user.tenant == operator.tenant)
        .map(|account| account.user.id);
    Ok(Known { operator, user })
}

fn may_see(who: &Principal, operator: &Operator) -> bool {
    who.role != Role::Agent || is_own(who, operator)
}

fn is_own(who: &Principal, operator: &Operator) -> bool {
    operator.email.as_deref() == Some(who.email.as_str())
}

/// How often a change that met another is tried anew.
const TRIES: usize = 8;

fn busy() -> Error {
    Error::Unavailable {
        what: "the agent is being changed by others; try again".to_owned(),
        retry_after_s: 1,
    }
}
