//! A list on its way in.

use std::{collections::BTreeMap, sync::Arc};

use aide::{OperationOutput, generate::GenContext, openapi};
use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use trunkline_auth::Principal;
use trunkline_domain::{CampaignId, Error, FieldError, ImportId};
use trunkline_http::{Accepted, Failure, Form, Member, NewId, Reply, Result};
use trunkline_service::{
    Ctx,
    imports::{self, Import, ImportState, NewImport, Received},
};
use uuid::Uuid;

use super::body::Uploaded;

/// What is said of a list that is in.
pub(super) const DONE: &str = "CSV processed successfully";
const LATER: &str = "The file is being imported; look at /api/imports/{import_id}";
const STOPPED: &str = "The import ended before its last row; look at /api/imports/{import_id}";

/// What the document says beside the parts.
pub(super) const DESCRIPTION: &str = "Imports a list of leads: comma, semicolon, tab or bar separated, UTF-8, UTF-16 or Windows-1252. A file of up to 1,000 rows and \
256,000 bytes is imported before the answer (200); a larger one after it (202). A row whose number the campaign has already changes \
nothing. With an `Idempotency-Key` the key alone tells whether a request is the same: a file that is sent again under it is not compared.";

/// Files that one process takes in at once. Each holds up to two parts of 5 MB, and may come slowly.
const AT_ONCE: usize = 8;
/// After how long a client may come again when there are as many already.
const COME_AGAIN_S: u32 = 5;

/// The right to take a file in, of which a process has so many.
#[derive(Debug, Clone)]
pub(super) struct Uploads(Arc<Semaphore>);

impl Default for Uploads {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Uploads {
    /// One more, for as long as the answer is held.
    fn begin(&self) -> Result<OwnedSemaphorePermit> {
        Arc::clone(&self.0).try_acquire_owned().map_err(|_| {
            let what =
                format!("{AT_ONCE} lists are being uploaded here already; upload this one again in a moment");
            let error = Error::Unavailable {
                what,
                retry_after_s: COME_AGAIN_S,
            };
            Failure::from(error)
        })
    }
}

/// The most bytes of a part that is no file.
const TEXT_BYTES: usize = 65_536;

/// The form's parts, in any order.
#[derive(Debug, JsonSchema)]
#[expect(dead_code, reason = "the parts are read as they come; this documents them")]
pub(super) struct UploadForm {
    /// The list: its first row names the columns, one of them `phone`.
    #[schemars(extend("format" = "binary"))]
    file: String,
    /// Whose leads they become.
    campaign_id: Uuid,
    /// A JSON object: the file's names of columns and the lead's fields that they are. What is not named becomes a custom field.
    #[schemars(example = &r#"{"First Name": "first_name", "Phone Number": "phone"}"#)]
    field_mapping: Option<String>,
}

/// Imported, or on its way.
#[derive(Debug)]
pub(super) enum Answer {
    Done(Reply<Uploaded>),
    Later(Accepted<Uploaded>),
}

pub(super) async fn upload(
    State(ctx): State<Ctx>,
    Extension(uploads): Extension<Uploads>,
    Member(by): Member,
    new: NewId,
    mut form: Form<UploadForm>,
) -> Result<Answer> {
    let id = ImportId(new.id);
    let _one_of_few = match uploads.begin() {
        Ok(permit) => permit,
        Err(failure) => {
            form.pass_over().await;
            return Err(failure);
        }
    };
    let mut parts = Parts::default();
    let read = parts.read(&ctx, &by, id, &mut form).await;
    let asked = match read {
        Ok(()) => parts.asked(&ctx, id).await,
        Err(failure) => {
            parts.discard(&ctx).await;
            Err(failure)
        }
    };
    let asked = match asked {
        Ok(asked) => asked,
        Err(failure) => {
            form.pass_over().await;
            return Err(failure);
        }
    };
    let import = imports::start(&ctx, &by, asked).await?;
    let errors = imports::errors(&ctx, &import).await?;
    Ok(Answer::of(&import, Uploaded::new(&import, errors)))
}

/// What came of the form so far.
#[derive(Default)]
struct Parts {
    file: Option<Received>,
    campaign: Option<String>,
    mapping: Option<String>,
}

impl Parts {
    async fn read(
        &mut self,
        ctx: &Ctx,
        by: &Principal,
        id: ImportId,
        form: &mut Form<UploadForm>,
    ) -> Result<()> {
        while let Some(part) = form.next().await? {
            match part.name() {
                "file" if self.file.is_some() => {
                    return Err(Failure::invalid(
                        "file",
                        "it is given twice; upload one file at a time",
                    ));
                }
                "file" => {
                    let received = imports::receive(ctx, by.tenant, id, part.pieces()).await?;
                    self.file = Some(received);
                }
                "campaign_id" => self.campaign = Some(part.text(TEXT_BYTES).await?),
                "field_mapping" => self.mapping = Some(part.text(TEXT_BYTES).await?),
                _ => {}
            }
        }
        Ok(())
    }

