//! Calls as a file.

use aide::{OperationOutput, generate::GenContext, openapi};
use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use trunkline_domain::{Error, error::Kind};
use trunkline_http::{
    Accepted, DateRange, Failure, File, Member, PathText, Query, Reply, Result, Seconds, example,
};
use trunkline_service::{
    Ctx,
    exports::{self, Export, ExportState, Exported},
};

use uuid::Uuid;

use super::filters::Filters;

/// What is said of a large one.
pub(super) const LATER: &str = "The export is large and is being written; look at status_url";

/// A large export.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ExportBody {
    export_id: Uuid,
    /// `queued`, `running`, `ready` or `failed`.
    #[schemars(example = &"ready")]
    status: &'static str,
    /// Calls written so far.
    #[schemars(example = 1_000_000)]
    rows: u64,
    /// Bytes written so far.
    #[schemars(example = 180_000_000)]
    size_bytes: u64,
    /// Where this is asked for again.
    #[schemars(example = example::link("/analytics/export/{export_id}"))]
    status_url: String,
    /// Good without a token for 15 minutes; null before it is ready.
    #[schemars(example = example::link("/analytics/export/{export_id}/download?expires=1706525100&signature=…"))]
    download_url: Option<String>,
    created_at: Seconds,
    finished_at: Option<Seconds>,
    /// Why it failed, and what to do; null unless it has.
    failure: Option<String>,
}

impl ExportBody {
    fn of(ctx: &Ctx, export: &Export) -> Self {
        Self {
            export_id: export.id,
            status: match export.state {
                ExportState::Queued => "queued",
                ExportState::Running | ExportState::Closing => "running",
                ExportState::Ready => "ready",
                ExportState::Failed => "failed",
            },
            rows: export.rows,
            size_bytes: export.bytes,
            status_url: format!("{}{}", ctx.settings.public_url, exports::status_path(export.id)),
            download_url: exports::download_url(ctx, export),
            created_at: Seconds(export.created_at),
            finished_at: export.finished_at.map(Seconds),
            failure: export.failure.clone(),
        }
    }
}

/// The file, or a promise of it.
#[derive(Debug)]
pub(super) enum Answer {
    File(File),
    Later(Accepted<ExportBody>),
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::File(file) => file.into_response(),
            Self::Later(later) => later.into_response(),
        }
    }
}

impl OperationOutput for Answer {
    type Inner = ExportBody;

    fn operation_response(
        ctx: &mut GenContext,
        operation: &mut openapi::Operation,
    ) -> Option<openapi::Response> {
        File::operation_response(ctx, operation)
    }

    fn inferred_responses(
        ctx: &mut GenContext,
        operation: &mut openapi::Operation,
    ) -> Vec<(Option<u16>, openapi::Response)> {
        let mut responses = File::inferred_responses(ctx, operation);
        responses.extend(Accepted::<ExportBody>::inferred_responses(ctx, operation));
        responses
    }
}

pub(super) async fn export(
    State(ctx): State<Ctx>,
    Member(by): Member,
    Query(filters): Query<Filters>,
    dates: DateRange,
) -> Result<Answer> {
    Ok(
        match exports::export(&ctx, &by, &filters.question(&dates)).await? {
            Exported::File(lines, size) => {
                let file =
                    File::new("text/csv; charset=utf-8", Body::from_stream(lines)).download("calls.csv");
                Answer::File(match size {
                    Some(bytes) => file.length(bytes),
                    None => file,
                })
            }
            Exported::Later(export) => {
                Answer::Later(Accepted::new(ExportBody::of(&ctx, &export)).message(LATER))
            }
        },
    )
}

pub(super) async fn status(
    State(ctx): State<Ctx>,
    Member(by): Member,
    PathText(id): PathText,
) -> Result<Reply<ExportBody>> {
    let export = exports::get(&ctx, &by, export_id(&id)?).await?;
    Ok(Reply::new(ExportBody::of(&ctx, &export)))
}

/// What a signed link carries.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Signed {
    /// When the link ends, in epoch seconds.
    expires: Option<i64>,
    /// Its signature.
    signature: Option<String>,
}

pub(super) async fn download(
    State(ctx): State<Ctx>,
    by: std::result::Result<Member, Failure>,
    PathText(id): PathText,
    Query(signed): Query<Signed>,
) -> Result<File> {
    let id = export_id(&id);
    let export = match (signed.expires, signed.signature) {
        (Some(expires), Some(signature)) => {
            let id = id?;
            let path = exports::download_path(id);
            ctx.keys
                .verify_path(&path, expires, &signature, ctx.now())
                .map_err(Error::from)?;
            exports::get_signed(&ctx, id).await?
        }
        _ => exports::get(&ctx, &by?.0, id?).await?,
    };
    let lines = exports::open(&ctx, &export).await?;
    Ok(File::new("text/csv; charset=utf-8", Body::from_stream(lines))
        .download("calls.csv")
        .length(export.bytes))
}

fn export_id(text: &str) -> Result<Uuid> {
    let id = text.parse().ok().filter(|_| text.len() == 36);
    Ok(id.ok_or(Error::NotFound(Kind::Export))?)
}
