//! The `job-bridge` Lambda.

#[tokio::main]
async fn main() -> Result<(), trunkline_runtime::Error> {
    trunkline_runtime::consume(|ctx, batch| async move { job_bridge::handle(&ctx, batch).await }).await
}
