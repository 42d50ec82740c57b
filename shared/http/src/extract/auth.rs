//! Who is asking. The guard looks the token up once a request; these take what it found.

use aide::{
    OperationInput,
    generate::GenContext,
    openapi::{Operation, SecurityRequirement},
};
use axum::extract::FromRequestParts;
use http::{HeaderMap, header, request::Parts};
use trunkline_auth::Principal;
use trunkline_domain::{Error, Role};
use trunkline_service::{Ctx, identity};

use crate::Failure;

/// What the guard found of the request's token.
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    /// And what they are told, when there is maintenance that holds for them.
    Known(Principal, Option<String>),
    Expired,
    Refused(String),
}

impl Caller {
    pub(crate) async fn look_up(ctx: &Ctx, headers: &HeaderMap) -> Result<Self, Error> {
        let Some(token) = bearer(headers) else {
            return Ok(Self::Refused(
                "no token: send it as `Authorization: Bearer <token>`".to_owned(),
            ));
        };
        match identity::admit(ctx, token).await {
            Ok((principal, closed)) => Ok(Self::Known(principal, closed.map(|now| now.message))),
            Err(Error::TokenExpired) => Ok(Self::Expired),
            Err(Error::TokenInvalid(why)) => Ok(Self::Refused(why)),
            Err(error) => Err(error),
        }
    }

    fn principal(&self) -> Result<Principal, Error> {
        match self {
            Self::Known(principal, _) => Ok(principal.clone()),
            Self::Expired => Err(Error::TokenExpired),
            Self::Refused(why) => Err(Error::TokenInvalid(why.clone())),
        }
    }
}

/// The token of an `Authorization: Bearer …` header.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

async fn principal(parts: &Parts, ctx: &Ctx) -> Result<Principal, Failure> {
    let caller = match parts.extensions.get::<Caller>() {
        Some(caller) => caller.clone(),
        None => Caller::look_up(ctx, &parts.headers).await?,
    };
    Ok(caller.principal()?)
}

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident: $least:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name(pub Principal);

        impl FromRequestParts<Ctx> for $name {
            type Rejection = Failure;

            async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Self, Failure> {
                let principal = principal(parts, ctx).await?;
                principal.require(Role::$least)?;
                Ok(Self(principal))
            }
        }

        impl OperationInput for $name {
            fn operation_input(_: &mut GenContext, operation: &mut Operation) {
                let mut needs = SecurityRequirement::new();
                needs.insert("bearer".to_owned(), Vec::new());
                operation.security = vec![needs];
                let least = Role::$least.as_str().into();
                operation.extensions.insert("x-least-role".to_owned(), least);
            }
        }
    )*};
}

roles! {
    /// Anyone with a login; human agents too.
    Auth: Agent,
    /// A tenant's user, manager, or the admin: no human agent.
    Member: User,
    /// A tenant's manager, or the admin.
    Manager: Manager,
    /// The platform's admin.
    Admin: Admin,
}

/// Who asks, if it is somebody: for routes that need no token and may take one. A token that is not good is nobody's.
#[derive(Debug, Clone)]
pub struct MaybeAuth(pub Option<Principal>);

impl FromRequestParts<Ctx> for MaybeAuth {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Self, Failure> {
        match principal(parts, ctx).await {
            Ok(principal) => Ok(Self(Some(principal))),
            Err(Failure::Domain(Error::TokenExpired | Error::TokenInvalid(_))) => Ok(Self(None)),
            Err(failure) => Err(failure),
        }
    }
}

impl OperationInput for MaybeAuth {}

/// The raw bearer token, if one was sent; unchecked.
#[derive(Clone)]
pub struct Bearer(pub Option<String>);

impl std::fmt::Debug for Bearer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bearer(…)")
    }
}

impl<S: Sync> FromRequestParts<S> for Bearer {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(bearer(&parts.headers).map(str::to_owned)))
    }
}

impl OperationInput for Bearer {}
