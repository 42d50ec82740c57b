//! Reads [`Resources`] out of the template.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_norway::{Mapping, Value};

use super::properties::{self, QueueProperties};
use super::spec::{QueueSpec, Resources};
use super::{TEMPLATE, TemplateError};

impl Resources {
    /// What the template that was compiled in declares.
    ///
    /// # Errors
    /// [`TemplateError`] if it cannot be read, which a test excludes.
    pub fn declared() -> Result<Self, TemplateError> {
        Self::parse(TEMPLATE)
    }

    /// What a template's text declares.
    ///
    /// # Errors
    /// [`TemplateError`] for what is no template, a property that is not understood here (so that none is silently left out), and a
    /// value that only CloudFormation could compute.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let template: Template = serde_norway::from_str(text)?;
        let defaults = template.defaults();
        let tables = template
            .of_kind("AWS::DynamoDB::Table")
            .map(|(resource, properties)| properties::table(resource, properties, &defaults))
            .collect::<Result<_, _>>()?;
        let queues = template.queues(&defaults)?;
        let mut buckets: Vec<_> = template
            .of_kind("AWS::S3::Bucket")
            .map(|(resource, properties)| properties::bucket(resource, properties, &defaults))
            .collect::<Result<_, _>>()?;
        match (buckets.pop(), buckets.len()) {
            (Some(bucket), 0) => Ok(Self {
                tables,
                queues,
                bucket,
            }),
            (None, _) => Err(TemplateError::Buckets { found: 0 }),
            (Some(_), others) => Err(TemplateError::Buckets { found: others + 1 }),
        }
    }
}

/// The sections of a template that matter here.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Template {
    #[serde(default)]
    parameters: BTreeMap<String, Parameter>,
    resources: Mapping,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter {
    default: Option<Value>,
}

impl Template {
    fn defaults(&self) -> BTreeMap<String, String> {
        let texts = self.parameters.iter().filter_map(|(name, parameter)| {
            parameter
                .default
                .as_ref()
                .and_then(Value::as_str)
                .map(|default| (name.clone(), default.to_owned()))
        });
        texts.collect()
    }

    /// Logical name and properties of every resource of a type, in the template's order.
    fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = (&str, Value)> {
        self.resources.iter().filter_map(move |(name, resource)| {
            (resource.get("Type")?.as_str()? == kind).then(|| {
                let properties = resource.get("Properties").cloned();
                Some((
                    name.as_str()?,
                    properties.unwrap_or_else(|| Value::Mapping(Mapping::new())),
                ))
            })?
        })
    }

    fn queues(&self, defaults: &BTreeMap<String, String>) -> Result<Vec<QueueSpec>, TemplateError> {
        let declared: Vec<(&str, QueueProperties)> = self
            .of_kind("AWS::SQS::Queue")
            .map(|(resource, properties)| Ok((resource, QueueProperties::read(resource, properties)?)))
            .collect::<Result<_, TemplateError>>()?;
        let names: BTreeMap<&str, String> = declared
            .iter()
            .map(|(resource, queue)| Ok((*resource, queue.name(resource, defaults)?)))
            .collect::<Result<_, TemplateError>>()?;
        declared
            .iter()
            .map(|(resource, queue)| queue.spec(resource, defaults, &names))
            .collect()
    }
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
