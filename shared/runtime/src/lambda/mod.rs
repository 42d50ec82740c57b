//! The ways to be a Lambda: [`serve`] for requests, [`consume`] for a queue, [`on_event`] for anything else.

mod batch;
mod http;

pub use batch::{consume, failed};
pub use http::{behind_edge, serve, serve_api};

use futures::FutureExt;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::{Serialize, de::DeserializeOwned};
use trunkline_service::Ctx;

use crate::{Config, telemetry, wiring};

/// Why a function could not begin, or stopped.
pub type Error = lambda_runtime::Error;

/// Handles events of any shape, one at a time, until the platform stops the function.
///
/// # Errors
/// When it cannot begin: a variable, a queue. The handler's own errors fail the one event.
pub async fn on_event<E, A, F, Fut>(handle: F) -> Result<(), Error>
where
    E: DeserializeOwned,
    A: Serialize,
    F: Fn(Ctx, E) -> Fut,
    Fut: Future<Output = Result<A, Error>>,
{
    let (_, ctx) = Box::pin(begin()).await?;
    let handle = &handle;
    // Boxed, so that the type of what follows does not hold the type of all that the handler awaits.
    let service = service_fn(move |event: LambdaEvent<E>| handle(ctx.clone(), event.payload).boxed_local());
    lambda_runtime::run(service).await
}

/// Configuration, log lines and what every use case is given.
async fn begin() -> Result<(Config, Ctx), Error> {
    let config = Config::from_env()?;
    telemetry::init(&config)?;
    let ctx = Box::pin(wiring::ctx_from_env(&config)).await?;
    Ok((config, ctx))
}
