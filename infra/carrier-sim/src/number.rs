//! Phone numbers, and what the party behind one does.

use crate::manners::Does;

/// What the called party does, set by the last two digits of its number (runtime.md, "The simulated carrier").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// 00–69: a person who answers, talks, says goodbye.
    Talks,
    /// 70–79: an answering machine.
    Machine,
    /// 80–84.
    NoAnswer,
    /// 85–89.
    Busy,
    /// 90–94: the carrier fails the call.
    Fails,
    /// 95: answers, then nothing.
    DeadAir,
    /// 96: a person who asks for a human.
    AsksForHuman,
    /// 97: a person who says to stop calling.
    StopsCalls,
    /// 98: a person who talks over the agent.
    TalksOver,
    /// 99: a person who hangs up in mid-sentence.
    HangsUp,
    /// A human agent's phone that answers: unless steered otherwise, presses 1 when asked for a key, and listens.
    Operator,
}

impl Fate {
    /// The fate of a called number.
    pub(crate) fn of_called(number: &str) -> Self {
        match last_two(number) {
            70..=79 => Self::Machine,
            80..=84 => Self::NoAnswer,
            85..=89 => Self::Busy,
            90..=94 => Self::Fails,
            95 => Self::DeadAir,
            96 => Self::AsksForHuman,
            97 => Self::StopsCalls,
            98 => Self::TalksOver,
            99 => Self::HangsUp,
            _ => Self::Talks,
        }
    }

    /// How somebody who rings the platform behaves: as when called, except that a line that would not answer belongs to a plain talker.
    pub(crate) fn of_caller(number: &str) -> Self {
        match Self::of_called(number) {
            Self::Machine | Self::NoAnswer | Self::Busy | Self::Fails => Self::Talks,
            fate @ (Self::Talks
            | Self::DeadAir
            | Self::AsksForHuman
            | Self::StopsCalls
            | Self::TalksOver
            | Self::HangsUp
            | Self::Operator) => fate,
        }
    }

    /// The fate of a human agent's phone, whatever its number.
    pub(crate) fn of_operator(does: Does) -> Self {
        match does {
            Does::Accepts | Does::Declines | Does::Ignores => Self::Operator,
            Does::NoAnswer => Self::NoAnswer,
            Does::Busy => Self::Busy,
        }
    }

    /// Its name in `GET /sim/calls/{sid}`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Talks => "person",
            Self::Machine => "machine",
            Self::NoAnswer => "no-answer",
            Self::Busy => "busy",
            Self::Fails => "failed",
            Self::DeadAir => "dead-air",
            Self::AsksForHuman => "asks-for-human",
            Self::StopsCalls => "stops-calls",
            Self::TalksOver => "talks-over",
            Self::HangsUp => "hangs-up",
            Self::Operator => "operator",
        }
    }
}

/// Whether the text is a number in E.164 form: `+`, then 7 to 15 digits, the first not 0.
pub(crate) fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0')
    })
}

fn last_two(number: &str) -> u32 {
    let tail: Vec<u32> = number
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .take(2)
        .collect();
    tail.first().copied().unwrap_or(0) + 10 * tail.get(1).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_last_digits_has_its_contracted_fate() {
        for pair in 0..100 {
            let number = format!("+155512345{pair:02}");
            let expected = match pair {
                0..=69 => Fate::Talks,
                70..=79 => Fate::Machine,
                80..=84 => Fate::NoAnswer,
                85..=89 => Fate::Busy,
                90..=94 => Fate::Fails,
                95 => Fate::DeadAir,
                96 => Fate::AsksForHuman,
                97 => Fate::StopsCalls,
                98 => Fate::TalksOver,
                _ => Fate::HangsUp,
            };
            assert_eq!(Fate::of_called(&number), expected, "{number}");
        }
    }

    #[test]
    fn a_caller_is_never_a_machine_or_a_dead_line() {
        assert_eq!(Fate::of_caller("+15550001172"), Fate::Talks);
        assert_eq!(Fate::of_caller("+15550001190"), Fate::Talks);
        assert_eq!(Fate::of_caller("+15550001197"), Fate::StopsCalls);
    }

    #[test]
    fn e164_takes_what_the_standard_allows() {
        for good in ["+15551234567", "+911234567890", "+4412345"] {
            assert!(is_e164(good), "{good}");
        }
        for bad in [
            "",
            "+",
            "15551234567",
            "+0551234567",
            "+1555123456789012",
            "+1 5551234567",
            "+155512x4567",
            "+123456",
        ] {
            assert!(!is_e164(bad), "{bad}");
        }
    }
}
