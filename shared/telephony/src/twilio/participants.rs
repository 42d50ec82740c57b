//! Participants of a conference: what is asked for a change, and for a guest.

use crate::participants::{Change, Guest, Part};

type Form = Vec<(&'static str, String)>;

/// The form of a change.
pub(super) fn change(change: &Change) -> Form {
    match change {
        Change::Hold(hold) => vec![("Hold", hold.to_string())],
        Change::Mute(muted) => vec![("Muted", muted.to_string())],
        Change::Part(part) => self::part(part),
    }
}

/// The form that invites a guest.
pub(super) fn guest(guest: &Guest) -> Form {
    let mut form = vec![
        ("To", guest.phone.to_string()),
        ("From", guest.from.0.to_string()),
        ("Label", guest.label.clone()),
        ("Timeout", guest.ring_timeout_s.to_string()),
        ("TimeLimit", guest.time_limit_s.to_string()),
        ("StartConferenceOnEnter", "false".to_owned()),
        ("EndConferenceOnExit", "false".to_owned()),
        // Nobody is to hear that somebody listens.
        ("Beep", "false".to_owned()),
    ];
    form.extend(part(&guest.part));
    form
}

fn part(part: &Part) -> Form {
    let (muted, coached) = match part {
        Part::Listens => (true, None),
        Part::Whispers { to } => (false, Some(to)),
        Part::Speaks => (false, None),
    };
    let mut form = vec![
        ("Muted", muted.to_string()),
        ("Coaching", coached.is_some().to_string()),
    ];
    form.extend(coached.map(|sid| ("CallSidToCoach", sid.clone())));
    form
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_domain::CallerId;

    fn shown(form: &Form) -> Vec<String> {
        form.iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect()
    }

    #[test]
    fn each_change_names_all_that_the_one_before_may_have_set() {
        assert_eq!(shown(&change(&Change::Hold(true))), ["Hold=true"]);
        assert_eq!(shown(&change(&Change::Mute(false))), ["Muted=false"]);
        let of = |part| shown(&change(&Change::Part(part)));
        assert_eq!(of(Part::Listens), ["Muted=true", "Coaching=false"]);
        let whispers = Part::Whispers { to: "CA7".into() };
        assert_eq!(
            of(whispers),
            ["Muted=false", "Coaching=true", "CallSidToCoach=CA7"]
        );
        assert_eq!(of(Part::Speaks), ["Muted=false", "Coaching=false"]);
    }

    #[test]
    fn a_guest_comes_and_goes_unheard_and_begins_and_ends_nothing() {
        let form = guest(&Guest {
            phone: "+14155550100".parse().unwrap(),
            from: CallerId("+14155550111".parse().unwrap()),
            label: "supervisor".into(),
            part: Part::Listens,
            ring_timeout_s: 30,
            time_limit_s: 600,
        });
        let form = shown(&form);
        for field in [
            "To=+14155550100",
            "From=+14155550111",
            "Label=supervisor",
            "StartConferenceOnEnter=false",
            "EndConferenceOnExit=false",
            "Beep=false",
            "Muted=true",
        ] {
            assert!(form.iter().any(|shown| shown == field), "{field}: {form:?}");
        }
    }
}
