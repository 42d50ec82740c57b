//! An error with its causes, in one line for a person.

use std::error::Error;

/// What the error says, and after colons what each cause adds to it: a text that was said already is not said again.
pub(crate) fn told(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let text = next.to_string();
        if !line.contains(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        cause = next.source();
    }
    line
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    enum Outer {
        #[error("cannot listen: {source}")]
        Says { source: io::Error },
        #[error("the disk is no good")]
        Hides(#[source] io::Error),
    }

    #[test]
    fn a_cause_is_told_once_whether_the_error_says_it_or_not() {
        let cause = || io::Error::other("address in use");
        assert_eq!(
            told(&Outer::Says { source: cause() }),
            "cannot listen: address in use"
        );
        assert_eq!(
            told(&Outer::Hides(cause())),
            "the disk is no good: address in use"
        );
    }
}
