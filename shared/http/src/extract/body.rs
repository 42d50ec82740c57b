//! JSON bodies: unreadable is 400, readable but wrong is 422 with the field's name.

use aide::{
    OperationInput,
    generate::GenContext,
    openapi::{MediaType, Operation, RequestBody, SchemaObject},
    operation::set_body,
};
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use schemars::JsonSchema;
use serde::de::{DeserializeOwned, IgnoredAny};
use trunkline_domain::Error;
use trunkline_service::Ctx;

use super::problem::field_error;
use crate::Failure;

/// The most bytes of a JSON body.
const LIMIT: usize = 1_048_576;

/// The most bytes of a JSON body: 1 MiB.
#[must_use]
pub const fn body_limit() -> usize {
    LIMIT
}

/// A JSON object, read into `T`. Unknown fields are ignored; an empty body is `{}`.
#[derive(Debug, Clone)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Ctx> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &Ctx) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        content_type(&parts.headers)?;
        let bytes = collect(&parts.headers, body).await?;
        Ok(Self(read(&bytes)?))
    }
}

impl<T: JsonSchema> OperationInput for Body<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let json_schema = ctx.schema.subschema_for::<T>();
        let schema = SchemaObject {
            json_schema,
            external_docs: None,
            example: None,
        };
        let media = MediaType {
            schema: Some(schema),
            ..MediaType::default()
        };
        let body = RequestBody {
            content: [("application/json".to_owned(), media)].into_iter().collect(),
            required: true,
            ..RequestBody::default()
        };
        set_body(ctx, operation, body);
    }
}

/// A missing content type counts as JSON; another one is refused, as is a compressed body.
fn content_type(headers: &HeaderMap) -> Result<(), Error> {
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Error::UnsupportedMedia(
            "a compressed body is not read; send it without Content-Encoding".to_owned(),
        ));
    }
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return Ok(());
    };
    let kind = value
        .to_str()
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if kind.is_empty()
        || kind == "application/json"
        || (kind.starts_with("application/") && kind.ends_with("+json"))
    {
        return Ok(());
    }
    Err(Error::UnsupportedMedia(format!(
        "this route reads application/json, not {kind}"
    )))
}

/// A body's bytes, up to the limit.
pub(crate) async fn collect(headers: &HeaderMap, body: axum::body::Body) -> Result<Bytes, Error> {
    let limit_bytes = u64::try_from(LIMIT).unwrap_or(u64::MAX);
    let too_large = || Error::TooLarge { limit_bytes };
    let said = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if said.is_some_and(|bytes| bytes > limit_bytes) {
        return Err(too_large());
    }
    match Limited::new(body, LIMIT).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(error) => match error.downcast::<axum::Error>() {
            // The guard may have wrapped a body that it read already; what is limited there is limited here.
            Ok(inner) if is_too_large(&inner) => Err(too_large()),
            _ => Err(Error::Malformed("the body broke off before its end".to_owned())),
        },
    }
}

fn is_too_large(error: &axum::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    for _ in 0..8 {
        match cause {
            Some(inner) if inner.is::<LengthLimitError>() => return true,
            Some(inner) => cause = inner.source(),
            None => return false,
        }
    }
    false
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    // Also in what is ignored: JSON is UTF-8.
    if let Err(error) = std::str::from_utf8(bytes) {
        let at = error.valid_up_to();
        return Err(Error::Malformed(format!(
            "the body is not UTF-8: byte {at} is wrong"
        )));
    }
    let bytes = if bytes.iter().all(u8::is_ascii_whitespace) {
        b"{}"
    } else {
        bytes
    };
    let malformed = |error: &serde_json::Error| Error::Malformed(format!("the body is not JSON: {error}"));
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(match serde_json::from_slice::<IgnoredAny>(bytes) {
            Ok(_) => Error::invalid("body", "it must be a JSON object"),
            Err(error) => malformed(&error),
        });
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        // A field may be wrong before the place where the text stops being JSON: then it is no JSON in the first place.
        match serde_json::from_slice::<IgnoredAny>(bytes) {
            Ok(_) => Error::Invalid(vec![field_error(&path, &inner.to_string())]),
            Err(error) => malformed(&error),
        }
    })?;
    json.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Form {
        name: Option<String>,
        #[serde(default)]
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Inner {
        count: u32,
    }

    fn wrong(text: &str) -> String {
        match read::<Form>(text.as_bytes()) {
            Err(Error::Invalid(fields)) => fields[0].field.clone(),
            Err(Error::Malformed(_)) => "malformed".to_owned(),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn unreadable_and_wrong_are_told_apart() {
        for text in [
            "{",
            "nope",
            "{\"name\": 5",
            "{} {}",
            "\u{feff}{}",
            "{\"name\": \"\u{1}\"}",
            "[",
            "{'name': 1}",
        ] {
            assert_eq!(wrong(text), "malformed", "{text}");
        }
        assert_eq!(wrong("[]"), "body");
        assert_eq!(wrong("null"), "body");
        assert_eq!(wrong("{\"name\": 5}"), "name");
        assert_eq!(wrong("{\"inner\": {}}"), "inner.count");
        assert_eq!(wrong("{\"inner\": {\"count\": -1}}"), "inner.count");
        assert_eq!(wrong("{\"name\": \"a\", \"name\": \"b\"}"), "name");
    }

    #[test]
    fn what_is_no_utf_8_is_no_json_wherever_it_stands() {
        for bytes in [
            &b"{\"name\": \"\xff\"}"[..],
            b"{\"else\": \"\xc3\x28\"}",
            b"\xfe\xff",
        ] {
            assert!(matches!(read::<Form>(bytes), Err(Error::Malformed(what)) if what.contains("UTF-8")));
        }
    }

    #[test]
    fn an_empty_body_is_an_empty_object_and_unknown_fields_are_ignored() {
        assert_eq!(
            read::<Form>(b" ").unwrap(),
            Form {
                name: None,
                inner: None
            }
        );
        assert_eq!(
            read::<Form>(b"{\"else\": [1, {}]}").unwrap(),
            Form {
                name: None,
                inner: None
            }
        );
    }

    #[test]
    fn only_json_is_read() {
        let of = |kind: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, http::HeaderValue::from_static(kind));
            content_type(&headers).is_ok()
        };
        assert!(
            of("application/json; charset=utf-8")
                && of("APPLICATION/JSON")
                && of("application/merge-patch+json")
        );
        assert!(
            !of("text/plain")
                && !of("application/x-www-form-urlencoded")
                && !of("multipart/form-data; boundary=x")
        );
    }
}
