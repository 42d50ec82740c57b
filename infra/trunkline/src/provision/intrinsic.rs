//! The few intrinsic functions that can be computed without an account.

use std::collections::BTreeMap;

use serde_norway::Value;

/// The parameter that starts every name; names are kept without it.
const PREFIX: &str = "${StackPrefix}-";

/// Resolves a name: `!Sub "${StackPrefix}-…"`, where other `${…}` are parameters with defaults. Returns it without the prefix.
///
/// # Errors
/// A sentence that says what was there and what would be right.
pub(super) fn name(value: &Value, defaults: &BTreeMap<String, String>) -> Result<String, String> {
    let Some(pattern) = tagged(value, "Sub").and_then(Value::as_str) else {
        return Err(format!("expected `!Sub \"{PREFIX}…\"`, found `{}`", shown(value)));
    };
    let Some(rest) = pattern.strip_prefix(PREFIX) else {
        return Err(format!(
            "a name must start with `{PREFIX}`, so that two stacks fit in one account; found `{pattern}`"
        ));
    };
    substitute(rest, defaults)
}

/// The logical name in `!GetAtt Name.Arn`.
///
/// # Errors
/// A sentence that says what was there and what would be right.
pub(super) fn arn_of(value: &Value) -> Result<String, String> {
    tagged(value, "GetAtt")
        .and_then(Value::as_str)
        .and_then(|path| path.strip_suffix(".Arn"))
        .map(str::to_owned)
        .ok_or_else(|| format!("expected `!GetAtt Name.Arn`, found `{}`", shown(value)))
}

/// Puts parameters' defaults in place of `${Parameter}`.
fn substitute(pattern: &str, defaults: &BTreeMap<String, String>) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((parameter, tail)) = after.split_once('}') else {
            return Err(format!("`{pattern}` has a `${{` without its `}}`"));
        };
        let Some(default) = defaults.get(parameter) else {
            return Err(format!(
                "`${{{parameter}}}` cannot be known outside CloudFormation: only parameters with a default can stand here"
            ));
        };
        text.push_str(before);
        text.push_str(default);
        rest = tail;
    }
    text.push_str(rest);
    Ok(text)
}

fn tagged<'a>(value: &'a Value, tag: &str) -> Option<&'a Value> {
    match value {
        Value::Tagged(tagged) if tagged.tag == tag => Some(&tagged.value),
        Value::Tagged(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Sequence(_)
        | Value::Mapping(_) => None,
    }
}

/// A value as it stands in the template, on one line.
fn shown(value: &Value) -> String {
    serde_norway::to_string(value)
        .map_or_else(|_| format!("{value:?}"), |text| text.trim().replace('\n', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defaults() -> BTreeMap<String, String> {
        [("Suffix", "-x"), ("Empty", "")]
            .map(|(name, default)| (name.to_owned(), default.to_owned()))
            .into()
    }

    fn named(yaml: &str) -> Result<String, String> {
        name(&serde_norway::from_str(yaml).unwrap(), &defaults())
    }

    #[test]
    fn a_name_loses_its_prefix_and_takes_parameters_defaults() {
        assert_eq!(
            named("!Sub \"${StackPrefix}-blobs${Suffix}${Empty}\"").unwrap(),
            "blobs-x"
        );
    }

    #[test]
    fn a_name_without_the_prefix_is_refused() {
        assert!(
            named("!Sub \"blobs${Suffix}\"")
                .unwrap_err()
                .contains("must start with `${StackPrefix}-`")
        );
        assert!(named("blobs").unwrap_err().contains("found `blobs`"));
    }

    #[test]
    fn what_only_an_account_knows_is_named_in_the_error() {
        assert!(
            named("!Sub \"${StackPrefix}-${AWS::AccountId}\"")
                .unwrap_err()
                .contains("`${AWS::AccountId}`")
        );
        assert!(
            named("!ImportValue x")
                .unwrap_err()
                .contains("found `!ImportValue x`")
        );
    }

    #[test]
    fn an_arn_names_its_resource() {
        let arn = |yaml: &str| arn_of(&serde_norway::from_str(yaml).unwrap());
        assert_eq!(arn("!GetAtt DialDeadQueue.Arn").unwrap(), "DialDeadQueue");
        assert!(arn("!GetAtt DialDeadQueue.QueueName").is_err());
        assert!(arn("arn:aws:sqs:us-east-1:1:x").is_err());
    }
}
