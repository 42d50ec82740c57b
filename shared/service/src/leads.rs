//! Leads: the numbers of a campaign and what is known of the people behind them.

use serde_json::{Map, Value};
use trunkline_auth::Principal;
use trunkline_domain::{
    CampaignId, Error, FieldError, Lead, LeadId, LeadStatus, Priority, Role,
    error::Kind,
    lead::bucket,
    page::{Page, PageQuery},
    zones,
};

use crate::Ctx;

/// Columns of the CSV that leads are given in; any other column becomes a custom field.
pub const CSV_COLUMNS: [&str; 9] = [
    "first_name",
    "last_name",
    "phone",
    "email",
    "country",
    "type",
    "priority",
    "do_not_call",
    "notes",
];

/// A change: the outer none keeps, the inner one clears.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LeadPatch {
    /// Given name.
    pub first_name: Option<Option<String>>,
    /// Family name.
    pub last_name: Option<Option<String>>,
    /// E-mail address.
    pub email: Option<Option<String>>,
    /// ISO 3166 country, two letters.
    pub country: Option<Option<String>>,
    /// The tenant's own word for its kind.
    pub kind: Option<Option<String>>,
    /// Its own IANA zone.
    pub timezone: Option<Option<String>>,
    /// Which go first; cleared is normal.
    pub priority: Option<Option<Priority>>,
    /// Other columns; replaced whole.
    pub custom_fields: Option<Option<Map<String, Value>>>,
    /// Free text.
    pub notes: Option<Option<String>>,
    /// The number itself, which is what a lead is: only its own is accepted.
    pub phone: Option<Option<String>>,
    /// `true` marks the number as not to be called, in all campaigns; the mark is not lifted here.
    pub do_not_call: Option<bool>,
}

/// A page of a campaign's leads.
///
/// # Errors
/// [`Error::NotFound`] when there is no such campaign.
pub async fn list(
    ctx: &Ctx,
    who: &Principal,
    campaign: CampaignId,
    status: Option<LeadStatus>,
    page: &PageQuery,
) -> Result<Page<Lead>, Error> {
    let campaign = crate::campaigns::get(ctx, who, campaign).await?;
    Ok(ctx.store.list_leads(who.tenant, &campaign, status, page).await?)
}

/// A lead of the asker's tenant.
///
/// # Errors
/// [`Error::NotFound`]; another tenant's is not found either.
pub async fn get(ctx: &Ctx, who: &Principal, id: LeadId) -> Result<Lead, Error> {
    who.require(Role::User)?;
    ctx.store
        .lead(who.tenant, id)
        .await?
        .ok_or(Error::NotFound(Kind::Lead))
}

/// Changes what is known of a lead, if its version is `fresh` to the client.
///
/// # Errors
/// [`Error::Invalid`] names each wrong field; what `fresh` says.
pub async fn update<E: From<Error>>(
    ctx: &Ctx,
    who: &Principal,
    id: LeadId,
    patch: &LeadPatch,
    fresh: impl Fn(u64) -> Result<(), E>,
) -> Result<Lead, E> {
    for _ in 0..TRIES {
        let old = get(ctx, who, id).await?;
        fresh(old.version)?;
        let mut new = patch.applied(old.clone())?;
        new.version += 1;
        new.updated_at = ctx.now();
        // The mark first: should this break off between the two, nobody is called who must not be.
        mark(ctx, &new, patch.do_not_call).await?;
        let waits = old.status == LeadStatus::Pending && !old.unsent;
        let written = if patch.do_not_call == Some(true) && waits {
            new.status = LeadStatus::Dnc;
            new.due_at = None;
            close(ctx, &new).await?
        } else if new.zone_key == old.zone_key {
            ctx.store.update_lead(&new).await
        } else {
            let shard = shard(ctx, &new).await?;
            ctx.store.move_lead_zone(&new, shard).await
        };
        match written {
            Ok(()) => return Ok(new),
            // The dialer was faster: its change is kept, ours is made on top.
            Err(error) if error.is_condition() => {}
            Err(error) => return Err(Error::from(error).into()),
        }
    }
    let what = "the lead is being changed by others; try again".to_owned();
    Err(Error::Unavailable {
        what,
        retry_after_s: 1,
    }
    .into())
}

const TRIES: usize = 8;

/// Whether the tenant is not to call a lead's number, whatever campaign it is in.
///
/// # Errors
/// When the store does not answer.
pub async fn is_marked(ctx: &Ctx, lead: &Lead) -> Result<bool, Error> {
    Ok(ctx.store.number(lead.tenant, &lead.phone).await?.dnc)
}

/// Writes a lead that waited and is not to be called any more, with its shard's counts.
async fn close(ctx: &Ctx, lead: &Lead) -> Result<trunkline_store::Result<()>, Error> {
    let shard = shard(ctx, lead).await?;
    Ok(ctx.store.move_lead(lead, LeadStatus::Pending, shard).await)
}

/// The shard of its campaign that dials it.
async fn shard(ctx: &Ctx, lead: &Lead) -> Result<u32, Error> {
    let campaign = ctx.store.campaign(lead.tenant, lead.campaign).await?;
    let shards = campaign.ok_or(Error::NotFound(Kind::Lead))?.shards.max(1);
    Ok(bucket(&lead.phone) % shards)
}

async fn mark(ctx: &Ctx, lead: &Lead, asked: Option<bool>) -> Result<(), Error> {
    match asked {
        // Boxed: few changes opt a number out, and every change would carry its size.
        Some(true) => {
            let opting_out = crate::dialing::opt_out::opt_out(ctx, lead.tenant, &lead.phone, "api");
            Box::pin(opting_out).await
        }
        Some(false) if is_marked(ctx, lead).await? => Err(Error::conflict(
            Kind::Lead,
            "this number asked not to be called; that is not lifted by changing a lead",
        )),
        Some(false) | None => Ok(()),
    }
}

