//! Lists: pages of keys, with those below a delimiter rolled up to their common prefix.

use std::collections::VecDeque;

use super::index::Listed;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Query<'a> {
    pub(super) prefix: &'a str,
    /// Empty for none.
    pub(super) delimiter: &'a str,
    /// Only keys and common prefixes after this.
    pub(super) after: &'a str,
    pub(super) entries_max: usize,
}

/// A page of a list.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) objects: Vec<Listed>,
    pub(super) common_prefixes: Vec<String>,
    /// Where the next page begins, when there is one: what to pass as `after`.
    pub(super) next: Option<String>,
}

/// Makes a page. `read(from, after, limit)` gives at most `limit` objects in key order, from the first key
/// after `after` that is not before `from`.
pub(super) fn page<E>(
    query: Query<'_>,
    mut read: impl FnMut(&str, &str, usize) -> Result<Vec<Listed>, E>,
) -> Result<Page, E> {
    let mut page = Page::default();
    let mut last = query.after.to_owned();
    let mut seek = query.prefix.to_owned();
    // A page that ended with a common prefix is followed by the first key that is not under it.
    if let Some(rolled) = rolled_up(query, query.after) {
        seek = after_all_under(rolled);
    }
    let mut read_ahead = VecDeque::new();
    loop {
        if read_ahead.is_empty() {
            // With a delimiter most of what is read may be skipped, so little is read at a time.
            let limit = if query.delimiter.is_empty() {
                query.entries_max + 1
            } else {
                64
            };
            read_ahead = read(&seek, &last, limit)?.into();
        }
        let Some(listed) = read_ahead.pop_front() else {
            return Ok(page);
        };
        if !listed.key.starts_with(query.prefix) {
            return Ok(page);
        }
        if page.objects.len() + page.common_prefixes.len() == query.entries_max {
            page.next = Some(last);
            return Ok(page);
        }
        match rolled_up(query, &listed.key) {
            None => {
                last.clone_from(&listed.key);
                page.objects.push(listed);
            }
            Some(common) => {
                seek = after_all_under(common);
                last = common.to_owned();
                page.common_prefixes.push(last.clone());
                read_ahead.retain(|ahead| !ahead.key.starts_with(&last));
            }
        }
    }
}

/// The common prefix that stands for `key`, if one does.
fn rolled_up<'k>(query: Query<'_>, key: &'k str) -> Option<&'k str> {
    if query.delimiter.is_empty() {
        return None;
    }
    let below = key.strip_prefix(query.prefix)?;
    let end = below.find(query.delimiter)? + query.delimiter.len();
    key.get(..query.prefix.len() + end)
}

/// A text that sorts after every key that starts with `prefix`: no key has a character after the last one.
fn after_all_under(prefix: &str) -> String {
    format!("{prefix}{}", char::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::record::{About, Record};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn listed(key: &str) -> Listed {
        let record = Record {
            blob: String::new(),
            bytes: 0,
            e_tag: String::new(),
            modified_ms: 0,
            about: About::default(),
        };
        Listed {
            key: key.to_owned(),
            record,
        }
    }

    fn one_page(keys: &BTreeSet<String>, query: Query<'_>) -> Page {
        let read = |from: &str, after: &str, limit: usize| {
            let found = keys
                .iter()
                .filter(|key| key.as_str() >= from && key.as_str() > after)
                .take(limit);
            Ok::<_, ()>(found.map(|key| listed(key)).collect())
        };
        page(query, read).unwrap()
    }

    /// All pages, each entry as one text, and the number of pages.
    fn all_pages(keys: &BTreeSet<String>, prefix: &str, delimiter: &str, entries_max: usize) -> Vec<String> {
        let (mut entries, mut after) = (Vec::new(), String::new());
        for _ in 0..=keys.len() {
            let page = one_page(
                keys,
                Query {
                    prefix,
                    delimiter,
                    after: &after,
                    entries_max,
                },
            );
            let mut here: Vec<_> = page.objects.into_iter().map(|listed| listed.key).collect();
            here.extend(page.common_prefixes);
            assert!(here.len() <= entries_max);
            here.sort();
            entries.extend(here);
            match page.next {
                Some(next) => after = next,
                None => return entries,
            }
        }
        panic!("the pages do not end: {entries:?}");
    }

    #[test]
    fn a_folder_shows_once_and_its_contents_under_its_prefix() {
        let keys = ["a/1", "a/2", "b", "b/1", "c"].map(str::to_owned).into();
        assert_eq!(all_pages(&keys, "", "/", 1000), ["a/", "b", "b/", "c"]);
        assert_eq!(all_pages(&keys, "a/", "/", 1000), ["a/1", "a/2"]);
        assert_eq!(all_pages(&keys, "", "", 1000), ["a/1", "a/2", "b", "b/1", "c"]);
        assert_eq!(all_pages(&keys, "x", "/", 1000), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn pages_of_any_size_hold_each_entry_once(
            keys in prop::collection::btree_set("[ab/]{1,5}", 0..30),
            prefix in "[ab/]{0,2}",
            delimiter in "/?",
            entries_max in 1..6_usize,
        ) {
            let expected: BTreeSet<String> = keys
                .iter()
                .filter(|key| key.starts_with(&prefix))
                .map(|key| match key[prefix.len()..].find('/') {
                    Some(at) if !delimiter.is_empty() => key[..=prefix.len() + at].to_owned(),
                    _ => key.clone(),
                })
                .collect();
            let got = all_pages(&keys, &prefix, &delimiter, entries_max);
            prop_assert_eq!(got, expected.into_iter().collect::<Vec<_>>());
        }
    }
}
