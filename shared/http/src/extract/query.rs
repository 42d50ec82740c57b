//! Query parameters. Unknown ones are ignored, empty ones count as not given.

use aide::{
    OperationInput,
    generate::GenContext,
    openapi::Operation,
    operation::{ParamLocation, add_parameters, parameters_from_schema},
};
use axum::extract::FromRequestParts;
use http::request::Parts;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use trunkline_domain::{E164, Error};

use super::problem::field_error;
use crate::Failure;

/// The query's parameters, read into `T`. A number or truth value that is none is 400, any other wrong value 422.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(Self(read(parts.uri.query().unwrap_or_default())?))
    }
}

impl<T: JsonSchema> OperationInput for Query<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let schema = ctx.schema.subschema_for::<T>();
        let parameters = parameters_from_schema(ctx, schema, ParamLocation::Query);
        add_parameters(ctx, operation, parameters);
    }
}

/// The query's parameters in order, those without a value left out.
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    let mut pairs = serde_urlencoded::from_str::<Vec<(String, String)>>(query).unwrap_or_default();
    pairs.retain(|(_, value)| !value.is_empty());
    pairs
}

fn read<T: DeserializeOwned>(query: &str) -> Result<T, Error> {
    let given = serde_urlencoded::to_string(pairs(query)).unwrap_or_default();
    let parsed = serde_urlencoded::Deserializer::new(form(&given));
    serde_path_to_error::deserialize(parsed).map_err(|error| {
        let path = error.path().to_string();
        let message = error.into_inner().to_string();
        let field = field_error(&path, &message);
        if is_unreadable(&message) {
            Error::Malformed(format!("`{}`: {}", field.field, field.what))
        } else {
            Error::Invalid(vec![field])
        }
    })
}

fn form(text: &str) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(text.as_bytes())
}

fn is_unreadable(message: &str) -> bool {
    [
        "invalid digit",
        "invalid type",
        "number too",
        "cannot parse",
        "invalid float",
        "was not `true`",
    ]
    .iter()
    .any(|start| message.contains(start))
}

/// What a choice may be: the word in the query, and what it means.
pub type Choice<T> = (&'static str, T);

/// A filter's or a field's value among the allowed words; `-` and `_` are the same, and so is case.
///
/// # Errors
/// [`Error::Invalid`] on `field` lists the allowed words.
pub fn choose<T: Clone>(field: &str, text: &str, allowed: &[Choice<T>]) -> Result<T, Error> {
    let plain = |word: &str| word.trim().to_ascii_lowercase().replace('-', "_");
    let asked = plain(text);
    allowed
        .iter()
        .find(|(word, _)| plain(word) == asked)
        .map(|(_, value)| value.clone())
        .ok_or_else(|| {
            let words: Vec<&str> = allowed.iter().map(|(word, _)| *word).collect();
            Error::invalid(
                field,
                format!("`{text}` is not known; allowed: {}", words.join(", ")),
            )
        })
}

/// A phone filter: a leading space is a `+` that was not encoded.
///
/// # Errors
/// [`Error::Invalid`] on `field` when it is no phone number.
pub fn phone_filter(field: &str, text: &str) -> Result<E164, Error> {
    let text = if text.starts_with(' ') {
        format!("+{}", text.trim())
    } else {
        text.to_owned()
    };
    text.parse().map_err(|error: trunkline_domain::phone::NotE164| {
        Error::Invalid(vec![trunkline_domain::FieldError::phone(
            field,
            error.to_string(),
        )])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Filter {
        search: Option<String>,
        days: Option<u32>,
        kind: Option<Kind>,
        agent_id: Option<uuid::Uuid>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        One,
        Two,
    }

    #[test]
    fn empty_and_unknown_parameters_are_not_given() {
        let filter: Filter = read("search=&days=&other=1&kind=two").unwrap();
        assert!(filter.search.is_none() && filter.days.is_none() && filter.agent_id.is_none());
        assert_eq!(filter.kind, Some(Kind::Two));
    }

    #[test]
    fn a_number_that_is_none_is_unreadable_and_a_word_that_is_none_is_wrong() {
        assert!(
            matches!(read::<Filter>("days=soon"), Err(Error::Malformed(what)) if what.contains("`days`"))
        );
        let Err(Error::Invalid(fields)) = read::<Filter>("kind=three") else {
            panic!()
        };
        assert_eq!(
            (fields[0].field.as_str(), fields[0].what.as_str()),
            ("kind", "`three` is not known; allowed: one, two")
        );
        assert!(
            matches!(read::<Filter>("agent_id=42"), Err(Error::Invalid(fields)) if fields[0].field == "agent_id")
        );
    }

    #[test]
    fn choices_take_both_spellings_and_list_what_is_allowed() {
        let allowed = [("no_answer", 1), ("in-progress", 2)];
        assert_eq!(choose("status", "no-answer", &allowed).unwrap(), 1);
        assert_eq!(choose("status", "in_progress", &allowed).unwrap(), 2);
        let error = choose("status", "gone", &allowed).unwrap_err();
        assert!(
            error.to_string().contains("allowed: no_answer, in-progress"),
            "{error}"
        );
    }

    #[test]
    fn a_plus_that_was_not_encoded_is_still_a_plus() {
        assert_eq!(
            phone_filter("phone_number", " 14155550100").unwrap().as_str(),
            "+14155550100"
        );
        assert!(phone_filter("phone_number", "14155550100").is_err());
    }
}
