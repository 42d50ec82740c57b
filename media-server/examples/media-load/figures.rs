//! What was measured, over all phones.

/// Sums and samples; times in microseconds.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    /// From the end of speech plus the silence that ends a turn to the first audio.
    pub(crate) reply_us: Vec<i64>,
    /// Of these, those in whose last second the generator's phone was never late itself.
    pub(crate) reply_in_time_us: Vec<i64>,
    /// From the moment that speech counts as an interruption to the `clear`.
    pub(crate) barge_in_us: Vec<i64>,
    /// The generator's own lateness: when this is bad, so is everything else.
    pub(crate) late_us: Vec<i64>,
    /// Frames of the agent, and those that came after the phone had run dry.
    pub(crate) frames: u64,
    pub(crate) underruns: u64,
    /// Frames that were further ahead than a tenth of a second and a bit.
    pub(crate) early: u64,
    /// Streams that ended before their time.
    pub(crate) broken: u64,
}

impl Figures {
    pub(crate) fn add(&mut self, other: Self) {
        self.reply_us.extend(other.reply_us);
        self.reply_in_time_us.extend(other.reply_in_time_us);
        self.barge_in_us.extend(other.barge_in_us);
        self.late_us.extend(other.late_us);
        self.frames += other.frames;
        self.underruns += other.underruns;
        self.early += other.early;
        self.broken += other.broken;
    }

    pub(crate) fn print(&mut self) {
        println!("streams that broke           {}", self.broken);
        println!("agent frames                 {}", self.frames);
        println!("underruns                    {}", self.underruns);
        println!("frames too far ahead         {}", self.early);
        line("reply beyond the silence", &mut self.reply_us);
        line("  the generator in time", &mut self.reply_in_time_us);
        line("barge-in to clear, beyond", &mut self.barge_in_us);
        line("the generator's own lateness", &mut self.late_us);
    }
}

fn line(what: &str, samples: &mut [i64]) {
    samples.sort_unstable();
    let at =
        |percent: usize| samples.get((samples.len() * percent / 100).min(samples.len().saturating_sub(1)));
    let ms = |percent| {
        at(percent).map_or(0.0, |us| {
            f64::from(i32::try_from(*us).unwrap_or(i32::MAX)) / 1_000.0
        })
    };
    println!(
        "{what:<28} p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, max {:.1} ms ({} samples)",
        ms(50),
        ms(95),
        ms(99),
        ms(100),
        samples.len()
    );
}
