//! Users and their roles.

use serde::{Deserialize, Serialize};

use crate::{Instant, TenantId, UserId};

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The platform's: only made by bootstrap or another admin.
    Admin,
    /// A tenant's.
    Manager,
    /// A tenant's ordinary user.
    User,
    /// A human agent: own calls, own status.
    Agent,
}

impl Role {
    /// As it is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::User => "user",
            Self::Agent => "agent",
        }
    }

    /// The role that a document's word means; `tenant_admin` is the Dialer's word for a manager.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        match word {
            "admin" => Some(Self::Admin),
            "manager" | "tenant_admin" => Some(Self::Manager),
            "user" => Some(Self::User),
            "agent" => Some(Self::Agent),
            _ => None,
        }
    }

    /// Higher may do more.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::Agent => 0,
            Self::User => 1,
            Self::Manager => 2,
            Self::Admin => 3,
        }
    }
}

/// A user, as stored; the password's hash is kept beside it, never in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Whose user.
    pub tenant: TenantId,
    /// Lower-case; unique in the whole directory.
    pub email: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Phone number, as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// What it may do.
    pub role: Role,
    /// Whether it may log in.
    pub is_active: bool,
    /// Rises when all of its tokens end: password, role and activation changes.
    pub token_epoch: u32,
    /// When it registered.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
    /// When it last logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_login_at: Option<Instant>,
}

impl User {
    /// Both names.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
            .trim()
            .to_owned()
    }
}
