//! The `job-scheduler` Lambda.

use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), trunkline_runtime::Error> {
    // The schedule's event says nothing that the clock does not. On AWS no start is special: any minute's may be a new process.
    trunkline_runtime::on_event(|ctx, _: Value| async move { Ok(job_scheduler::handle(&ctx, false).await?) })
        .await
}
