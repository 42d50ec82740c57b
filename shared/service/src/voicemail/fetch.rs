//! The file at an address that a user gave: fetched by the guarded way out, and read.

use std::time::Duration;

use trunkline_outbound::{Method, Request};

use super::sound::{self, Sound};
use crate::Ctx;

/// The largest file.
pub const BYTES_MAX: usize = 10 * 1_024 * 1_024;
/// For all of it: no campaign waits for it.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Fetches a file whole and reads what it is.
///
/// # Errors
/// Why there is nothing to play, for the user who gave the address.
pub(super) async fn fetch(ctx: &Ctx, url: &str) -> Result<(Vec<u8>, Sound), String> {
    let request = Request {
        method: Method::Get,
        url,
        headers: &[("accept", "audio/wav, audio/mpeg;q=0.9, */*;q=0.1".to_owned())],
        body: None,
        timeout: TIMEOUT,
        // One more than may be: what has it is too large.
        body_max: BYTES_MAX + 1,
    };
    let answer = ctx
        .outbound
        .send(request)
        .await
        .map_err(|failure| failure.to_string())?;
    match answer.status {
        200 => {}
        300..=399 => {
            return Err(format!(
                "the address answers with a redirect ({}), which is not followed; give the address that it leads to",
                answer.status
            ));
        }
        status => return Err(format!("the address answers with HTTP status {status}")),
    }
    if answer.body.len() > BYTES_MAX {
        return Err("the file is larger than 10 MB".to_owned());
    }
    let sound = sound::read(&answer.body)?;
    Ok((answer.body, sound))
}
