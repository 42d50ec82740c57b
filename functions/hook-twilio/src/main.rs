//! The `hook-twilio` Lambda.

use trunkline_runtime::behind_edge;

#[tokio::main]
async fn main() -> Result<(), trunkline_runtime::Error> {
    trunkline_runtime::serve(|config, ctx| behind_edge(hook_twilio::router(ctx), config)).await
}
