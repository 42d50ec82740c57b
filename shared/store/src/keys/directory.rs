//! Keys of what a tenant sets up: voice agents, human agents and their groups.

use trunkline_domain::{OperatorId, TenantId, VoiceAgentId, id::GroupId};

/// The price table, of the whole platform.
pub const PRICES: &str = "PRICES";
/// A voice agent's sort key below its tenant.
#[must_use]
pub fn voice_agent(agent: VoiceAgentId) -> String {
    format!("AGENT#{agent}")
}
/// The guard of a voice agent's name, unique in its tenant in any case.
#[must_use]
pub fn voice_agent_name(name: &str) -> String {
    format!("AGENTNAME#{}", name.trim().to_lowercase())
}

/// Begins the sort keys of a tenant's human agents.
pub const OPERATORS: &str = "OP#";
/// A human agent's sort key below its tenant.
#[must_use]
pub fn operator(operator: OperatorId) -> String {
    format!("{OPERATORS}{operator}")
}
/// The guard of a human agent's e-mail address, unique in its tenant.
#[must_use]
pub fn operator_email(email: &str) -> String {
    format!("OPMAIL#{email}")
}
/// Begins the sort keys of a tenant's groups of human agents.
pub const GROUPS: &str = "GROUP#";
/// A group's sort key below its tenant.
#[must_use]
pub fn group(group: GroupId) -> String {
    format!("{GROUPS}{group}")
}
/// The guard of a group's name, unique in its tenant in any case.
#[must_use]
pub fn group_name(name: &str) -> String {
    format!("GROUPNAME#{}", name.trim().to_lowercase())
}
/// Index `idle`: those of a group who are in as many calls as they take.
#[must_use]
pub fn busy(tenant: TenantId, group: GroupId) -> String {
    format!("B#{tenant}#{group}")
}
/// Index `idle`: those of a group who could take a call, by since when they wait.
#[must_use]
pub fn idle(tenant: TenantId, group: GroupId) -> String {
    format!("G#{tenant}#{group}")
}
