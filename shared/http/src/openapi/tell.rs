//! What an operation's documentation is told where it is routed: `op.summary("…").with(says("…"))`.

use aide::{
    generate,
    openapi::{Operation, ReferenceOr},
    transform::TransformOperation,
};
use schemars::JsonSchema;
use serde_json::Value;

/// The sentence that its answer has beside the data.
pub(super) const SAYS: &str = "x-says";
/// The schema of what its answer has beside `data`.
pub(super) const BESIDE: &str = "x-beside";

/// Marks an operation that the carrier calls, with its signature in place of a token, and is answered by status alone.
pub const BY_CARRIER: &str = "x-by-carrier";

/// This body is an example of what is sent, rather than that of the body's type: a change of what the type can also make.
pub fn sends(example: Value) -> impl FnOnce(TransformOperation<'_>) -> TransformOperation<'_> {
    on(move |operation| {
        if let Some(ReferenceOr::Item(body)) = &mut operation.request_body {
            for media in body.content.values_mut() {
                media.example = Some(example.clone());
            }
        }
    })
}

/// The answer's `message` is this.
pub fn says(text: &str) -> impl FnOnce(TransformOperation<'_>) -> TransformOperation<'_> {
    on(move |operation| {
        operation.extensions.insert(SAYS.to_owned(), text.into());
    })
}

/// The answer has the fields of `T` beside `data`, as [`crate::Reply::beside`] puts them there.
pub fn beside<T: JsonSchema>() -> impl FnOnce(TransformOperation<'_>) -> TransformOperation<'_> {
    on(|operation| {
        let schema = generate::in_context(|ctx| ctx.schema.subschema_for::<T>());
        operation.extensions.insert(BESIDE.to_owned(), schema.to_value());
    })
}

fn on(change: impl FnOnce(&mut Operation)) -> impl FnOnce(TransformOperation<'_>) -> TransformOperation<'_> {
    move |mut op: TransformOperation<'_>| {
        change(op.inner_mut());
        op
    }
}
