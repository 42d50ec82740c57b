//! The trail of who did what.

use aide::axum::{ApiRouter, routing::get_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_domain::TenantId;
use trunkline_http::{Admin, DateRange, List, Paging, Query, Reply, Result, Seconds, example};
use trunkline_service::{Ctx, audit};
use uuid::Uuid;

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new().api_route(
        "/admin/logs",
        get_with(list, |op| op.summary("System logs: who did what, newest first")),
    )
}

/// Which entries are asked for.
#[derive(Deserialize, JsonSchema)]
struct Filters {
    /// Of this tenant's people.
    tenant_id: Option<Uuid>,
    /// By whom.
    actor_email: Option<String>,
    /// Such as `campaigns.launch`.
    action: Option<String>,
    /// Such as `campaign`.
    target_type: Option<String>,
    /// On this record.
    target_id: Option<Uuid>,
}

/// Something that somebody did.
#[derive(Serialize, JsonSchema)]
struct Entry {
    id: Uuid,
    at: Seconds,
    actor_id: Uuid,
    #[schemars(example = &"user@example.com")]
    actor_email: String,
    /// Such as `campaigns.launch`.
    #[schemars(example = &"campaigns.launch")]
    action: String,
    /// Such as `campaign`.
    #[schemars(example = &"campaign")]
    target_type: String,
    #[schemars(example = example::id("campaign_id"))]
    target_id: Option<Uuid>,
    /// The actor's tenant.
    tenant_id: Uuid,
    /// The address that it came from.
    #[schemars(example = &"203.0.113.7")]
    address: Option<String>,
}

async fn list(
    State(ctx): State<Ctx>,
    Admin(by): Admin,
    Query(filters): Query<Filters>,
    dates: DateRange,
    Paging(page): Paging,
) -> Result<Reply<List<Entry>>> {
    let filter = audit::AuditFilter {
        tenant: filters.tenant_id.map(TenantId),
        from: dates.from,
        before: dates.until,
        action: filters.action,
        actor_email: filters.actor_email.map(|email| email.trim().to_lowercase()),
        target_type: filters.target_type,
        target_id: filters.target_id,
    };
    let found = audit::list(&ctx, &by, &filter, &page).await?;
    let shown = found.map(|entry| Entry {
        id: entry.id,
        at: Seconds(entry.at),
        actor_id: entry.actor.0,
        actor_email: entry.actor_email,
        action: entry.action,
        target_type: entry.target_type,
        target_id: entry.target_id,
        tenant_id: entry.tenant.0,
        address: entry.address,
    });
    Ok(Reply::new(List::of(shown, &page)))
}
