//! Credentials: checked field by field, sealed whole, shown masked.

use std::collections::BTreeMap;

use trunkline_auth::SealKey;
use trunkline_domain::{
    Error, FieldError, TenantId,
    id::IntegrationId,
    integration::{CredentialField, IntegrationKind, is_masked, mask},
};

/// Characters of one field.
const LENGTH_MAX: usize = 4_096;

/// A kind's credentials, open. They are never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    kind: IntegrationKind,
    values: BTreeMap<String, String>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials({}, …)", self.kind.as_str())
    }
}

/// Changes by field: `None` clears.
pub(super) type Changes = BTreeMap<String, Option<String>>;

impl Credentials {
    /// A field's value.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&str> {
        self.values.get(field).map(String::as_str)
    }

    pub(super) fn empty(kind: IntegrationKind) -> Self {
        Self {
            kind,
            values: BTreeMap::new(),
        }
    }

    /// With changes: what is absent stays, and so does what is sent back as it was shown. Fields that the kind does not know are
    /// left out.
    pub(super) fn changed(&self, changes: &Changes) -> Result<Self, Error> {
        let mut next = self.clone();
        let mut errors = Vec::new();
        for field in self.kind.credentials() {
            let Some(change) = changes.get(field.name) else {
                continue;
            };
            match change.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
                None => {
                    next.values.remove(field.name);
                }
                Some(text) if field.secret && self.get(field.name).is_some_and(|old| mask(old) == text) => {}
                Some(text) => match wrong(field, text) {
                    Some(what) => errors.push(FieldError::new(format!("credentials.{}", field.name), what)),
                    None => {
                        next.values.insert(field.name.to_owned(), text.to_owned());
                    }
                },
            }
        }
        errors.extend(next.missing(&errors));
        if errors.is_empty() {
            Ok(next)
        } else {
            Err(Error::Invalid(errors))
        }
    }

    fn missing(&self, wrong: &[FieldError]) -> Vec<FieldError> {
        let absent = |name: &str| {
            let field = format!("credentials.{name}");
            (!self.values.contains_key(name) && !wrong.iter().any(|error| error.field == field))
                .then_some(field)
        };
        let mut errors: Vec<FieldError> = self
            .kind
            .credentials()
            .iter()
            .filter(|field| field.required)
            .filter_map(|field| absent(field.name))
            .map(|field| FieldError::new(field, format!("is required for {}", self.kind.as_str())))
            .collect();
        let both = |one: &str, other: &str, errors: &mut Vec<FieldError>| {
            if self.values.contains_key(one) != self.values.contains_key(other) {
                let (there, lacking) = if self.values.contains_key(one) {
                    (one, other)
                } else {
                    (other, one)
                };
                errors.push(FieldError::new(
                    format!("credentials.{lacking}"),
                    format!("is required beside {there}"),
                ));
            }
        };
        match self.kind {
            IntegrationKind::Slack => {
                if self.values.is_empty() && wrong.is_empty() {
                    let what = "is required for slack, or a webhook_url";
                    errors.push(FieldError::new("credentials.bot_token", what));
                }
            }
            IntegrationKind::Http if wrong.is_empty() => {
                both("username", "password", &mut errors);
                both("header_name", "header_value", &mut errors);
            }
            IntegrationKind::Http
            | IntegrationKind::Twilio
            | IntegrationKind::Exotel
            | IntegrationKind::Openai
            | IntegrationKind::Deepgram
            | IntegrationKind::Cartesia
            | IntegrationKind::Elevenlabs => {}
        }
        errors
    }

    /// As they are shown: secrets masked.
    pub(super) fn shown(&self) -> BTreeMap<String, String> {
        let fields = self.kind.credentials().iter();
        let shown = fields.filter_map(|field| {
            let value = self.get(field.name)?;
            let shown = if field.secret {
                mask(value)
            } else {
                value.to_owned()
            };
            Some((field.name.to_owned(), shown))
        });
        shown.collect()
    }

    /// Whether a secret of these was also in the older ones: kept, not given anew.
    pub(super) fn keeps_a_secret_of(&self, old: &Self) -> bool {
        let fields = self.kind.credentials().iter();
        fields
            .filter(|field| field.secret)
            .any(|field| self.get(field.name).is_some() && self.get(field.name) == old.get(field.name))
    }

    pub(super) fn seal(&self, key: &SealKey, tenant: TenantId, id: IntegrationId) -> Result<String, Error> {
        let text = serde_json::to_string(&self.values).map_err(Error::internal)?;
        key.seal(tenant, id.0, &text).map_err(Error::internal)
    }

    pub(super) fn open(
        key: &SealKey,
        tenant: TenantId,
        id: IntegrationId,
        kind: IntegrationKind,
        sealed: &str,
    ) -> Result<Self, Error> {
        let text = key.open(tenant, id.0, sealed).map_err(Error::internal)?;
        // What serde says of a wrong text may quote it.
        let values = serde_json::from_str(&text)
            .map_err(|_| Error::internal("sealed credentials are of no known shape"))?;
        Ok(Self { kind, values })
    }
}

