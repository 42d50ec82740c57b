//! Ears: what a recording holds.

/// The loudness (root mean square of samples) of both channels and the length in seconds.
pub(crate) fn listen(bytes: &[u8]) -> (f64, f64, f64) {
    listen_until(bytes, usize::MAX)
}

/// As `listen`, of no more than its first seconds.
pub(crate) fn listen_until(bytes: &[u8], seconds: usize) -> (f64, f64, f64) {
    let mut wav = hound::WavReader::new(std::io::Cursor::new(bytes)).unwrap();
    let spec = wav.spec();
    assert_eq!(
        (spec.channels, spec.sample_rate, spec.bits_per_sample),
        (2, 8_000, 16)
    );
    let samples: Vec<f64> = wav
        .samples::<i16>()
        .take(seconds.saturating_mul(16_000))
        .map(|sample| f64::from(sample.unwrap()))
        .collect();
    let rms = |channel: usize| {
        let squares: Vec<f64> = samples
            .iter()
            .skip(channel)
            .step_by(2)
            .map(|sample| sample * sample)
            .collect();
        (squares.iter().sum::<f64>() / f64::from(u32::try_from(squares.len().max(1)).unwrap())).sqrt()
    };
    let seconds = f64::from(u32::try_from(samples.len()).unwrap()) / 16_000.0;
    (rms(0), rms(1), seconds)
}