    /// What is to be imported; all that is wrong with the parts otherwise.
    async fn asked(self, ctx: &Ctx, id: ImportId) -> Result<NewImport> {
        let mut errors = Vec::new();
        let mut wrong = |field: &str, what: &str| errors.push(FieldError::new(field, what));
        let campaign = match self.campaign.as_deref().map(str::trim) {
            None => {
                wrong("campaign_id", "it is required; say whose leads they become");
                None
            }
            Some(text) => {
                let id = text.parse::<CampaignId>().ok();
                if id.is_none() {
                    wrong("campaign_id", "it is no id of a campaign");
                }
                id
            }
        };
        let mapping = mapping(self.mapping.as_deref());
        if mapping.is_none() {
            wrong(
                "field_mapping",
                "it must be a JSON object of column names and fields, such as {\"Phone Number\": \"phone\"}",
            );
        }
        if self.file.is_none() {
            wrong(
                "file",
                "it is required: the list, as a part of the form named `file`",
            );
        }
        match (self.file, campaign, mapping) {
            (Some(file), Some(campaign), Some(mapping)) => Ok(NewImport {
                id,
                campaign,
                mapping,
                file,
            }),
            (file, _, _) => {
                if let Some(file) = file {
                    file.discard(ctx).await;
                }
                Failure::check(errors)?;
                Err(Failure::invalid("form", "it cannot be read"))
            }
        }
    }

    async fn discard(&self, ctx: &Ctx) {
        if let Some(file) = &self.file {
            file.discard(ctx).await;
        }
    }
}

/// The mapping; an empty part is none at all.
fn mapping(text: Option<&str>) -> Option<BTreeMap<String, String>> {
    let text = text.unwrap_or_default().trim();
    if text.is_empty() {
        return Some(BTreeMap::new());
    }
    serde_json::from_str::<Option<BTreeMap<String, String>>>(text)
        .ok()
        .map(Option::unwrap_or_default)
}

impl Answer {
    fn of(import: &Import, body: Uploaded) -> Self {
        match import.state {
            ImportState::Completed => Self::Done(Reply::new(body).message(DONE)),
            ImportState::Failed => {
                let why = import.reason.clone();
                Self::Done(Reply::new(body).message(why.unwrap_or_else(|| STOPPED.to_owned())))
            }
            ImportState::Queued | ImportState::Running => Self::Later(Accepted::new(body).message(LATER)),
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Done(done) => done.into_response(),
            Self::Later(later) => later.into_response(),
        }
    }
}

impl OperationOutput for Answer {
    type Inner = Uploaded;

    fn operation_response(
        ctx: &mut GenContext,
        operation: &mut openapi::Operation,
    ) -> Option<openapi::Response> {
        Reply::<Uploaded>::operation_response(ctx, operation)
    }

    fn inferred_responses(
        ctx: &mut GenContext,
        operation: &mut openapi::Operation,
    ) -> Vec<(Option<u16>, openapi::Response)> {
        let mut responses = Reply::<Uploaded>::inferred_responses(ctx, operation);
        responses.extend(Accepted::<Uploaded>::inferred_responses(ctx, operation));
        responses
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_is_an_object_of_texts_or_nothing() {
        assert_eq!(mapping(None), Some(BTreeMap::new()));
        assert_eq!(mapping(Some(" ")), Some(BTreeMap::new()));
        assert_eq!(mapping(Some("null")), Some(BTreeMap::new()));
        assert_eq!(mapping(Some(r#"{"Cell": "phone"}"#)).unwrap()["Cell"], "phone");
        for wrong in ["{", "[]", "1", r#"{"Cell": 1}"#, r#""phone""#] {
            assert_eq!(mapping(Some(wrong)), None, "{wrong}");
        }
    }
}
