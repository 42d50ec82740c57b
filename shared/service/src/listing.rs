//! Lists of small collections: read whole, then searched, sorted and paged in memory, exact.

use std::cmp::Ordering;

use trunkline_domain::{
    Error,
    page::{Page, PageQuery},
};
use uuid::Uuid;

/// A field to sort by, and which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort<F> {
    /// The field.
    pub field: F,
    /// Greatest first.
    pub descending: bool,
}

/// The sorts of named fields; a name that is not in the table is left out, since who read the
/// names has refused it.
pub fn by_name<F: Copy>(
    named: impl IntoIterator<Item = (&'static str, bool)>,
    table: &[(&'static str, F)],
) -> Vec<Sort<F>> {
    let sort = |(name, descending): (&'static str, bool)| {
        let found = table.iter().find(|(known, _)| *known == name)?;
        Some(Sort {
            field: found.1,
            descending,
        })
    };
    named.into_iter().filter_map(sort).collect()
}

/// Sorts by the fields in turn; what they leave equal, and what has no sort, newest first, then by id.
pub fn arrange<T, F: Copy>(
    rows: &mut [T],
    sorts: &[Sort<F>],
    compare: impl Fn(&T, &T, F) -> Ordering,
    made: impl Fn(&T) -> (trunkline_domain::Instant, Uuid),
) {
    rows.sort_by(|a, b| {
        let asked = sorts.iter().map(|sort| {
            let ascending = compare(a, b, sort.field);
            if sort.descending {
                ascending.reverse()
            } else {
                ascending
            }
        });
        let asked = asked.fold(Ordering::Equal, Ordering::then);
        let ((made_a, id_a), (made_b, id_b)) = (made(a), made(b));
        asked.then(made_b.cmp(&made_a)).then(id_a.cmp(&id_b))
    });
}

/// A page of rows that are all there, in their order.
///
/// # Errors
/// [`Error::Invalid`] for a cursor that is not of such a list.
pub fn page<T>(rows: Vec<T>, asked: &PageQuery, id: impl Fn(&T) -> Uuid) -> Result<Page<T>, Error> {
    let total = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let skip = match &asked.cursor {
        None => usize::try_from(asked.skip).unwrap_or(usize::MAX),
        Some(cursor) => {
            let (upto, last) = read_cursor(cursor)?;
            // Rows may have come or gone before the cursor's; its own place is what counts.
            rows.iter()
                .position(|row| id(row) == last)
                .map_or(upto, |at| at + 1)
        }
    };
    let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
    let all = rows.len();
    let items: Vec<T> = rows.into_iter().skip(skip).take(limit).collect();
    let upto = skip.saturating_add(items.len());
    let next_cursor = items
        .last()
        .filter(|_| upto < all)
        .map(|last| format!("{upto}.{}", id(last)));
    Ok(Page {
        items,
        total,
        total_is_lower_bound: false,
        next_cursor,
    })
}

fn read_cursor(cursor: &str) -> Result<(usize, Uuid), Error> {
    let parts = cursor
        .split_once('.')
        .and_then(|(upto, id)| Some((upto.parse().ok()?, id.parse().ok()?)));
    parts.ok_or_else(|| {
        Error::invalid(
            "cursor",
            "must be the next_cursor of an earlier page of the same list",
        )
    })
}

/// Whether a search's words are in a text, in any case.
#[must_use]
pub fn found(search: &str, texts: &[Option<&str>]) -> bool {
    let search = search.trim().to_lowercase();
    texts
        .iter()
        .flatten()
        .any(|text| text.to_lowercase().contains(&search))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Field {
        Made,
        Size,
    }
    const FIELDS: [(&str, Field); 2] = [("created_at", Field::Made), ("size", Field::Size)];

    type Row = (u8, i64, u128);

    fn made(row: &Row) -> (trunkline_domain::Instant, Uuid) {
        (
            chrono::DateTime::from_timestamp(row.1, 0).unwrap(),
            Uuid::from_u128(row.2),
        )
    }

    fn compare(a: &Row, b: &Row, field: Field) -> Ordering {
        match field {
            Field::Made => a.1.cmp(&b.1),
            Field::Size => a.0.cmp(&b.0),
        }
    }

    fn by(sort: &str) -> Vec<Sort<Field>> {
        let named = sort
            .split(',')
            .filter(|name| !name.is_empty())
            .map(|name| match name {
                "size" => ("size", false),
                "-size" => ("size", true),
                _ => ("created_at", true),
            });
        by_name(named, &FIELDS)
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        for cursor in ["", "7", "x.y", "3.not-an-id"] {
            let asked = PageQuery {
                skip: 0,
                limit: 10,
                cursor: Some(cursor.to_owned()),
            };
            assert!(page(vec![Uuid::nil()], &asked, |id| *id).is_err(), "{cursor}");
        }
    }

    fn rows() -> impl Strategy<Value = Vec<Row>> {
        prop::collection::vec((0..4_u8, 0..5_i64), 0..40).prop_map(|rows| {
            rows.into_iter()
                .zip(1..)
                .map(|((size, made), id)| (size, made, id))
                .collect()
        })
    }

    proptest! {
        #[test]
        fn pages_by_cursor_are_the_whole_list(mut all in rows(), limit in 1..12_u32, sort in prop::sample::select(vec!["", "size", "-size", "size,-created_at"])) {
            arrange(&mut all, &by(sort), compare, made);
            let mut seen = Vec::new();
            let mut asked = PageQuery { skip: 0, limit, cursor: None };
            loop {
                let got = page(all.clone(), &asked, |row| Uuid::from_u128(row.2)).unwrap();
                prop_assert_eq!(got.total, u64::try_from(all.len()).unwrap());
                seen.extend(got.items);
                match got.next_cursor {
                    Some(next) => asked.cursor = Some(next),
                    None => break,
                }
            }
            prop_assert_eq!(seen, all);
        }

        #[test]
        fn pages_by_skip_are_the_whole_list(mut all in rows(), limit in 1..12_u32) {
            arrange(&mut all, &[], compare, made);
            let mut seen = Vec::new();
            while seen.len() < all.len() {
                let asked = PageQuery { skip: u32::try_from(seen.len()).unwrap(), limit, cursor: None };
                seen.extend(page(all.clone(), &asked, |row| Uuid::from_u128(row.2)).unwrap().items);
            }
            prop_assert_eq!(seen, all);
        }

        #[test]
        fn the_order_does_not_depend_on_how_the_rows_came(all in rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))) {
            let (mut a, mut b) = all;
            let by = by("size");
            arrange(&mut a, &by, compare, made);
            arrange(&mut b, &by, compare, made);
            prop_assert!(a.is_sorted_by(|x, y| x.0 <= y.0));
            prop_assert_eq!(a, b);
        }

        #[test]
        fn a_row_deleted_on_an_earlier_page_hides_no_other(all in rows(), limit in 1..12_u32, which in any::<prop::sample::Index>()) {
            prop_assume!(all.len() > limit as usize);
            let first = page(all.clone(), &PageQuery { skip: 0, limit, cursor: None }, |row| Uuid::from_u128(row.2)).unwrap();
            let gone = which.index(limit as usize - 1 + usize::from(limit == 1));
            prop_assume!(gone + 1 < limit as usize);
            let mut left = all.clone();
            left.remove(gone);
            let rest = page(left, &PageQuery { skip: 0, limit: 100, cursor: first.next_cursor }, |row| Uuid::from_u128(row.2)).unwrap();
            prop_assert_eq!(&rest.items[..], &all[limit as usize..]);
        }
    }
}
