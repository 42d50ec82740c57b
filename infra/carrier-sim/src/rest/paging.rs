//! Pages of a list, as the carrier gives them.

use serde_json::{Value, json};
use url::form_urlencoded;

use super::{
    error::ApiError,
    form::{BAD_REQUEST, Form},
};

const SIZE_DEFAULT: u32 = 50;
const SIZE_MAX: u32 = 1000;

/// Which page was asked for.
#[derive(Debug)]
pub(super) struct Paging {
    pub(super) size: u32,
    page: u32,
    /// The last entry of the page before: `PageToken` is `PA` and its SID.
    pub(super) after: Option<String>,
    path: String,
    /// The filters, repeated in the addresses of other pages.
    filters: Vec<(String, String)>,
}

impl Paging {
    pub(super) fn read(path: &str, query: Option<&str>) -> Result<Self, ApiError> {
        let query = query.unwrap_or_default();
        let form = Form::read(query.as_bytes());
        // A size above the most is cut, as the carrier does; 0 and words are errors.
        let size = form
            .number("PageSize", 1, u32::MAX, BAD_REQUEST)?
            .unwrap_or(SIZE_DEFAULT)
            .min(SIZE_MAX);
        let filters = form_urlencoded::parse(query.as_bytes())
            .filter(|(key, _)| !matches!(key.as_ref(), "PageSize" | "Page" | "PageToken"))
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect();
        Ok(Self {
            size,
            page: form.number("Page", 0, u32::MAX, BAD_REQUEST)?.unwrap_or(0),
            after: form
                .text("PageToken")
                .map(|token| token.strip_prefix("PA").unwrap_or(token).to_owned()),
            path: path.to_owned(),
            filters,
        })
    }

    /// How many entries lie before this page, when no token says where it begins.
    pub(super) fn skip(&self) -> u32 {
        self.page.saturating_mul(self.size)
    }

    /// The answer: the entries under `name`, and the way to other pages.
    pub(super) fn answer(&self, name: &str, entries: Vec<Value>, more: bool) -> Value {
        let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        let last = entries
            .last()
            .and_then(|entry| entry["sid"].as_str())
            .map(str::to_owned);
        let start = self.skip();
        json!({
            "first_page_uri": self.uri(0, None),
            "next_page_uri": more.then(|| self.uri(self.page.saturating_add(1), last.as_deref())),
            // The way back is by the first page: tokens only lead forward.
            "previous_page_uri": (self.page > 0).then(|| self.uri(self.page - 1, None)),
            "page": self.page,
            "page_size": self.size,
            "start": start,
            "end": start + count.saturating_sub(1),
            "uri": self.uri(self.page, self.after.as_deref()),
            name: entries,
        })
    }

    fn uri(&self, page: u32, after: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.filters);
        query
            .append_pair("PageSize", &self.size.to_string())
            .append_pair("Page", &page.to_string());
        if let Some(after) = after {
            query.append_pair("PageToken", &format!("PA{after}"));
        }
        format!("{}?{}", self.path, query.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_lead_to_one_another_and_keep_the_filters() {
        let paging = Paging::read("/Calls.json", Some("To=%2B1555&PageSize=2")).unwrap();
        let page = paging.answer("calls", vec![json!({"sid": "CA1"}), json!({"sid": "CA2"})], true);
        assert_eq!(
            page["next_page_uri"],
            "/Calls.json?To=%2B1555&PageSize=2&Page=1&PageToken=PACA2"
        );
        assert_eq!(
            (&page["start"], &page["end"], &page["previous_page_uri"]),
            (&json!(0), &json!(1), &Value::Null)
        );
        let next = page["next_page_uri"].as_str().unwrap().split_once('?').unwrap().1;
        let second = Paging::read("/Calls.json", Some(next)).unwrap();
        assert_eq!((second.after.as_deref(), second.size), (Some("CA2"), 2));
        let last = second.answer("calls", vec![json!({"sid": "CA3"})], false);
        assert_eq!(
            (&last["next_page_uri"], &last["start"], &last["end"]),
            (&Value::Null, &json!(2), &json!(2))
        );
    }

    #[test]
    fn sizes_are_cut_and_nonsense_refused() {
        assert_eq!(Paging::read("/x", Some("PageSize=99999")).unwrap().size, 1000);
        assert_eq!(Paging::read("/x", None).unwrap().size, 50);
        assert!(Paging::read("/x", Some("PageSize=many")).is_err());
        assert!(Paging::read("/x", Some("PageSize=0")).is_err());
    }
}
