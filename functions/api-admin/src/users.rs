//! All users, and who of them may log in.

use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::extract::State;
use trunkline_domain::UserId;
use trunkline_http::{
    Admin, List, Paging, PathId, Query, Reply, Result,
    wire::{UserBody, UserFilters},
};
use trunkline_service::{Ctx, identity};

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route("/admin/users", get_with(list, |op| op.summary("List all users")))
        .api_route(
            "/admin/users/{user_id}/activate",
            post_with(activate, |op| op.summary("Activate user")),
        )
        .api_route(
            "/admin/users/{user_id}/deactivate",
            post_with(deactivate, |op| {
                op.summary("Deactivate user: all its tokens end at once")
            }),
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

async fn activate(
    State(ctx): State<Ctx>,
    Admin(by): Admin,
    PathId(id): PathId<UserId>,
) -> Result<Reply<UserBody>> {
    Ok(Reply::new(
        identity::set_active(&ctx, &by, id, true).await?.into(),
    ))
}

async fn deactivate(
    State(ctx): State<Ctx>,
    Admin(by): Admin,
    PathId(id): PathId<UserId>,
) -> Result<Reply<UserBody>> {
    Ok(Reply::new(
        identity::set_active(&ctx, &by, id, false).await?.into(),
    ))
}
