//! The `job-post-call` Lambda.

#[tokio::main]
async fn main() -> Result<(), trunkline_runtime::Error> {
    trunkline_runtime::consume(|ctx, batch| async move { job_post_call::handle(&ctx, None, batch).await })
        .await
}
