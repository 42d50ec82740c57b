//! How far an import came, and what was wrong with its rows.

use std::collections::VecDeque;

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use trunkline_auth::Principal;
use trunkline_domain::{Error, ImportId, Role, error::Kind};
use trunkline_store::imports::{Import, RowList, StoredRowError};

use crate::{
    Ctx,
    exports::{Lines, cell},
};

/// How many errors an import shows; the file of them has all.
pub const ERRORS_SHOWN: usize = 1_000;
/// Chunks of errors that are read at once: at most 200 errors each.
const CHUNKS: i32 = 5;
/// The file's first line.
const HEADER: &str = "row,field,value,error,result\r\n";

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
            .import_errors(import.id, RowList::Wrong, place.as_deref(), CHUNKS, ctx.now())
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

/// All rows that became no leads, and why, as lines of CSV that are read from the store as they are taken; in the file's order.
pub fn lines(ctx: &Ctx, import: &Import) -> Lines {
    let header = stream::once(async { Ok(Bytes::from_static(HEADER.as_bytes())) });
    header.chain(pages(ctx, import.id)).boxed()
}

fn pages(ctx: &Ctx, id: ImportId) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send + use<> {
    let ctx = ctx.clone();
    let sides = [Side::of(RowList::Wrong), Side::of(RowList::PassedOver)];
    stream::try_unfold(sides, move |[mut wrong, mut passed]| {
        let ctx = ctx.clone();
        async move {
            wrong.fill(&ctx, id).await?;
            passed.fill(&ctx, id).await?;
            let mut page = Vec::new();
            while let Some(next) = first_of(&mut wrong, &mut passed) {
                line(&mut page, &next);
            }
            let done = page.is_empty() && wrong.is_over() && passed.is_over();
            Ok((!done).then(|| (Bytes::from(page), [wrong, passed])))
        }
    })
}

/// One of the two lists, as far as it is read.
struct Side {
    list: RowList,
    rows: VecDeque<StoredRowError>,
    /// Where it goes on; none: it was read to its end.
    place: Option<Option<String>>,
}

impl Side {
    const fn of(list: RowList) -> Self {
        Self {
            list,
            rows: VecDeque::new(),
            place: Some(None),
        }
    }

    async fn fill(&mut self, ctx: &Ctx, id: ImportId) -> Result<(), std::io::Error> {
        while self.rows.is_empty()
            && let Some(after) = self.place.take()
        {
            let read = ctx
                .store
                .import_errors(id, self.list, after.as_deref(), CHUNKS, ctx.now());
            let (rows, next) = read.await.map_err(std::io::Error::other)?;
            self.rows.extend(rows);
            self.place = next.map(Some);
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.rows.is_empty() && self.place.is_none()
    }

    /// Whether what comes next is known: it is not before more is read.
    fn is_known(&self) -> bool {
        !self.rows.is_empty() || self.place.is_none()
    }
}

/// The next row of both, while it is known which.
fn first_of(one: &mut Side, other: &mut Side) -> Option<StoredRowError> {
    if !one.is_known() || !other.is_known() {
        return None;
    }
    let row = |side: &Side| side.rows.front().map_or(u64::MAX, |next| next.row);
    let side = if row(one) <= row(other) { one } else { other };
    side.rows.pop_front()
}

fn line(out: &mut Vec<u8>, error: &StoredRowError) {
    out.extend(error.row.to_string().as_bytes());
    for value in [&error.field, &error.value, &error.error] {
        out.push(b',');
        cell(out, value);
    }
    out.push(b',');
    out.extend(error.result.as_str().as_bytes());
    out.extend(b"\r\n");
}
