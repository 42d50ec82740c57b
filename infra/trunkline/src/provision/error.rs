//! What can go wrong, said so that a person knows what to do about it.

use std::error::Error;

use crate::causes::told;

/// A part of the template that this program cannot make anything of.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The text is no YAML, or lacks a section.
    #[error("template.yaml is not readable: {0}")]
    Unreadable(#[from] serde_norway::Error),
    /// A resource's properties are not of the form that is understood here.
    #[error("template.yaml, resource {resource}: {source}")]
    Properties {
        /// The resource's logical name.
        resource: String,
        /// What is wrong, by serde.
        #[source]
        source: serde_norway::Error,
    },
    /// A value that only CloudFormation could compute.
    #[error("template.yaml, resource {resource}, {property}: {problem}")]
    Value {
        /// The resource's logical name.
        resource: String,
        /// The property's name.
        property: &'static str,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// There is to be one bucket.
    #[error("template.yaml declares {found} buckets (AWS::S3::Bucket); exactly 1 is expected")]
    Buckets {
        /// How many there are.
        found: usize,
    },
}

/// Why the stack's tables, queues and bucket are not all there.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    /// The template cannot be used.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// It exists, but not as declared; it was left as it is.
    #[error(
        "{kind} {name} exists, but not as template.yaml declares it: {}. Bring it to that shape, or use another data folder or prefix",
        .differences.join("; ")
    )]
    Differs {
        /// `table` or `queue`.
        kind: &'static str,
        /// Its full name.
        name: String,
        /// One sentence each.
        differences: Vec<String>,
    },
    /// An endpoint refused, or did not answer.
    #[error("could not {doing}: {problem}")]
    Service {
        /// What was asked, as `create table trunkline-calls`.
        doing: String,
        /// What came back, with its causes.
        problem: String,
    },
}

impl ProvisionError {
    /// An SDK's error while `doing` something; its causes are kept in the text, since the SDK's own says only "service error".
    pub(super) fn service(doing: impl Into<String>, error: &(dyn Error + 'static)) -> Self {
        Self::Service {
            doing: doing.into(),
            problem: told(error),
        }
    }
}
