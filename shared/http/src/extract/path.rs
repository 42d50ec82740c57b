//! Ids in paths. What is no id is no record: 404, as for one that is not there.

use aide::OperationInput;
use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use trunkline_domain::{
    CallId, CampaignId, Error, ImportId, LeadId, OperatorId, TenantId, UserId, VoiceAgentId,
    error::Kind,
    id::{GroupId, IntegrationId, SubscriptionId},
};

use crate::Failure;

/// What a path's parameters can be read into, in their order.
pub trait FromPath: Sized {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`Error::NotFound`] of the right kind.
    fn read(texts: &[&str]) -> Result<Self, Error>;
}

macro_rules! ids {
    ($($id:ident: $kind:ident),* $(,)?) => {$(
        impl FromPath for $id {
            fn read(texts: &[&str]) -> Result<Self, Error> {
                let text = texts.first().copied().unwrap_or_default();
                text.parse().map_err(|_| Error::NotFound(Kind::$kind))
            }
        }
    )*};
}

ids! { IntegrationId: Integration, SubscriptionId: Subscription, UserId: User, VoiceAgentId: VoiceAgent, OperatorId: Operator, GroupId: Group, CampaignId: Campaign, LeadId: Lead, ImportId: Import, CallId: Call, TenantId: Tenant }

impl<A: FromPath, B: FromPath> FromPath for (A, B) {
    fn read(texts: &[&str]) -> Result<Self, Error> {
        let (first, rest) = texts.split_at_checked(1).unwrap_or((&[], &[]));
        Ok((A::read(first)?, B::read(rest)?))
    }
}

/// The id in the path, or a pair of them: `/campaigns/{campaign_id}`.
#[derive(Debug, Clone, Copy)]
pub struct PathId<T>(pub T);

impl<T: FromPath, S: Send + Sync> FromRequestParts<S> for PathId<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let texts = texts(parts, state).await?;
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        Ok(Self(T::read(&texts)?))
    }
}

/// Parameters are documented where paths are known: when the document is finished.
impl<T> OperationInput for PathId<T> {}

/// The path's last parameter as text: `/call-logs/date/{date}`.
#[derive(Debug, Clone)]
pub struct PathText(pub String);

impl<S: Send + Sync> FromRequestParts<S> for PathText {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        Ok(Self(texts(parts, state).await?.pop().unwrap_or_default()))
    }
}

impl OperationInput for PathText {}

async fn texts<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<Vec<String>, Failure> {
    match RawPathParams::from_request_parts(parts, state).await {
        Ok(params) => Ok(params.iter().map(|(_, value)| value.to_owned()).collect()),
        // A path that is no UTF-8 names nothing.
        Err(_) => Err(Failure::NoRoute(parts.uri.path().to_owned())),
    }
}
