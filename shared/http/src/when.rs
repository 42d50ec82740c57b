//! Times out: whole seconds at `/` and `/api`, milliseconds at `/api/v1`; UTC with `Z`.

use std::borrow::Cow;

use chrono::SecondsFormat;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use trunkline_domain::Instant;

use crate::openapi::NOW;

macro_rules! times {
    ($($(#[$doc:meta])* $name:ident: $digits:ident),*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name(pub Instant);

        impl From<Instant> for $name {
            fn from(at: Instant) -> Self {
                Self(at)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::$digits, true))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "format": "date-time", "examples": [Self(NOW)] })
            }
        }
    )*};
}

times! {
    /// `2024-01-29T10:30:00Z`: at `/` and `/api`.
    Seconds: Secs,
    /// `2024-01-29T10:30:00.000Z`: at `/api/v1`.
    Millis: Millis
}
