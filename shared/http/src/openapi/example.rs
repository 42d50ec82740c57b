//! Examples of bodies, put together from those of their fields: a field that is renamed, added or taken away is so in the example too.

use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The id that examples give a record, by the name of a field or path parameter: `agent_id` is the same agent everywhere.
#[must_use]
pub fn id(name: &str) -> Uuid {
    trunkline_domain::id::derived(&format!("example {name}"))
}

/// A token, as the documents show one.
pub const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...";

/// Where a path leads, with the ids of examples: `/agents/{agent_id}`.
#[must_use]
pub fn link(path: &str) -> String {
    let parts = path.split(['{', '}']).enumerate();
    let parts = parts.map(|(at, part)| {
        if at % 2 == 1 {
            id(part).to_string()
        } else {
            part.to_owned()
        }
    });
    format!("https://api.example.com{}", parts.collect::<String>())
}

/// How deep types stand in one another, at most.
const DEPTH: usize = 16;

/// Whose example is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// A client's: only what is required or has an example of its own.
    Request,
    /// Ours: all fields, null where one may be and has no example, but those that `x-seldom` marks.
    Response,
}

/// Puts examples together from schemas.
pub(super) struct Examples<'a> {
    /// The document's, by name.
    pub(super) schemas: &'a Value,
    pub(super) side: Side,
}

impl Examples<'_> {
    /// Of a body with this schema.
    ///
    /// # Errors
    /// Names the first field that has no example and cannot do without: give it `#[schemars(example = …)]`.
    pub(super) fn of(&self, schema: &Value) -> Result<Value, String> {
        self.at("", "", schema, DEPTH)
    }

    /// Of the field `name` in the type `owner`.
    fn at(&self, owner: &str, name: &str, schema: &Value, depth: usize) -> Result<Value, String> {
        let missing = || Err(format!("{owner}.{name}"));
        let Some(depth) = depth.checked_sub(1) else {
            return missing();
        };
        if let Some(given) = schema.pointer("/examples/0").or_else(|| schema.get("const")) {
            return Ok(given.clone());
        }
        if let Some(place) = schema["$ref"].as_str() {
            let named = place.rsplit('/').next().unwrap_or_default();
            return self.at(named, name, &self.schemas[named], depth);
        }
        if let [only] = schema["allOf"].as_array().map_or(&[][..], Vec::as_slice) {
            return self.at(owner, name, only, depth);
        }
        if let Some(fields) = schema["properties"].as_object() {
            return self.object(owner, fields, &schema["required"], depth);
        }
        if let Some(usual) = schema.get("default").filter(|usual| !usual.is_null()) {
            return Ok(usual.clone());
        }
        if schema["format"] == "uuid" {
            return Ok(json!(id(&record(owner, name))));
        }
        if may_be_null(schema) {
            return Ok(Value::Null);
        }
        match schema["type"].as_str() {
            Some("boolean") => Ok(json!(true)),
            Some("array") => Ok(json!([self.at(owner, name, &schema["items"], depth)?])),
            _ => missing(),
        }
    }

    fn object(
        &self,
        owner: &str,
        fields: &Map<String, Value>,
        required: &Value,
        depth: usize,
    ) -> Result<Value, String> {
        let is_required = |name: &str| {
            required
                .as_array()
                .is_some_and(|names| names.iter().any(|known| known == name))
        };
        let shown = fields.iter().filter(|(name, field)| match self.side {
            Side::Request => is_required(name) || field.get("examples").is_some(),
            Side::Response => field.get("x-seldom").is_none(),
        });
        let pairs = shown.map(|(name, field)| Ok((name.clone(), self.at(owner, name, field, depth)?)));
        Ok(Value::Object(pairs.collect::<Result<_, String>>()?))
    }
}

fn may_be_null(schema: &Value) -> bool {
    let kinds = [&schema["type"], &schema["anyOf"]];
    let mut kinds = kinds.into_iter().filter_map(Value::as_array).flatten();
    schema["type"] == "null" || kinds.any(|kind| kind == "null" || kind["type"] == "null")
}

/// What an id names: `id` in an `AgentBody` is an `agent_id`.
fn record(owner: &str, name: &str) -> String {
    if name != "id" {
        return name.to_owned();
    }
    let kind = owner.trim_end_matches(|c: char| c.is_ascii_digit());
    format!("{}_id", kind.trim_end_matches("Body").to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(side: Side) -> Result<Value, String> {
        let schemas = json!({
            "AgentBody": {
                "type": "object",
                "properties": {
                    "id": { "type": "string", "format": "uuid" },
                    "name": { "type": "string", "examples": ["Reception"] },
                    "notes": { "type": ["string", "null"] },
                    "more": { "type": "integer", "x-seldom": true },
                },
                "required": ["id", "name"],
            },
            "Bare": { "type": "object", "properties": { "count": { "type": "integer" } }, "required": ["count"] },
        });
        let list = json!({
            "type": "object",
            "properties": { "items": { "type": "array", "items": { "$ref": "#/components/schemas/AgentBody" } } },
            "required": ["items"],
        });
        let examples = Examples {
            schemas: &schemas,
            side,
        };
        assert_eq!(
            examples.of(&json!({ "$ref": "#/components/schemas/Bare" })),
            Err("Bare.count".to_owned())
        );
        examples.of(&list)
    }

    #[test]
    fn an_answer_shows_every_field_and_a_request_what_it_needs() {
        let id = id("agent_id");
        let shown = json!({ "items": [{ "id": id, "name": "Reception", "notes": null }] });
        assert_eq!(example(Side::Response), Ok(shown));
        let sent = json!({ "items": [{ "id": id, "name": "Reception" }] });
        assert_eq!(example(Side::Request), Ok(sent));
    }
}
