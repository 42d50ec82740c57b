//! The Dialer's leads.

mod body;
mod dnc;
mod explain;
mod explain_input;
mod explain_law;
mod fields;
mod imports;

use aide::axum::{
    ApiRouter,
    routing::{get_with, put_with},
};
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_domain::{CampaignId, LeadId, LeadStatus, page::Page};
use trunkline_http::{
    Body, DialerCount, DialerPaging, Failure, File, IfMatch, Member, PathId, Query, Reply, Result, choose,
    says,
};
use trunkline_service::{
    Ctx,
    leads::{self, CSV_COLUMNS},
};
use uuid::Uuid;

use body::LeadBody;
use fields::Fields;

const UPDATED: &str = "Lead updated successfully";

pub(crate) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route("/api/leads", get_with(list, |op| op.summary("List leads")))
        .api_route(
            "/api/leads/template/csv",
            get_with(template, |op| op.summary("Download CSV template")),
        )
        .api_route(
            "/api/leads/{id}",
            put_with(update, |op| op.summary("Update lead").with(says(UPDATED))),
        )
        .merge(dnc::router())
        .merge(explain::router())
        .merge(imports::router())
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Filters {
    /// The campaign; required.
    campaign_id: Option<Uuid>,
    /// `pending`, `queued`, `calling`, `completed`, `failed` or `dnc`.
    status: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Leads {
    leads: Vec<LeadBody>,
    #[serde(flatten)]
    count: DialerCount,
}

#[derive(Debug, Serialize, JsonSchema)]
struct One {
    lead: LeadBody,
}

/// What a status filter asks for. A lead is claimed and dialled in one step, so none is ever `queued`.
fn statuses() -> [(&'static str, Option<LeadStatus>); 6] {
    [
        ("pending", Some(LeadStatus::Pending)),
        ("queued", None),
        ("calling", Some(LeadStatus::Calling)),
        ("completed", Some(LeadStatus::Completed)),
        ("failed", Some(LeadStatus::Failed)),
        ("dnc", Some(LeadStatus::Dnc)),
    ]
}

async fn list(
    State(ctx): State<Ctx>,
    Member(by): Member,
    Query(filters): Query<Filters>,
    DialerPaging(page): DialerPaging,
) -> Result<Reply<Leads>> {
    let campaign = filters.campaign_id.map(CampaignId);
    let campaign = campaign
        .ok_or_else(|| Failure::invalid("campaign_id", "is required; say whose leads are asked for"))?;
    let status = filters
        .status
        .as_deref()
        .map(|word| choose("status", word, &statuses()))
        .transpose()?;
    let found = match status {
        Some(None) => {
            trunkline_service::campaigns::get(&ctx, &by, campaign).await?;
            Page {
                items: Vec::new(),
                total: 0,
                total_is_lower_bound: false,
                next_cursor: None,
            }
        }
        Some(Some(status)) => leads::list(&ctx, &by, campaign, Some(status), &page).await?,
        None => leads::list(&ctx, &by, campaign, None, &page).await?,
    };
    let count = DialerCount::of(&found);
    Ok(Reply::new(Leads {
        leads: found.items.into_iter().map(LeadBody::from).collect(),
        count,
    }))
}

async fn template(Member(_by): Member) -> File {
    let header = format!("{}\r\n", CSV_COLUMNS.join(","));
    File::new("text/csv; charset=utf-8", header).download("leads_template.csv")
}

async fn update(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathId(id): PathId<LeadId>,
    if_match: IfMatch,
    Body(fields): Body<Fields>,
) -> Result<Reply<One>> {
    let patch = fields.patch()?;
    let marked = patch.do_not_call == Some(true);
    let fresh = |version| if_match.check(version);
    let lead = Box::pin(leads::update(&ctx, &by, id, &patch, fresh)).await?;
    let marked = marked || leads::is_marked(&ctx, &lead).await?;
    let version = lead.version;
    let mut lead = LeadBody::from(lead);
    lead.do_not_call |= marked;
    Ok(Reply::new(One { lead }).etag(version).message(UPDATED))
}
