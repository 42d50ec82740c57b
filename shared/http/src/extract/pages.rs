//! Which part of a list is asked for, in each document's words. Out of range is an error that says the range.

use aide::{
    OperationInput,
    generate::GenContext,
    openapi::Operation,
    operation::{ParamLocation, add_parameters, parameters_from_schema},
};
use axum::extract::FromRequestParts;
use http::request::Parts;
use schemars::JsonSchema;
use trunkline_domain::{Error, page::PageQuery};

use super::query::pairs;
use crate::Failure;

/// How far `skip` reaches; further on there is the cursor.
const REACH: i64 = 10_000;

/// The most rows of a page.
const LIMIT_MAX: i64 = 100;

macro_rules! pagings {
    ($($(#[$doc:meta])* $name:ident: $params:ident, $read:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name(pub PageQuery);

        impl<S: Sync> FromRequestParts<S> for $name {
            type Rejection = Failure;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
                let read: fn(&[(String, String)]) -> Result<PageQuery, Error> = $read;
                Ok(Self(read(&pairs(parts.uri.query().unwrap_or_default()))?))
            }
        }

        impl OperationInput for $name {
            fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
                let schema = <$params as JsonSchema>::json_schema(&mut ctx.schema);
                let parameters = parameters_from_schema(ctx, schema, ParamLocation::Query);
                add_parameters(ctx, operation, parameters);
            }
        }
    )*};
}

pagings! {
    /// VoiceERA's: `skip` (0), `limit` (10, at most 100), `cursor`.
    Paging: SkipLimit, |pairs| offset_page(pairs, "skip", 10);
    /// The Dialer's: `offset` (0), `limit` (50, at most 100), `cursor`.
    DialerPaging: OffsetLimit, |pairs| offset_page(pairs, "offset", 50);
    /// That of `/api/v1`: `page` (1), `limit` (10, at most 100), `cursor`.
    V1Paging: PageLimit, |pairs| numbered_page(pairs, 10);
}

impl V1Paging {
    /// With another default limit, where the document has one: the query as it came, and the limit.
    ///
    /// # Errors
    /// As the extractor's.
    pub fn with_default(query: &str, limit: i64) -> Result<PageQuery, Error> {
        numbered_page(&pairs(query), limit)
    }
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used: it documents the parameters")]
struct SkipLimit {
    /// Rows to skip; 0 to 10,000.
    skip: Option<u32>,
    /// Rows to answer; 1 to 100, 10 unless given.
    limit: Option<u32>,
    /// The last page's `next_cursor`, instead of `skip`.
    cursor: Option<String>,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used: it documents the parameters")]
struct OffsetLimit {
    /// Rows to skip; 0 to 10,000.
    offset: Option<u32>,
    /// Rows to answer; 1 to 100, 50 unless given.
    limit: Option<u32>,
    /// The last page's `next_cursor`, instead of `offset`.
    cursor: Option<String>,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used: it documents the parameters")]
struct PageLimit {
    /// The page, from 1.
    page: Option<u32>,
    /// Rows to answer; 1 to 100, 10 unless given.
    limit: Option<u32>,
    /// The last page's `next_cursor`, instead of `page`.
    cursor: Option<String>,
}

fn offset_page(pairs: &[(String, String)], offset: &str, limit: i64) -> Result<PageQuery, Error> {
    let limit = number(pairs, "limit", limit, 1, LIMIT_MAX)?;
    let skip = number(pairs, offset, 0, 0, REACH)?;
    page(pairs, offset, skip, limit)
}

fn numbered_page(pairs: &[(String, String)], limit: i64) -> Result<PageQuery, Error> {
    let limit = number(pairs, "limit", limit, 1, LIMIT_MAX)?;
    let number = number(pairs, "page", 1, 1, i64::MAX)?;
    page(pairs, "page", (number - 1).saturating_mul(limit), limit)
}

fn page(pairs: &[(String, String)], offset: &str, skip: i64, limit: i64) -> Result<PageQuery, Error> {
    if skip.saturating_add(limit) > REACH {
        let what = format!("it reaches beyond row {REACH}; go on with `cursor`, the last page's next_cursor");
        return Err(Error::invalid(offset, what));
    }
    let number = |value: i64| u32::try_from(value).unwrap_or(u32::MAX);
    let cursor = value(pairs, "cursor").map(str::to_owned);
    Ok(PageQuery {
        skip: number(skip),
        limit: number(limit),
        cursor,
    })
}

fn number(pairs: &[(String, String)], name: &str, default: i64, least: i64, most: i64) -> Result<i64, Error> {
    let Some(text) = value(pairs, name) else {
        return Ok(default);
    };
    let range = if most == i64::MAX {
        format!("{least} or more")
    } else {
        format!("{least} to {most}")
    };
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::Malformed(format!(
            "`{name}` must be a whole number, {range}, not `{text}`"
        )));
    }
    // What does not fit is far out of range, on one side or the other.
    let number = text
        .parse::<i64>()
        .unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX });
    if (least..=most).contains(&number) {
        return Ok(number);
    }
    Err(Error::invalid(name, format!("it must be {range}, not {text}")))
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voiceera(query: &str) -> Result<PageQuery, Error> {
        offset_page(&pairs(query), "skip", 10)
    }

    #[test]
    fn what_is_not_given_has_the_documents_default() {
        assert_eq!(
            voiceera("").unwrap(),
            PageQuery {
                skip: 0,
                limit: 10,
                cursor: None
            }
        );
        assert_eq!(
            numbered_page(&pairs("page=3"), 10).unwrap(),
            PageQuery {
                skip: 20,
                limit: 10,
                cursor: None
            }
        );
        assert_eq!(
            offset_page(&pairs("cursor=abc"), "offset", 50)
                .unwrap()
                .cursor
                .as_deref(),
            Some("abc")
        );
    }

    #[test]
    fn out_of_range_is_an_error_that_says_the_range() {
        for query in [
            "limit=0",
            "limit=101",
            "limit=-5",
            "skip=-1",
            "skip=10001",
            "limit=99999999999999999999",
        ] {
            assert!(matches!(voiceera(query), Err(Error::Invalid(_))), "{query}");
        }
        assert!(
            voiceera("limit=101")
                .unwrap_err()
                .to_string()
                .contains("1 to 100")
        );
        assert!(
            voiceera("skip=9995")
                .unwrap_err()
                .to_string()
                .contains("next_cursor")
        );
        assert!(matches!(
            numbered_page(&pairs("page=1001"), 10),
            Err(Error::Invalid(_))
        ));
        assert!(matches!(
            numbered_page(&pairs("page=0"), 10),
            Err(Error::Invalid(_))
        ));
    }

    #[test]
    fn what_is_no_number_cannot_be_read() {
        for query in ["limit=ten", "skip=1.5", "limit=-", "skip=%2B1"] {
            assert!(matches!(voiceera(query), Err(Error::Malformed(_))), "{query}");
        }
    }
}
