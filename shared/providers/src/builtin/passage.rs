//! Written passages (knowledge, system prompts) cut into sentences.

/// Sentences in order: full stops inside numbers, addresses and abbreviations
/// end none, and marks of lists and of "Q:" and "A:" are left out.
pub(crate) fn sentences(passage: &str) -> Vec<String> {
    let mut out = Vec::new();
    for line in passage.lines() {
        let mut start = 0;
        for (at, mark) in line.match_indices(['.', '?', '!']) {
            let end = at + mark.len();
            let rest = &line[end..];
            if rest.chars().next().is_none_or(char::is_whitespace) && !goes_on(&line[start..end], rest) {
                out.push(tidy(&line[start..end]));
                start = end;
            }
        }
        out.push(tidy(&line[start..]));
    }
    out.retain(|sentence| sentence.chars().filter(|c| c.is_alphanumeric()).count() > 1);
    out
}

const ABBREVIATIONS: &[&str] = &[
    "mr.", "mrs.", "ms.", "dr.", "st.", "inc.", "ltd.", "e.g.", "i.e.", "a.m.", "p.m.",
];

/// Whether the full stop behind `text` belongs to an abbreviation.
fn goes_on(text: &str, rest: &str) -> bool {
    let last = text.rsplit(' ').next().unwrap_or_default().to_lowercase();
    let next = rest.trim_start().chars().next();
    // "No. 5" is a number; behind "p.m." and "Inc." a capital begins a sentence.
    let is_number = last == "no." && next.is_some_and(|c| c.is_ascii_digit());
    let titles = &ABBREVIATIONS[..5];
    let others = ABBREVIATIONS.contains(&last.as_str()) && next.is_some_and(|c| !c.is_uppercase());
    is_number || titles.contains(&last.as_str()) || others
}

fn tidy(text: &str) -> String {
    let bare = text
        .trim()
        .trim_start_matches(['-', '*', '#', '\u{2022}', '>', ' ']);
    let labels = ["Q:", "A:", "Question:", "Answer:", "q:", "a:"];
    let bare = labels
        .iter()
        .find_map(|label| bare.strip_prefix(label))
        .unwrap_or(bare);
    bare.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_cut_with_sense() {
        assert_eq!(
            sentences(
                "Call Dr. Smith at 9.30 a.m. tomorrow. It is $3.50!\n- A point\n\nQ: Why? A: Say no. Then No. 5."
            ),
            [
                "Call Dr. Smith at 9.30 a.m. tomorrow.",
                "It is $3.50!",
                "A point",
                "Why?",
                "Say no.",
                "Then No. 5."
            ]
        );
        assert_eq!(
            sentences("We close at 6 p.m. On Monday we rest."),
            ["We close at 6 p.m.", "On Monday we rest."]
        );
        assert!(sentences(" ... \n - \n").is_empty());
    }
}
