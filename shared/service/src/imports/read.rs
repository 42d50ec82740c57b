//! How far an import came, and what was wrong with its rows.

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use trunkline_auth::Principal;
use trunkline_domain::{Error, ImportId, Role, error::Kind};
use trunkline_store::imports::{Import, StoredRowError};

use crate::{
    Ctx,
    exports::{Lines, cell},
};

/// How many errors an import shows; the file of them has all.
pub const ERRORS_SHOWN: usize = 1_000;
/// Chunks of errors that are read at once: at most 200 errors each.
const CHUNKS: i32 = 5;
/// The file's first line.
const HEADER: &str = "row,field,value,error\r\n";

/// An import of the asker's tenant.
///
/// # Errors
/// [`Error::NotFound`]; another tenant's is not found either.
pub async fn get(ctx: &Ctx, who: &Principal, id: ImportId) -> Result<Import, Error> {
    who.require(Role::User)?;
    let import = ctx.store.import(who.tenant, id).await?;
    import.ok_or(Error::NotFound(Kind::Import))
}

/// The first [`ERRORS_SHOWN`] of what was wrong with its rows. They are kept for thirty days.
///
/// # Errors
/// When the store does not answer.
pub async fn errors(ctx: &Ctx, import: &Import) -> Result<Vec<StoredRowError>, Error> {
    let mut found = Vec::new();
    let mut place: Option<String> = None;
    while found.len() < ERRORS_SHOWN && import.errors > 0 {
        let (more, next) = ctx
            .store
            .import_errors(import.id, place.as_deref(), CHUNKS, ctx.now())
            .await?;
        found.extend(more);
        place = next;
        if place.is_none() {
            break;
        }
    }
    found.truncate(ERRORS_SHOWN);
    Ok(found)
}

/// All of what was wrong with its rows, as lines of CSV that are read from the store as they are taken.
pub fn lines(ctx: &Ctx, import: &Import) -> Lines {
    let header = stream::once(async { Ok(Bytes::from_static(HEADER.as_bytes())) });
    header.chain(pages(ctx, import.id)).boxed()
}

fn pages(ctx: &Ctx, id: ImportId) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send + use<> {
    let ctx = ctx.clone();
    stream::try_unfold(Some(None::<String>), move |place| {
        let ctx = ctx.clone();
        async move {
            let Some(after) = place else { return Ok(None) };
            let (errors, next) = ctx
                .store
                .import_errors(id, after.as_deref(), CHUNKS, ctx.now())
                .await
                .map_err(std::io::Error::other)?;
            let mut page = Vec::new();
            errors.iter().for_each(|error| line(&mut page, error));
            Ok(Some((Bytes::from(page), next.map(Some))))
        }
    })
}

fn line(out: &mut Vec<u8>, error: &StoredRowError) {
    out.extend(error.row.to_string().as_bytes());
    for value in [&error.field, &error.value, &error.error] {
        out.push(b',');
        cell(out, value);
    }
    out.extend(b"\r\n");
}
