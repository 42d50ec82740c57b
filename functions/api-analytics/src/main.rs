//! The `api-analytics` Lambda.

#[tokio::main]
async fn main() -> Result<(), trunkline_runtime::Error> {
    trunkline_runtime::serve_api(api_analytics::router).await
}
