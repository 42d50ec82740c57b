//! VoiceERA's users.

mod fields;
mod made;

use aide::axum::{ApiRouter, routing::get_with};
use axum::extract::State;
use trunkline_domain::UserId;
use trunkline_http::{
    AccountLimit, Admin, Auth, Body, Deleted, IfMatch, List, Paging, PathId, Query, Reply, Result,
    wire::{UserBody, UserFilters},
};
use trunkline_service::{Ctx, identity};

use fields::Fields;

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route(
            "/users",
            get_with(list, |op| op.summary("List all users (admin)")),
        )
        .api_route(
            "/users/{user_id}",
            get_with(one, |op| op.summary("Get user details"))
                .put_with(update, |op| op.summary("Update user"))
                .delete_with(delete, |op| op.summary("Delete user")),
        )
        .api_route(
            "/users/{user_id}/agents",
            get_with(made::agents, |op| op.summary("Get user's agents")),
        )
        .api_route(
            "/users/{user_id}/campaigns",
            get_with(made::campaigns, |op| op.summary("Get user's campaigns")),
        )
}

async fn list(
    State(ctx): State<Ctx>,
    Admin(by): Admin,
    Query(filters): Query<UserFilters>,
    Paging(page): Paging,
) -> Result<Reply<List<UserBody>>> {
    let found = identity::list_users(&ctx, &by, &filters.query(&page)?).await?;
    Ok(Reply::new(List::of(found.map(UserBody::from), &page)))
}

async fn one(State(ctx): State<Ctx>, Auth(by): Auth, PathId(id): PathId<UserId>) -> Result<Reply<UserBody>> {
    let user = identity::user(&ctx, &by, id).await?;
    let version = identity::version(&user);
    Ok(Reply::new(user.into()).etag(version))
}

async fn update(
    State(ctx): State<Ctx>,
    Auth(by): Auth,
    PathId(id): PathId<UserId>,
    if_match: IfMatch,
    limit: AccountLimit,
    Body(fields): Body<Fields>,
) -> Result<Reply<UserBody>> {
    let country = fields.country(&ctx, &by).await?;
    let (email, patch) = fields.read(country.as_deref())?;
    if patch.password.is_some() {
        // A try at the password, as a login is one.
        limit.check(&ctx, &by.email).await?;
    }
    if let Some(email) = email {
        fields::same_email(&email, &identity::user(&ctx, &by, id).await?)?;
    }
    let user = identity::update(&ctx, &by, id, &patch, |version| if_match.check(version)).await?;
    let version = identity::version(&user);
    Ok(Reply::new(user.into()).etag(version))
}

async fn delete(State(ctx): State<Ctx>, Auth(by): Auth, PathId(id): PathId<UserId>) -> Result<Deleted> {
    identity::delete(&ctx, &by, id).await?;
    Ok(Deleted::new("User deleted successfully"))
}