impl LeadPatch {
    fn applied(&self, mut lead: Lead) -> Result<Lead, Error> {
        let mut errors = Vec::new();
        let mut text =
            |name: &str, field: &mut Option<String>, change: &Option<Option<String>>, most: usize| {
                let Some(change) = change else { return };
                *field = change
                    .as_deref()
                    .map(str::trim)
                    .filter(|text| !text.is_empty())
                    .map(str::to_owned);
                if field.as_ref().is_some_and(|text| text.chars().count() > most) {
                    errors.push(FieldError::new(
                        name,
                        format!("must be at most {most} characters"),
                    ));
                }
            };
        text("first_name", &mut lead.first_name, &self.first_name, 100);
        text("last_name", &mut lead.last_name, &self.last_name, 100);
        text("email", &mut lead.email, &self.email, 254);
        text("country", &mut lead.country, &self.country, 2);
        text("type", &mut lead.kind, &self.kind, 100);
        text("timezone", &mut lead.timezone, &self.timezone, 64);
        text("notes", &mut lead.notes, &self.notes, 5_000);
        if let Some(priority) = self.priority {
            lead.priority = priority.unwrap_or_default();
        }
        if let Some(fields) = &self.custom_fields {
            lead.custom_fields = fields.clone().unwrap_or_default();
        }
        errors.extend(self.wrong(&lead));
        if self.timezone.is_some() {
            let own = lead.timezone.as_deref().map(zones::read).transpose();
            match own {
                Ok(own) => lead.zone_key = zones::key_of(&lead.phone, own),
                Err(error) => errors.push(FieldError::new("timezone", error.to_string())),
            }
        }
        if errors.is_empty() {
            Ok(lead)
        } else {
            Err(Error::Invalid(errors))
        }
    }

    fn wrong(&self, lead: &Lead) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if let Some(phone) = &self.phone {
            let same = phone
                .as_deref()
                .is_some_and(|text| text.parse().is_ok_and(|phone| lead.phone == phone));
            if !same {
                let what =
                    "a lead is its number, which cannot change; add the other number as a lead of its own";
                errors.push(FieldError::phone("phone", what));
            }
        }
        if lead
            .email
            .as_deref()
            .is_some_and(|email| !email.contains('@') || email.contains(char::is_whitespace))
        {
            errors.push(FieldError::new(
                "email",
                "is not an e-mail address such as sara@example.com",
            ));
        }
        if lead
            .country
            .as_deref()
            .is_some_and(|c| c.len() != 2 || !c.bytes().all(|b| b.is_ascii_alphabetic()))
        {
            errors.push(FieldError::new(
                "country",
                "must be a two-letter country code such as US",
            ));
        }
        errors.extend(crate::free_form::check(
            "custom_fields",
            &lead.custom_fields,
            16_000,
        ));
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_domain::{ImportId, TenantId, id::derived};

    fn lead() -> Lead {
        let at = chrono::DateTime::UNIX_EPOCH;
        let phone: trunkline_domain::E164 = "+14155552671".parse().unwrap();
        Lead {
            id: LeadId(derived("lead")),
            tenant: TenantId(derived("tenant")),
            campaign: CampaignId(derived("campaign")),
            zone_key: zones::key_of(&phone, None),
            phone,
            first_name: Some("Sara".to_owned()),
            last_name: None,
            email: None,
            country: None,
            kind: None,
            timezone: None,
            priority: Priority::Normal,
            custom_fields: Map::new(),
            notes: None,
            status: LeadStatus::Pending,
            attempts: 0,
            unsent: false,
            due_at: Some(at),
            last_call_at: None,
            import: ImportId(derived("import")),
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }

    #[test]
    fn a_zone_of_its_own_moves_a_lead_to_that_zones_queue() {
        let patch = LeadPatch {
            timezone: Some(Some("Europe/London".to_owned())),
            ..LeadPatch::default()
        };
        let moved = patch.applied(lead()).unwrap();
        assert_eq!(moved.zone_key, "z:Europe/London|US-CA");
        let back = LeadPatch {
            timezone: Some(None),
            ..LeadPatch::default()
        };
        assert_eq!(
            back.applied(moved).unwrap().zone_key,
            "z:America/Los_Angeles|US-CA"
        );
    }

    #[test]
    fn what_is_absent_stays_and_null_clears() {
        let patch = LeadPatch {
            first_name: Some(None),
            last_name: Some(Some(" Ahmed ".to_owned())),
            ..LeadPatch::default()
        };
        let changed = patch.applied(lead()).unwrap();
        assert_eq!(
            (changed.first_name, changed.last_name.as_deref(), changed.email),
            (None, Some("Ahmed"), None)
        );
    }

    #[test]
    fn each_wrong_field_is_named() {
        let some = |text: &str| Some(Some(text.to_owned()));
        let patch = LeadPatch {
            email: some("nobody"),
            country: some("USA"),
            timezone: some("Mars/Olympus"),
            phone: some("+14155550000"),
            ..LeadPatch::default()
        };
        let Err(Error::Invalid(errors)) = patch.applied(lead()) else {
            panic!("wrong fields were taken")
        };
        let mut names: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
        names.dedup();
        assert_eq!(names, ["country", "phone", "email", "country", "timezone"]);
        let same = LeadPatch {
            phone: some("+1 415 555 2671"),
            ..LeadPatch::default()
        };
        assert!(same.applied(lead()).is_ok());
    }
}
