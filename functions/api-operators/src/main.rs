//! The `api-operators` Lambda.

#[tokio::main]
async fn main() -> Result<(), trunkline_runtime::Error> {
    trunkline_runtime::serve_api(api_operators::router).await
}
