//! Bodies that the documents share.

use schemars::JsonSchema;
use serde::Deserialize;
use trunkline_auth::Password;
use trunkline_domain::{E164, Error, FieldError, Role, TenantId, User};
use trunkline_http::{AccountLimit, Bearer, MaybeAuth, Result, example};
use trunkline_service::{
    Ctx, audit,
    identity::{self, NewUser, Tokens, read_email, read_name, split_name},
};

/// Who registers.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Register {
    /// Unique in the whole directory, in any case.
    #[schemars(example = &"user@example.com")]
    email: String,
    /// At least 8 characters.
    #[schemars(example = &"SecurePass123!")]
    password: String,
    /// Given name.
    #[schemars(example = &"John")]
    first_name: Option<String>,
    /// Family name.
    #[schemars(example = &"Doe")]
    last_name: Option<String>,
    /// Both names in one, split at the first space.
    name: Option<String>,
    /// E.164.
    phone: Option<String>,
    /// `agent`, `user`, `manager` or `admin`; the first user of a tenant is its manager whatever it says.
    role: Option<String>,
    /// The tenant to join, or to found when nobody has it; none founds one's own.
    tenant_id: Option<String>,
    /// An invitation's token.
    invitation: Option<String>,
}

/// Who logs in.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Login {
    #[schemars(example = &"user@example.com")]
    email: String,
    #[schemars(example = &"SecurePass123!")]
    password: String,
}

/// Who forgot a password.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Forgot {
    #[schemars(example = &"user@example.com")]
    email: String,
}

/// A new password, with the token that was mailed.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Reset {
    #[schemars(example = &"rst_…")]
    token: String,
    /// At least 8 characters.
    #[schemars(example = &"NewSecurePass456!")]
    new_password: String,
}

/// A refresh token, unless it is sent as the bearer.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Refresh {
    #[schemars(example = example::TOKEN)]
    refresh_token: Option<String>,
}

/// What `register` answers.
pub(crate) const REGISTERED: &str = "User registered successfully";
/// What `login` answers.
pub(crate) const LOGGED_IN: &str = "Login successful";
/// What `forgot-password` answers, whoever asks.
pub(crate) const FORGOT: &str =
    "If there is an account with this e-mail address, a message with a reset token is on its way";
/// What `reset-password` answers.
pub(crate) const RESET: &str = "The password is changed; log in again";
/// What `logout` answers.
pub(crate) const LOGOUT: &str = "Logged out";

impl Register {
    pub(crate) async fn run(self, ctx: &Ctx, by: &MaybeAuth, limit: &AccountLimit) -> Result<User> {
        limit.check(ctx, &self.email).await?;
        let user = identity::register(ctx, by.0.as_ref(), self.read()?).await?;
        // Who had a token is on the trail already.
        if by.0.is_none() {
            audit::note(ctx, &user, "auth.register", limit.address()).await?;
        }
        Ok(user)
    }

    fn read(self) -> std::result::Result<NewUser, Error> {
        let mut wrong: Vec<FieldError> = Vec::new();
        wrong.extend(read_email("email", &self.email).err());
        wrong.extend(Password::chosen("password", &self.password).err());
        let names = [
            ("first_name", &self.first_name),
            ("last_name", &self.last_name),
            ("name", &self.name),
        ];
        for (field, name) in names {
            wrong.extend(name.as_deref().and_then(|name| read_name(field, name).err()));
        }
        let role = self.role.as_deref().map(|word| Role::read(word).ok_or(word));
        if let Some(Err(word)) = role {
            let what = format!("`{word}` is not known; allowed: agent, user, manager, admin");
            wrong.push(FieldError::new("role", what));
        }
        let tenant = self.tenant_id.as_deref().map(str::parse::<TenantId>).transpose();
        wrong.extend(
            tenant
                .as_ref()
                .err()
                .map(|error| FieldError::new("tenant_id", error.to_string())),
        );
        let phone = self
            .phone
            .as_deref()
            .filter(|text| !text.trim().is_empty())
            .map(|text| E164::read(text, None))
            .transpose();
        wrong.extend(
            phone
                .as_ref()
                .err()
                .map(|error| FieldError::phone("phone", error.to_string())),
        );
        let (Ok(tenant), Ok(phone), true) = (tenant, phone, wrong.is_empty()) else {
            return Err(Error::Invalid(wrong));
        };
        let (first, last) = split_name(self.name.as_deref().unwrap_or_default());
        Ok(NewUser {
            email: self.email,
            password: self.password,
            first_name: self.first_name.unwrap_or(first),
            last_name: self.last_name.unwrap_or(last),
            phone: phone.map(String::from),
            role: role.and_then(std::result::Result::ok),
            tenant,
            invitation: self.invitation,
        })
    }
}

impl Login {
    pub(crate) async fn run(&self, ctx: &Ctx, limit: &AccountLimit) -> Result<(User, Tokens)> {
        limit.check(ctx, &self.email).await?;
        let (user, tokens) = identity::login(ctx, &self.email, &self.password).await?;
        audit::note(ctx, &user, "auth.login", limit.address()).await?;
        Ok((user, tokens))
    }
}

impl Forgot {
    pub(crate) async fn run(&self, ctx: &Ctx, limit: &AccountLimit) -> Result<()> {
        limit.check(ctx, &self.email).await?;
        Ok(identity::forgot_password(ctx, &self.email).await?)
    }
}

impl Reset {
    pub(crate) async fn run(&self, ctx: &Ctx, limit: &AccountLimit) -> Result<()> {
        let user = identity::reset_password(ctx, &self.token, &self.new_password).await?;
        if let Some(user) = user {
            audit::note(ctx, &user, "auth.reset-password", limit.address()).await?;
        }
        Ok(())
    }
}

impl Refresh {
    pub(crate) async fn run(self, ctx: &Ctx, bearer: Bearer) -> Result<(User, Tokens)> {
        let missing = || {
            Error::TokenInvalid("no refresh token: send it as the bearer or as `refresh_token`".to_owned())
        };
        let token = self.refresh_token.or(bearer.0).ok_or_else(missing)?;
        Ok(identity::refresh(ctx, &token).await?)
    }
}
