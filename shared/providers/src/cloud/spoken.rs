//! One sentence over HTTP: the body of the answer is the audio.

use serde::Serialize;
use tokio::sync::mpsc;
use url::Url;

use super::endpoint::Endpoint;
use super::http::{self, Answer};
use super::limits::Limits;
use super::pcm::ToPhone;
use crate::ProviderError;
use crate::tts::{TtsPart, Voice};

/// Pieces that may wait for one call; more stay with the vendor.
pub(super) const PARTS_MAX: usize = 32;

/// Asks for the speech and passes it on as it comes.
pub(super) async fn speak(
    endpoint: &Endpoint,
    url: Url,
    body: &impl Serialize,
    limits: &Limits,
    phone: ToPhone,
) -> Result<mpsc::Receiver<TtsPart>, ProviderError> {
    let answer = http::post(endpoint, url, body, limits).await?;
    let kind = answer.content_type();
    if kind.starts_with("text/") || kind.ends_with("json") {
        return Err(endpoint.failed(format!("it answered `{kind}` instead of audio")));
    }
    let (sender, parts) = mpsc::channel(PARTS_MAX);
    tokio::spawn(async move {
        tokio::select! {
            biased;
            () = sender.closed() => {}
            () = pass_on(answer, phone, &sender) => {}
        }
    });
    Ok(parts)
}

/// The answer to a text without words: nothing, said whole.
pub(super) fn nothing() -> mpsc::Receiver<TtsPart> {
    let (sender, parts) = mpsc::channel(1);
    // There is room, and the receiver is in our hands.
    drop(sender.try_send(TtsPart::Done));
    parts
}

/// The voice's speed within what the vendor takes; none for the voice's own.
pub(super) fn speed(voice: &Voice, least: f32, most: f32) -> Option<f32> {
    let meant = voice.speed.is_finite() && voice.speed > 0.0 && (voice.speed - 1.0).abs() > 0.005;
    meant.then(|| voice.speed.clamp(least, most))
}

/// The voice's id, or the vendor's default one.
pub(super) fn id<'a>(voice: &'a Voice, default: &'a str) -> &'a str {
    Some(voice.id.trim())
        .filter(|id| !id.is_empty())
        .unwrap_or(default)
}

/// The language of a BCP 47 tag alone, as `en` of `en-GB`; none when there is none.
pub(super) fn language(tag: &str) -> Option<String> {
    let language = tag.split(['-', '_']).next()?.trim().to_ascii_lowercase();
    (language.len() == 2).then_some(language)
}

async fn pass_on(mut answer: Answer, mut phone: ToPhone, parts: &mpsc::Sender<TtsPart>) {
    let mut any = false;
    let last = loop {
        let samples = match answer.piece().await {
            Ok(Some(bytes)) => phone.take(&bytes),
            Ok(None) if any => {
                tell(parts, TtsPart::Audio(phone.finish())).await;
                break TtsPart::Done;
            }
            Ok(None) => break TtsPart::Failed(answer.endpoint().failed("it sent no audio")),
            Err(error) => break TtsPart::Failed(error),
        };
        any |= !samples.is_empty();
        tell(parts, TtsPart::Audio(samples)).await;
    };
    tell(parts, last).await;
}

/// Sends a part; who has gone away ends this through the `select!` above.
async fn tell(parts: &mpsc::Sender<TtsPart>, part: TtsPart) {
    if part != TtsPart::Audio(Vec::new()) {
        let _ = parts.send(part).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voice_is_read_as_vendors_want_it() {
        let voice = |speed| Voice {
            speed,
            ..Voice::default()
        };
        for own in [0.0, 1.0, 1.004, f32::NAN, -2.0] {
            assert_eq!(speed(&voice(own), 0.5, 2.0), None, "{own}");
        }
        assert_eq!(speed(&voice(1.5), 0.5, 1.2), Some(1.2));
        assert_eq!(speed(&voice(0.9), 0.5, 1.2), Some(0.9));
        assert_eq!(id(&voice(1.0), "default"), "default");
        assert_eq!(language("pt-BR").as_deref(), Some("pt"));
        assert_eq!(language(""), None);
        assert_eq!(language("multi"), None);
    }
}
