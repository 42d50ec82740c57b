//! Forms with files: `multipart/form-data`, read part by part as it comes, so that a file may be as large as its route says.

use std::{marker::PhantomData, time::Duration};

use aide::{
    OperationInput,
    generate::GenContext,
    openapi::{MediaType, Operation, RequestBody, SchemaObject},
    operation::set_body,
};
use axum::extract::{
    DefaultBodyLimit, FromRequest, Multipart, Request,
    multipart::{Field, MultipartError},
};
use bytes::Bytes;
use futures::{Stream, TryStreamExt};
use http::header;
use schemars::JsonSchema;
use trunkline_domain::Error;
use trunkline_service::Ctx;

use crate::Failure;

/// How long the rest of a form that was refused is listened to.
const PATIENCE: Duration = Duration::from_secs(10);

/// A form; `T` only says in the OpenAPI document which parts it has.
#[derive(Debug)]
pub struct Form<T> {
    parts: Multipart,
    of: PhantomData<fn() -> T>,
}

/// A part of a form.
#[derive(Debug)]
pub struct Part<'a>(Field<'a>);

impl<T> Form<T> {
    /// The next part; what was left of the one before is passed over.
    ///
    /// # Errors
    /// [`Error::Malformed`] when the form cannot be read further.
    pub async fn next(&mut self) -> Result<Option<Part<'_>>, Error> {
        let part = self.parts.next_field().await;
        Ok(part.map_err(|error| broken(&error))?.map(Part))
    }

    /// Takes what is left, for a while: a client that is still sending hears the answer only then.
    pub async fn pass_over(&mut self) {
        let rest = async { while let Ok(Some(_)) = self.parts.next_field().await {} };
        // Who sends for longer than this finds the connection closed.
        drop(tokio::time::timeout(PATIENCE, rest).await);
    }
}

impl<'a> Part<'a> {
    /// The name of its field.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name().unwrap_or_default()
    }

    /// Its text.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is longer than `most` bytes, or no text.
    pub async fn text(mut self, most: usize) -> Result<String, Error> {
        let name = self.name().to_owned();
        let mut bytes = Vec::new();
        while let Some(piece) = self.0.chunk().await.map_err(|error| broken(&error))? {
            if bytes.len() + piece.len() > most {
                return Err(Error::invalid(name, format!("must have at most {most} bytes")));
            }
            bytes.extend_from_slice(&piece);
        }
        String::from_utf8(bytes).map_err(|_| Error::invalid(name, "must be UTF-8 text"))
    }

    /// Its bytes, as they come.
    pub fn pieces(self) -> impl Stream<Item = Result<Bytes, Error>> + Send + use<'a> {
        self.0.map_err(|error| broken(&error))
    }
}

fn broken(error: &MultipartError) -> Error {
    Error::Malformed(format!("the form cannot be read: {}", error.body_text()))
}

impl<T> FromRequest<Ctx> for Form<T> {
    type Rejection = Failure;

    async fn from_request(mut request: Request, ctx: &Ctx) -> Result<Self, Failure> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let plain = kind.split(';').next().unwrap_or_default().trim();
        if !plain.eq_ignore_ascii_case("multipart/form-data") {
            let what = "this route reads multipart/form-data, as forms with files are sent";
            return Err(Error::UnsupportedMedia(what.to_owned()).into());
        }
        // A small text's limit would else hold for files.
        DefaultBodyLimit::disable().apply(&mut request);
        let parts = Multipart::from_request(request, ctx).await;
        let parts = parts
            .map_err(|error| Error::Malformed(format!("the form cannot be read: {}", error.body_text())))?;
        Ok(Self {
            parts,
            of: PhantomData,
        })
    }
}

impl<T: JsonSchema> OperationInput for Form<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let schema = SchemaObject {
            json_schema: ctx.schema.subschema_for::<T>(),
            external_docs: None,
            example: None,
        };
        let media = MediaType {
            schema: Some(schema),
            ..MediaType::default()
        };
        let body = RequestBody {
            content: [("multipart/form-data".to_owned(), media)].into_iter().collect(),
            required: true,
            ..RequestBody::default()
        };
        set_body(ctx, operation, body);
    }
}
