//! What may be changed of a user.

use schemars::JsonSchema;
use serde::Deserialize;
use trunkline_auth::Principal;
use trunkline_domain::{E164, Error, FieldError, Role, User};
use trunkline_http::{Failure, Patch, Result};
use trunkline_service::{
    Ctx,
    identity::{PasswordChange, RoleChange, UserPatch, read_email, read_name, split_name},
};

/// A change of a user: what is absent stays, `null` clears.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Fields {
    /// Cannot be changed; the same one may be sent back.
    #[serde(default)]
    email: Patch<String>,
    /// Given name.
    #[serde(default)]
    #[schemars(example = &"John")]
    first_name: Patch<String>,
    /// Family name.
    #[serde(default)]
    #[schemars(example = &"Doe")]
    last_name: Patch<String>,
    /// Both names in one, split at the first space; the single ones go before it.
    #[serde(default)]
    name: Patch<String>,
    /// E.164, or national to the tenant's country.
    #[serde(default)]
    #[schemars(example = &"+14155551234")]
    phone: Patch<String>,
    /// `admin`, `manager`, `user` or `agent`, by managers and admins, for others. `user` is what managers and agents show
    /// too, so it takes nobody's but an admin's rights: `tenant_role` says it exactly.
    #[serde(default)]
    role: Patch<String>,
    /// `admin`, `manager`, `user` or `agent`, exactly.
    #[serde(default)]
    tenant_role: Patch<String>,
    /// Whether it may log in; by managers and admins, for others.
    #[serde(default)]
    is_active: Patch<bool>,
    /// A new password, at least 8 characters, with `current_password`; one's own alone.
    #[serde(default)]
    password: Patch<String>,
    /// The password that holds until now.
    current_password: Option<String>,
}

impl Fields {
    /// The tenant's country, when a phone number is to be read.
    pub(super) async fn country(&self, ctx: &Ctx, by: &Principal) -> Result<Option<String>> {
        match &self.phone {
            Patch::Keep | Patch::Clear => Ok(None),
            Patch::Set(_) => {
                let tenant = ctx.store.tenant(by.tenant).await.map_err(Error::from)?;
                Ok(tenant.and_then(|tenant| tenant.country))
            }
        }
    }

    /// The address that was sent, and the change; every wrong field is named.
    pub(super) fn read(self, country: Option<&str>) -> Result<(Option<String>, UserPatch)> {
        let mut wrong = Vec::new();
        let mut keep = |result: std::result::Result<(), FieldError>| wrong.extend(result.err());
        let mut patch = UserPatch::default();
        let mut email = None;
        keep(set("email", self.email, |text| {
            email = Some(read_email("email", &text)?);
            Ok(())
        }));
        match self.name {
            Patch::Keep => {}
            Patch::Clear => (patch.first_name, patch.last_name) = (Some(String::new()), Some(String::new())),
            Patch::Set(name) => keep(read_name("name", &name).map(|name| {
                let (first, last) = split_name(&name);
                (patch.first_name, patch.last_name) = (Some(first), Some(last));
            })),
        }
        keep(name_of("first_name", self.first_name, &mut patch.first_name));
        keep(name_of("last_name", self.last_name, &mut patch.last_name));
        match self.phone {
            Patch::Keep => {}
            Patch::Clear => patch.phone = Some(None),
            Patch::Set(text) if text.trim().is_empty() => patch.phone = Some(None),
            Patch::Set(text) => keep(
                E164::read(&text, country)
                    .map(|phone| patch.phone = Some(Some(phone.into())))
                    .map_err(|error| FieldError::phone("phone", error.to_string())),
            ),
        }
        let mut role = None;
        keep(set("role", self.role, |word| {
            role = Some(RoleChange::Shown(read_role("role", &word)?));
            Ok(())
        }));
        keep(set("tenant_role", self.tenant_role, |word| {
            role = Some(RoleChange::Exactly(read_role("tenant_role", &word)?));
            Ok(())
        }));
        keep(set("is_active", self.is_active, |active| {
            patch.is_active = Some(active);
            Ok(())
        }));
        let current = self.current_password;
        keep(set("password", self.password, |new| {
            patch.password = Some(PasswordChange { new, current });
            Ok(())
        }));
        patch.role = role;
        Failure::check(wrong)?;
        Ok((email, patch))
    }
}

/// Refuses another address than the user's.
pub(super) fn same_email(email: &str, user: &User) -> Result<()> {
    if email == user.email {
        Ok(())
    } else {
        Err(Failure::invalid("email", "it cannot be changed"))
    }
}

/// A field that cannot be cleared.
fn set<T>(
    field: &str,
    patch: Patch<T>,
    with: impl FnOnce(T) -> std::result::Result<(), FieldError>,
) -> std::result::Result<(), FieldError> {
    match patch {
        Patch::Keep => Ok(()),
        Patch::Clear => Err(FieldError::new(field, "it cannot be null")),
        Patch::Set(value) => with(value),
    }
}

fn name_of(
    field: &str,
    patch: Patch<String>,
    into: &mut Option<String>,
) -> std::result::Result<(), FieldError> {
    match patch {
        Patch::Keep => {}
        Patch::Clear => *into = Some(String::new()),
        Patch::Set(name) => *into = Some(read_name(field, &name)?),
    }
    Ok(())
}

fn read_role(field: &str, word: &str) -> std::result::Result<Role, FieldError> {
    Role::read(word).ok_or_else(|| {
        FieldError::new(
            field,
            format!("`{word}` is not known; allowed: agent, user, manager, admin"),
        )
    })
}
