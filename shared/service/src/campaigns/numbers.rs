//! A campaign's phone numbers: read, checked, made leads.

use std::collections::HashSet;

use trunkline_domain::{Campaign, E164, Error, FieldError, ImportId, Lead, LeadId, LeadStatus, TenantId};

use crate::Ctx;

use super::check::NUMBERS_MAX;

/// How many of its numbers a campaign shows.
pub const NUMBERS_SHOWN: usize = 1_000;
/// How many wrong numbers one answer names.
const ERRORS_SHOWN: usize = 100;
/// Leads that are made before the next are prepared.
const CHUNK: usize = 900;

/// Reads numbers as people write them; a national one with the tenant's country. Repeated ones count once.
///
/// # Errors
/// [`Error::Invalid`] names each wrong one by its place: `phone_numbers[3]`.
pub(super) fn read(texts: &[String], country: Option<&str>) -> Result<Vec<E164>, Error> {
    if texts.len() > NUMBERS_MAX {
        let what = format!(
            "at most {NUMBERS_MAX} numbers in one request, not {}; import more from a file",
            texts.len()
        );
        return Err(Error::invalid("phone_numbers", what));
    }
    let mut errors = Vec::new();
    let mut seen = HashSet::new();
    let mut numbers = Vec::with_capacity(texts.len());
    for (at, text) in texts.iter().enumerate() {
        match E164::read(text, country) {
            Ok(number) => {
                if seen.insert(number.clone()) {
                    numbers.push(number);
                }
            }
            Err(wrong) => {
                errors.push(FieldError::phone(
                    format!("phone_numbers[{at}]"),
                    wrong.to_string(),
                ));
                if errors.len() == ERRORS_SHOWN {
                    break;
                }
            }
        }
    }
    if errors.is_empty() {
        Ok(numbers)
    } else {
        Err(Error::Invalid(errors))
    }
}

/// The tenant's country, for national numbers.
pub(crate) async fn country(ctx: &Ctx, tenant: TenantId) -> Result<Option<String>, Error> {
    Ok(ctx.store.tenant(tenant).await?.and_then(|tenant| tenant.country))
}

/// Makes leads of the numbers; those that the campaign has already stay as they are. Numbers that
/// are not to be called are kept as such, so that nobody wonders where they went.
pub(super) async fn insert(ctx: &Ctx, campaign: &Campaign, numbers: &[E164]) -> Result<u64, Error> {
    let mut inserted = 0;
    for chunk in numbers.chunks(CHUNK) {
        let marked = ctx.store.not_to_call(campaign.tenant, chunk).await?;
        let leads: Vec<Lead> = chunk
            .iter()
            .map(|phone| lead(ctx, campaign, phone, marked.contains(phone)))
            .collect();
        inserted += ctx.store.insert_leads(campaign, &leads).await?.inserted;
    }
    Ok(inserted)
}

fn lead(ctx: &Ctx, campaign: &Campaign, phone: &E164, not_to_call: bool) -> Lead {
    // The numbers of a request are the campaign's first import.
    let import = ImportId(campaign.id.0);
    let lead = Lead::waiting(campaign, LeadId(ctx.ids.uuid()), import, phone.clone(), ctx.now());
    if not_to_call {
        return Lead {
            status: LeadStatus::Dnc,
            due_at: None,
            ..lead
        };
    }
    lead
}

/// The numbers as the campaign shows them.
pub(super) fn shown(numbers: &[E164]) -> Vec<String> {
    numbers.iter().take(NUMBERS_SHOWN).map(E164::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn a_number_written_twice_is_one_lead() {
        let numbers = read(&texts(&["+1 415 555 0100", "+14155550100", "+14155550101"]), None).unwrap();
        assert_eq!(numbers.len(), 2);
    }

    #[test]
    fn each_wrong_number_is_named_by_its_place() {
        let Err(Error::Invalid(errors)) = read(&texts(&["+14155550100", "hello", "", "+1234567890"]), None)
        else {
            panic!("wrong numbers were taken")
        };
        assert_eq!(
            errors.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(),
            ["phone_numbers[1]", "phone_numbers[2]"]
        );
        assert!(errors.iter().all(|e| e.phone && !e.what.is_empty()));
    }

    #[test]
    fn a_national_number_needs_the_tenants_country() {
        assert!(read(&texts(&["(415) 555-2671"]), None).is_err());
        assert_eq!(
            read(&texts(&["(415) 555-2671"]), Some("US")).unwrap()[0].as_str(),
            "+14155552671"
        );
    }

    #[test]
    fn one_request_takes_ten_thousand_and_no_more() {
        let many: Vec<String> = (0..=NUMBERS_MAX).map(|n| format!("+1415{n:07}")).collect();
        assert!(read(&many, None).unwrap_err().to_string().contains("10000"));
        assert_eq!(read(&many[..NUMBERS_MAX], None).unwrap().len(), NUMBERS_MAX);
    }
}
