//! Groups of human agents.

use aide::axum::{ApiRouter, routing::get_with};
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_domain::{id::GroupId, operator::Group};
use trunkline_http::{
    Body, Created, Deleted, IfMatch, Manager, Member, NewId, Patch, PathId, Reply, Result, Seconds, example,
    says,
};
use trunkline_service::{
    Ctx,
    operators::{self, GroupPatch},
};
use uuid::Uuid;

const CREATED: &str = "Agent group created successfully";
const UPDATED: &str = "Agent group updated successfully";

pub(super) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route(
            "/api/agent-groups",
            get_with(list, |op| op.summary("List agent groups"))
                .post_with(create, |op| op.summary("Create agent group").with(says(CREATED))),
        )
        .api_route(
            "/api/agent-groups/{agent_group_id}",
            get_with(one, |op| op.summary("Get agent group"))
                .put_with(update, |op| op.summary("Update agent group").with(says(UPDATED)))
                .delete_with(delete, |op| op.summary("Delete agent group")),
        )
}

/// A group of human agents.
#[derive(Debug, Serialize, JsonSchema)]
struct GroupBody {
    #[schemars(example = example::id("agent_group_id"))]
    id: Uuid,
    tenant_id: Uuid,
    #[schemars(example = &"Sales")]
    name: String,
    #[schemars(example = &"Calls about offers")]
    description: Option<String>,
    /// Human agents in it.
    #[schemars(example = 4)]
    agent_count: u64,
    created_at: Seconds,
    updated_at: Seconds,
}

impl From<Group> for GroupBody {
    fn from(group: Group) -> Self {
        Self {
            id: group.id.0,
            tenant_id: group.tenant.0,
            name: group.name,
            description: group.description,
            agent_count: group.members,
            created_at: group.created_at.into(),
            updated_at: group.updated_at.into(),
        }
    }
}

/// A group's fields. At its making `name` is required; in a change what is absent stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
struct Fields {
    /// Unique in any case.
    #[schemars(example = &"Sales")]
    name: Patch<String>,
    #[schemars(example = &"Calls about offers")]
    description: Patch<String>,
}

impl Fields {
    fn patch(self) -> GroupPatch {
        GroupPatch {
            name: self.name.change(),
            description: self.description.change(),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
struct Groups {
    agent_groups: Vec<GroupBody>,
    /// How many there are.
    #[schemars(example = 1)]
    count: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct One {
    agent_group: GroupBody,
}

async fn list(State(ctx): State<Ctx>, Member(by): Member) -> Result<Reply<Groups>> {
    let found = operators::list_groups(&ctx, &by).await?;
    Ok(Reply::new(Groups {
        count: found.len(),
        agent_groups: found.into_iter().map(GroupBody::from).collect(),
    }))
}

async fn create(
    State(ctx): State<Ctx>,
    Manager(by): Manager,
    new: NewId,
    Body(fields): Body<Fields>,
) -> Result<Created<One>> {
    let made = operators::create_group(&ctx, &by, GroupId(new.id), &fields.patch()).await?;
    let version = made.version;
    Ok(Created::new(One {
        agent_group: made.into(),
    })
    .etag(version)
    .message(CREATED))
}

async fn one(State(ctx): State<Ctx>, Member(by): Member, PathId(id): PathId<GroupId>) -> Result<Reply<One>> {
    let found = operators::group(&ctx, &by, id).await?;
    let version = found.version;
    Ok(Reply::new(One {
        agent_group: found.into(),
    })
    .etag(version))
}

async fn update(
    State(ctx): State<Ctx>,
    Manager(by): Manager,
    PathId(id): PathId<GroupId>,
    if_match: IfMatch,
    Body(fields): Body<Fields>,
) -> Result<Reply<One>> {
    let patch = fields.patch();
    let changed = operators::update_group(&ctx, &by, id, &patch, |version| if_match.check(version)).await?;
    let version = changed.version;
    Ok(Reply::new(One {
        agent_group: changed.into(),
    })
    .etag(version)
    .message(UPDATED))
}

async fn delete(
    State(ctx): State<Ctx>,
    Manager(by): Manager,
    PathId(id): PathId<GroupId>,
) -> Result<Deleted> {
    operators::delete_group(&ctx, &by, id).await?;
    Ok(Deleted::new("Agent group deleted successfully"))
}