/// What is wrong with a value; it is never quoted.
fn wrong(field: &CredentialField, text: &str) -> Option<String> {
    if text.chars().count() > LENGTH_MAX {
        Some(format!("must be at most {LENGTH_MAX} characters"))
    } else if text.chars().any(char::is_control) {
        Some("must not have line breaks or other control characters".to_owned())
    } else if field.secret && is_masked(text) {
        Some(
            "is a masked value, and not the one that is stored; give it whole, or leave it out to keep it"
                .to_owned(),
        )
    } else if field.name == "account_sid"
        && !text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    {
        Some("must be letters and digits, such as ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx".to_owned())
    } else if field.name == "header_name" && !is_header_name(text) {
        Some("must be a header's name, such as X-Api-Key".to_owned())
    } else {
        None
    }
}

/// RFC 9110's token, but for headers that decide where a request goes and how long it is.
fn is_header_name(text: &str) -> bool {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    let ours = [
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "upgrade",
        "te",
        "trailer",
    ];
    !text.is_empty() && text.bytes().all(token) && !ours.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(pairs: &[(&str, Option<&str>)]) -> Changes {
        let owned = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned)));
        owned.collect()
    }

    fn of(kind: IntegrationKind, pairs: &[(&str, Option<&str>)]) -> Result<Credentials, Vec<String>> {
        match Credentials::empty(kind).changed(&changes(pairs)) {
            Ok(made) => Ok(made),
            Err(Error::Invalid(errors)) => Err(errors.into_iter().map(|error| error.field).collect()),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn each_kind_says_what_it_lacks() {
        use IntegrationKind::{Exotel, Http, Openai, Slack, Twilio};
        let lacks = |kind, pairs: &[_]| of(kind, pairs).unwrap_err();
        assert_eq!(
            lacks(Twilio, &[]),
            ["credentials.account_sid", "credentials.auth_token"]
        );
        assert_eq!(
            lacks(Exotel, &[("api_key", Some("k"))]),
            ["credentials.account_sid", "credentials.api_token"]
        );
        assert_eq!(lacks(Openai, &[("api_key", Some("  "))]), ["credentials.api_key"]);
        assert_eq!(lacks(Slack, &[]), ["credentials.bot_token"]);
        assert_eq!(
            lacks(
                Http,
                &[("url", Some("https://x.example")), ("username", Some("u"))]
            ),
            ["credentials.password"]
        );
        assert!(of(Slack, &[("webhook_url", Some("https://hooks.example/x"))]).is_ok());
        assert!(of(Http, &[("url", Some("https://x.example"))]).is_ok());
    }

    #[test]
    fn what_is_wrong_is_named_and_never_quoted() {
        let long = "x".repeat(5_000);
        for bad in ["sk-…wxyz", "two\r\nlines", &long] {
            let error = Credentials::empty(IntegrationKind::Openai)
                .changed(&changes(&[("api_key", Some(bad))]))
                .unwrap_err()
                .to_string();
            assert!(
                error.starts_with("credentials.api_key: ") && !error.contains(bad),
                "{error}"
            );
        }
        let host = &[
            ("url", Some("https://x.example")),
            ("header_name", Some("Host")),
            ("header_value", Some("inside")),
        ];
        assert_eq!(
            of(IntegrationKind::Http, host).unwrap_err(),
            ["credentials.header_name"]
        );
        let sid = &[("account_sid", Some("AC1/../x")), ("auth_token", Some("t"))];
        assert_eq!(
            of(IntegrationKind::Twilio, sid).unwrap_err(),
            ["credentials.account_sid"]
        );
    }

    #[test]
    fn a_masked_value_sent_back_and_an_absent_one_change_nothing() {
        let old = of(
            IntegrationKind::Openai,
            &[
                ("api_key", Some("sk-0123456789abcd")),
                ("organization", Some("org-1")),
            ],
        )
        .unwrap();
        assert_eq!(old.shown()["api_key"], "sk-…abcd");
        assert_eq!(old.changed(&changes(&[])).unwrap(), old);
        assert_eq!(
            old.changed(&changes(&[
                ("api_key", Some("sk-…abcd")),
                ("organization", Some("org-1"))
            ]))
            .unwrap(),
            old
        );
        let new = old
            .changed(&changes(&[
                ("organization", None),
                ("api_key", Some("sk-9876543210zyxw")),
            ]))
            .unwrap();
        assert_eq!(
            (new.get("api_key"), new.get("organization")),
            (Some("sk-9876543210zyxw"), None)
        );
        assert!(old.keeps_a_secret_of(&old) && !new.keeps_a_secret_of(&old));
        assert_eq!(format!("{new:?}"), "Credentials(openai, …)");
    }
}
