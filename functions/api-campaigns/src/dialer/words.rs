//! Refusals in the Dialer's words: its names for a campaign's fields are not all ours.

use trunkline_domain::{Error, FieldError};
use trunkline_http::Failure;

/// Our names and the Dialer's.
const NAMES: [(&str, &str); 2] = [("start_time", "schedule_start"), ("end_time", "schedule_end")];

/// A refusal of a campaign, its fields named as the client wrote them.
pub(super) fn worded(failure: impl Into<Failure>) -> Failure {
    let failure = failure.into();
    let Failure::Domain(error) = failure else {
        return failure;
    };
    Failure::Domain(if let Error::Invalid(fields) = error {
        Error::Invalid(fields.into_iter().map(field).collect())
    } else if let Error::Conflict { kind, what } = error {
        Error::Conflict {
            kind,
            what: text(&what),
        }
    } else {
        error
    })
}

fn field(wrong: FieldError) -> FieldError {
    FieldError {
        field: text(&wrong.field),
        what: text(&wrong.what),
        ..wrong
    }
}

fn text(ours: &str) -> String {
    NAMES
        .iter()
        .fold(ours.to_owned(), |text, (ours, theirs)| text.replace(ours, theirs))
}

#[cfg(test)]
mod tests {
    use trunkline_domain::error::Kind;

    use super::*;

    #[test]
    fn fields_are_named_as_they_were_written_and_other_words_stay() {
        let wrong = worded(Error::invalid("end_time", "must be after start_time"));
        let Failure::Domain(Error::Invalid(fields)) = wrong else {
            panic!("{wrong:?}")
        };
        assert_eq!(
            (fields[0].field.as_str(), fields[0].what.as_str()),
            ("schedule_end", "must be after schedule_start")
        );
        let over = worded(Error::conflict(Kind::Campaign, "its end_time is over"));
        assert!(over.to_string().contains("its schedule_end is over"), "{over}");
        let gone = worded(Error::NotFound(Kind::Campaign));
        assert!(matches!(gone, Failure::Domain(Error::NotFound(Kind::Campaign))));
    }
}
