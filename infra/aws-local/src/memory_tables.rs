//! The tables of a CloudFormation template, in a DynamoDB in memory.

use serde::{Deserialize, Serialize};
use serde_norway::{Mapping, Value};

use crate::dynamo_memory::{Memory, MemoryError};

/// Tables as a CloudFormation template declares them: with the very keys and indexes that are deployed. Without their
/// streams, whose records are not seeded, and without time to live, which only cleans.
#[derive(Debug, Clone)]
pub struct TableSet(Vec<Table>);

impl TableSet {
    /// Reads them out of a template's text. `prefix` takes the place of `${StackPrefix}` in their names.
    ///
    /// # Errors
    /// [`MemoryError`] for a text that is no template, and for one that declares no table.
    pub fn of_template(text: &str, prefix: &str) -> Result<Self, MemoryError> {
        let wrong = |error| MemoryError(format!("the template cannot be read: {error}"));
        let template: Template = serde_norway::from_str(text).map_err(wrong)?;
        let mut tables = Vec::new();
        for resource in template.resources.into_values() {
            if resource.get("Type").and_then(Value::as_str) == Some("AWS::DynamoDB::Table") {
                let declared: Declared = serde_norway::from_value(resource).map_err(wrong)?;
                tables.push(declared.properties.named(prefix)?);
            }
        }
        if tables.is_empty() {
            return Err(MemoryError(
                "the template declares no AWS::DynamoDB::Table".to_owned(),
            ));
        }
        Ok(Self(tables))
    }
}

impl Memory {
    /// A new database with these tables, empty.
    ///
    /// # Errors
    /// [`MemoryError`] as [`Memory::open`], and for a table that the engine refuses, with its words.
    pub fn with_tables(tables: &TableSet) -> Result<Self, MemoryError> {
        let memory = Self::open()?;
        for table in &tables.0 {
            let body = serde_json::to_vec(table).map_err(|error| MemoryError(error.to_string()))?;
            let made = memory.create_table(&body);
            made.map_err(|why| MemoryError(format!("{}: {}", table.name(), why.0)))?;
        }
        Ok(memory)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Template {
    resources: Mapping,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Declared {
    properties: Table,
}

/// What the template's properties and the body of `CreateTable` have in common: all but the form of the name.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Table {
    table_name: Value,
    billing_mode: Value,
    attribute_definitions: Value,
    key_schema: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    global_secondary_indexes: Option<Value>,
}

impl Table {
    /// `!Sub "${StackPrefix}-calls"` is a text with a tag, which `as_str` overlooks.
    fn name(&self) -> &str {
        self.table_name.as_str().unwrap_or_default()
    }

    fn named(mut self, prefix: &str) -> Result<Self, MemoryError> {
        let name = self.name().replace("${StackPrefix}", prefix);
        if name.is_empty() {
            return Err(MemoryError(format!("no table's name: {:?}", self.table_name)));
        }
        self.table_name = Value::String(name);
        Ok(self)
    }
}
