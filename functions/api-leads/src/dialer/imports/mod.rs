//! Lists of leads: uploaded, watched, and what was wrong with them.

mod body;
mod upload;

use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::{Extension, body::Body, extract::State};
use schemars::JsonSchema;
use serde::Serialize;
use trunkline_domain::ImportId;
use trunkline_http::{File, Member, PathId, Reply, Result, says};
use trunkline_service::{Ctx, imports};

use body::ImportBody;
use upload::Uploads;

const ERRORS: &str = "A line for each wrong field (`invalid`), each row whose number the campaign or an earlier row has (`duplicate`) and each \
whose number is not to be called (`dnc`), in the file's order: `row,field,value,error,result`.";

pub(super) fn router() -> ApiRouter<Ctx> {
    ApiRouter::new()
        .api_route(
            "/api/leads/upload",
            post_with(upload::upload, |op| {
                op.summary("Upload CSV")
                    .description(upload::DESCRIPTION)
                    .with(says(upload::DONE))
            })
            .layer(Extension(Uploads::default())),
        )
        .api_route(
            "/api/imports/{import_id}",
            get_with(one, |op| op.summary("How far an import came")),
        )
        .api_route(
            "/api/imports/{import_id}/errors",
            get_with(errors, |op| {
                op.summary("All rows of an import that became no leads, as CSV")
                    .description(ERRORS)
            }),
        )
}

#[derive(Debug, Serialize, JsonSchema)]
struct One {
    import: ImportBody,
}

async fn one(State(ctx): State<Ctx>, Member(by): Member, PathId(id): PathId<ImportId>) -> Result<Reply<One>> {
    let import = imports::get(&ctx, &by, id).await?;
    let errors = imports::errors(&ctx, &import).await?;
    let import = ImportBody::new(&ctx, import, errors);
    Ok(Reply::new(One { import }))
}

async fn errors(State(ctx): State<Ctx>, Member(by): Member, PathId(id): PathId<ImportId>) -> Result<File> {
    let import = imports::get(&ctx, &by, id).await?;
    let lines = Body::from_stream(imports::lines(&ctx, &import));
    Ok(File::new("text/csv; charset=utf-8", lines).download("import_errors.csv"))
}
