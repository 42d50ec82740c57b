//! Which object keys are taken.

use s3s::{S3Result, s3_error};

/// Refuses keys that clients, proxies or XML would not carry unchanged: with `.` or `..` as a segment, or
/// with control characters.
///
/// The store itself is not at risk, since no key is ever a path. S3 refuses `..` that leads out of the bucket
/// too.
pub(super) fn check(key: &str) -> S3Result<()> {
    if key.is_empty() {
        return Err(s3_error!(InvalidArgument, "An object key must not be empty."));
    }
    if key.len() > 1024 {
        return Err(s3_error!(
            KeyTooLongError,
            "An object key has at most 1024 bytes, not {}.",
            key.len()
        ));
    }
    if key.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err(s3_error!(
            InvalidArgument,
            "An object key must not have '.' or '..' as a segment."
        ));
    }
    if key.chars().any(char::is_control) {
        return Err(s3_error!(
            InvalidArgument,
            "An object key must not have control characters."
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn keys_that_lead_out_of_the_bucket_are_refused() {
        for key in [
            "../other/x",
            "a/../../x",
            "..",
            "./x",
            "a/..",
            "a\0b",
            "a\nb",
            "",
            &"x".repeat(1025),
        ] {
            assert!(check(key).is_err(), "{key:?}");
        }
        for key in [
            "a",
            "a/b",
            "..a/b..",
            "a//b",
            "a/",
            "/a",
            "å/😀 +%2e%2e",
            &"x".repeat(1024),
        ] {
            assert!(check(key).is_ok(), "{key:?}");
        }
    }
}
