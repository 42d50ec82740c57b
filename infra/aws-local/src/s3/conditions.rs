//! The `If-…` headers.

use s3s::dto::{ETagCondition, Timestamp};
use s3s::{S3Result, s3_error};

use super::record::Record;

/// What must hold for a write to happen.
#[derive(Debug, Clone, Default)]
pub(super) struct WriteIf {
    pub(super) matches: Option<ETagCondition>,
    pub(super) none_matches: Option<ETagCondition>,
}

impl WriteIf {
    /// Refuses the write when what is there now does not fit.
    pub(super) fn check(&self, there: Option<&Record>) -> S3Result<()> {
        match (&self.matches, there) {
            (None, _) => {}
            (Some(_), None) => {
                return Err(s3_error!(
                    NoSuchKey,
                    "If-Match was given, and there is no such object."
                ));
            }
            (Some(condition), Some(there)) if !fits(condition, there) => {
                return Err(s3_error!(
                    PreconditionFailed,
                    "If-Match: the object is another one by now."
                ));
            }
            (Some(_), Some(_)) => {}
        }
        match (&self.none_matches, there) {
            (Some(condition), Some(there)) if fits(condition, there) => Err(s3_error!(
                PreconditionFailed,
                "If-None-Match: there is such an object already."
            )),
            _ => Ok(()),
        }
    }
}

/// What must hold for a read to give the object.
#[derive(Debug, Clone, Default)]
pub(super) struct ReadIf {
    pub(super) matches: Option<ETagCondition>,
    pub(super) none_matches: Option<ETagCondition>,
    pub(super) modified_since: Option<Timestamp>,
    pub(super) unmodified_since: Option<Timestamp>,
}

impl ReadIf {
    /// Refuses the read, as failed or as not modified. The tags win over the times, as in S3.
    pub(super) fn check(&self, object: &Record) -> S3Result<()> {
        let failed = match (&self.matches, &self.unmodified_since) {
            (Some(condition), _) => !fits(condition, object),
            (None, Some(since)) => object.modified() > *since,
            (None, None) => false,
        };
        if failed {
            return Err(s3_error!(
                PreconditionFailed,
                "The object is another one than the condition asks for."
            ));
        }
        let unchanged = match (&self.none_matches, &self.modified_since) {
            (Some(condition), _) => fits(condition, object),
            (None, Some(since)) => object.modified() <= *since,
            (None, None) => false,
        };
        if unchanged {
            Err(s3_error!(NotModified))
        } else {
            Ok(())
        }
    }
}

fn fits(condition: &ETagCondition, object: &Record) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(tag) => tag.value() == object.e_tag,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::record::{About, timestamp};
    use s3s::dto::ETag;

    fn object() -> Record {
        Record {
            blob: "b".to_owned(),
            bytes: 1,
            e_tag: "abc".to_owned(),
            modified_ms: 10_000,
            about: About::default(),
        }
    }

    fn tag(value: &str) -> Option<ETagCondition> {
        Some(ETagCondition::ETag(ETag::Strong(value.to_owned())))
    }

    #[test]
    fn a_write_may_depend_on_what_is_there() {
        let code = |write_if: WriteIf, there: Option<&Record>| {
            write_if
                .check(there)
                .err()
                .map(|error| error.code().as_str().to_owned())
        };
        let only_new = || WriteIf {
            none_matches: Some(ETagCondition::Any),
            ..WriteIf::default()
        };
        assert_eq!(code(only_new(), None), None);
        assert_eq!(
            code(only_new(), Some(&object())).as_deref(),
            Some("PreconditionFailed")
        );
        let only_this = |value| WriteIf {
            matches: tag(value),
            ..WriteIf::default()
        };
        assert_eq!(code(only_this("abc"), Some(&object())), None);
        assert_eq!(
            code(only_this("xyz"), Some(&object())).as_deref(),
            Some("PreconditionFailed")
        );
        assert_eq!(code(only_this("abc"), None).as_deref(), Some("NoSuchKey"));
    }

    #[test]
    fn a_read_may_be_refused_as_not_modified() {
        let code = |read_if: ReadIf| {
            read_if
                .check(&object())
                .err()
                .map(|error| error.code().as_str().to_owned())
        };
        assert_eq!(code(ReadIf::default()), None);
        let unless = |none_matches| ReadIf {
            none_matches,
            ..ReadIf::default()
        };
        assert_eq!(code(unless(tag("abc"))).as_deref(), Some("NotModified"));
        assert_eq!(code(unless(tag("xyz"))), None);
        let since = |ms| ReadIf {
            modified_since: Some(timestamp(ms)),
            ..ReadIf::default()
        };
        assert_eq!(code(since(10_000)).as_deref(), Some("NotModified"));
        assert_eq!(code(since(9_000)), None);
        let until = |ms| ReadIf {
            unmodified_since: Some(timestamp(ms)),
            ..ReadIf::default()
        };
        assert_eq!(code(until(9_000)).as_deref(), Some("PreconditionFailed"));
        assert_eq!(code(until(10_000)), None);
    }
}
