//! Recordings, asked as a client of the document asks: with a bucket and a queue of the test's own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test may stop at the first surprise"
)]

mod carrier;
mod document;
mod download;
mod transcribe;
mod voicemail;

use trunkline_domain::{Call, call::Recording, recording::wav_key};
use trunkline_testing::{Aws, Client, Platform, call};

/// A platform whose bucket and queue answer.
struct Whole {
    platform: Platform,
    aws: Aws,
    ada: Client,
}

async fn whole() -> Whole {
    let aws = Aws::start().await;
    let router = api_recordings::router().merge(api_calls::router());
    let platform = Platform::with(router, |ctx| aws.wire(ctx)).await;
    let ada = platform.manager("ada").await;
    Whole { platform, aws, ada }
}

/// A stereo WAV: the person speaks (a tone that swells) in the second and the fifth second of six.
fn wav() -> Vec<u8> {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = std::io::Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut file, spec).unwrap();
    for n in 0..48_000_i32 {
        let loud = [1, 4].contains(&(n / 8_000));
        let sample = if loud { 9_000 * (n / 20 % 2 * 2 - 1) } else { 0 };
        writer.write_sample(i16::try_from(sample).unwrap()).unwrap();
        writer.write_sample(0_i16).unwrap();
    }
    writer.finalize().unwrap();
    file.into_inner()
}

impl Whole {
    /// A recorded call, with two lines that were said on it.
    async fn recorded(&self) -> (Call, Vec<u8>) {
        let bytes = wav();
        let mut call = call(&self.ada, &self.platform.ctx, self.platform.ctx.now());
        let key = wav_key(call.tenant, call.id);
        self.platform
            .ctx
            .blobs
            .put(&key, bytes.clone(), "audio/wav")
            .await
            .unwrap();
        call.recording = Some(Recording {
            key,
            size_bytes: u64::try_from(bytes.len()).unwrap(),
            duration_s: 6,
            ready_at: self.platform.ctx.now(),
        });
        call.gen_next = 1;
        self.platform.put_call(&call).await;
        self.platform.talk(&call).await;
        (call, bytes)
    }
}
