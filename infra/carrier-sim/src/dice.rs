//! Chance, all of it from the seed and the call: the same list dialled twice behaves the same way.

/// A small generator (splitmix64), seeded by the simulator's seed, the number, and how often that number was called before.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64, number: &str, nth: u64) -> Self {
        // FNV-1a over the number, then mixed with the other two.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ seed.rotate_left(17);
        for byte in number.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Self(hash ^ nth.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in `low..=high`.
    pub(crate) fn between(&mut self, low: u32, high: u32) -> u32 {
        let span = u64::from(high.saturating_sub(low)) + 1;
        let offset = u32::try_from(self.next() % span).unwrap_or(0);
        low.saturating_add(offset)
    }

    /// One of the choices; none only when there are none.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> Option<&'a T> {
        let index = usize::try_from(self.next())
            .unwrap_or(usize::MAX)
            .checked_rem(choices.len())?;
        choices.get(index).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_and_call_gives_the_same_chance() {
        let draw = |seed, number, nth| {
            let mut dice = Dice::new(seed, number, nth);
            (0..8).map(|_| dice.between(0, 1_000_000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1, "+15550000001", 0), draw(1, "+15550000001", 0));
        assert_ne!(draw(1, "+15550000001", 0), draw(2, "+15550000001", 0));
        assert_ne!(draw(1, "+15550000001", 0), draw(1, "+15550000002", 0));
        assert_ne!(draw(1, "+15550000001", 0), draw(1, "+15550000001", 1));
    }

    #[test]
    fn between_stays_within_its_bounds() {
        let mut dice = Dice::new(7, "x", 0);
        let draws: Vec<u32> = (0..1000).map(|_| dice.between(3, 5)).collect();
        assert!(draws.iter().all(|n| (3..=5).contains(n)));
        assert!(
            [3, 4, 5].iter().all(|n| draws.contains(n)),
            "every value comes up"
        );
        assert_eq!(dice.between(9, 9), 9);
    }
}
