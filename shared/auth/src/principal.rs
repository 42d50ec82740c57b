//! Who is asking.

use trunkline_domain::{Error, Role, SessionId, TenantId, UserId};

/// Who is asking: an active user with a login that stands, read afresh at each request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The user.
    pub user: UserId,
    /// Whose data it may see.
    pub tenant: TenantId,
    /// What it may do.
    pub role: Role,
    /// The login that the token came from.
    pub session: SessionId,
    /// The user's e-mail address, lower-case.
    pub email: String,
}

impl Principal {
    /// Refuses who ranks below `least`.
    ///
    /// # Errors
    /// [`Error::Forbidden`] names the role that is needed and the one that asks.
    pub fn require(&self, least: Role) -> Result<(), Error> {
        if self.role.rank() >= least.rank() {
            return Ok(());
        }
        let what = format!(
            "this needs the role `{}`; yours is `{}`",
            least.as_str(),
            self.role.as_str()
        );
        Err(Error::Forbidden(what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_role_may_do_what_lower_ones_may() {
        let principal = |role| Principal {
            user: UserId(Uuid::nil()),
            tenant: TenantId(Uuid::nil()),
            role,
            session: SessionId(Uuid::nil()),
            email: String::new(),
        };
        assert!(principal(Role::Admin).require(Role::Manager).is_ok());
        assert!(principal(Role::Manager).require(Role::Manager).is_ok());
        assert!(matches!(
            principal(Role::User).require(Role::Manager),
            Err(Error::Forbidden(_))
        ));
        assert!(matches!(
            principal(Role::Agent).require(Role::User),
            Err(Error::Forbidden(_))
        ));
    }
}
