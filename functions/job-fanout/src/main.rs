//! The `job-fanout` Lambda.

#[tokio::main]
async fn main() -> Result<(), trunkline_runtime::Error> {
    trunkline_runtime::on_event(|ctx, event| async move { Ok(job_fanout::handle_event(&ctx, event).await?) })
        .await
}
