//! Log lines, to standard error.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{Config, ConfigError, LogFormat};

/// What libraries say below a warning is about themselves.
const QUIET: &[&str] = &[
    "hyper=warn",
    "aws_smithy_runtime=warn",
    "aws_config=warn",
    "lambda_runtime=warn",
    "rustls=warn",
    "h2=warn",
];

/// Sends log lines where the configuration says, from now on. A second call in a process changes nothing.
///
/// # Errors
/// When `RUST_LOG` cannot be read.
pub fn init(config: &Config) -> Result<(), ConfigError> {
    let mut filter = EnvFilter::builder()
        .parse(&config.log_filter)
        .map_err(|error| ConfigError::new("RUST_LOG", error.to_string()))?;
    if !config.log_filter.contains(['=', ',']) {
        for directive in QUIET {
            filter = match directive.parse() {
                Ok(directive) => filter.add_directive(directive),
                Err(_) => filter,
            };
        }
    }
    let registry = tracing_subscriber::registry().with(filter);
    let lines = fmt::layer().with_writer(std::io::stderr);
    let started = match config.log {
        LogFormat::Text => {
            let ansi = std::io::stderr().is_terminal();
            registry
                .with(lines.compact().with_target(false).with_ansi(ansi))
                .try_init()
        }
        LogFormat::Json => registry
            .with(lines.json().flatten_event(true).with_current_span(true))
            .try_init(),
    };
    if started.is_err() {
        tracing::debug!("log lines are already sent somewhere");
    }
    Ok(())
}
