//! The `job-mail` Lambda.

use std::sync::Arc;

use job_mail::Smtp;
use trunkline_runtime::Config;
use trunkline_service::mail::Post;

#[tokio::main]
async fn main() -> Result<(), trunkline_runtime::Error> {
    let config = Config::from_env()?;
    let smtp = config.smtp.as_ref().map(Smtp::new).transpose()?;
    let post = smtp.map(|smtp| Arc::new(smtp) as Arc<dyn Post>);
    trunkline_runtime::consume(move |ctx, batch| {
        let post = post.clone();
        async move { job_mail::handle(&ctx, post.as_deref(), batch).await }
    })
    .await
}
