//! Free-form objects that users give: kept whole, as far as the store can hold them.

use serde_json::{Map, Value};
use trunkline_domain::FieldError;

/// Objects and lists within one another; the store takes 32, its own included.
const DEPTH_MAX: usize = 16;
/// The greatest number and, inverted, the smallest; the store has 38 digits.
const NUMBER_MAX: f64 = 1e30;

/// What is wrong with a free-form object; names the field in it.
pub(crate) fn check(field: &str, object: &Map<String, Value>, bytes_max: usize) -> Option<FieldError> {
    let mut open: Vec<(&str, &Value, usize)> = Vec::new();
    let mut bytes = 0_usize;
    for (name, value) in object {
        bytes = bytes.saturating_add(name.len() + value.to_string().len());
        open.push((name, value, 1));
    }
    if bytes > bytes_max {
        return Some(FieldError::new(
            field,
            format!("must be at most {bytes_max} bytes"),
        ));
    }
    if object.contains_key("") {
        return Some(FieldError::new(field, "a name in it is empty"));
    }
    // The bytes bound how much there is to look at.
    while let Some((top, value, depth)) = open.pop() {
        let wrong = |what: &str| Some(FieldError::new(format!("{field}.{top}"), what));
        if depth > DEPTH_MAX {
            return wrong("is nested too deeply; at most 16 levels");
        }
        match value {
            Value::Number(number) if !fits(number) => {
                return wrong("holds too large or too small a number; write it as text");
            }
            Value::Object(inner) if inner.contains_key("") => return wrong("a name in it is empty"),
            Value::Object(inner) => open.extend(inner.values().map(|value| (top, value, depth + 1))),
            Value::Array(items) => open.extend(items.iter().map(|value| (top, value, depth + 1))),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    None
}

fn fits(number: &serde_json::Number) -> bool {
    let size = number.as_f64().map_or(f64::INFINITY, f64::abs);
    size == 0.0 || (1.0 / NUMBER_MAX..=NUMBER_MAX).contains(&size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn place(value: Value) -> Option<String> {
        check("p", value.as_object().unwrap(), 1_000).map(|error| error.field)
    }

    #[test]
    fn what_people_give_passes() {
        let given = json!({"voice_id": "english_male", "speed": 1.0, "tone": null, "list": [1, {"a": -0.5}]});
        assert_eq!(place(given), None);
    }

    #[test]
    fn what_the_store_cannot_hold_is_refused_by_its_name() {
        let deep = (0..20).fold(json!(1), |inner, _| json!({ "a": inner }));
        assert_eq!(place(deep).as_deref(), Some("p.a"));
        assert_eq!(place(json!({"a": [0, 1e300]})).as_deref(), Some("p.a"));
        assert_eq!(place(json!({"b": 1e-200})).as_deref(), Some("p.b"));
        assert_eq!(place(json!({"a": {"": 1}})).as_deref(), Some("p.a"));
        assert_eq!(place(json!({"": 1})).as_deref(), Some("p"));
        assert_eq!(place(json!({"a": "x".repeat(2_000)})).as_deref(), Some("p"));
    }
}
