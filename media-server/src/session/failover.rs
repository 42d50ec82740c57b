//! Which provider a part uses, and when none is left.

/// One part's providers, in order of preference.
#[derive(Debug, Clone)]
pub(super) struct Failover {
    choice: usize,
    choices: usize,
    /// Whether the last one in the row has already failed since it last worked.
    struck: bool,
}

impl Failover {
    pub(super) fn new(choices: usize) -> Self {
        Self {
            choice: 0,
            choices: choices.max(1),
            struck: false,
        }
    }

    /// The one in use.
    pub(super) fn choice(&self) -> usize {
        self.choice
    }

    /// It failed: the next one, or the last one once more, or none.
    pub(super) fn next(&mut self) -> Option<usize> {
        if self.choice + 1 < self.choices {
            self.choice += 1;
            return Some(self.choice);
        }
        (!std::mem::replace(&mut self.struck, true)).then_some(self.choice)
    }

    /// It worked: a later failure is a new one.
    pub(super) fn worked(&mut self) {
        self.struck = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_provider_has_its_turn_and_the_last_a_second_one() {
        let mut part = Failover::new(3);
        assert_eq!(
            [part.next(), part.next(), part.next(), part.next()],
            [Some(1), Some(2), Some(2), None]
        );
        part.worked();
        assert_eq!(part.next(), Some(2));
    }
}
