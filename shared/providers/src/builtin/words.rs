//! Plain words of what was said, and patterns over them.

/// The sentences of a text, each as lower-case words without punctuation and
/// with contractions written out ("don't" is "do not").
pub(crate) fn sentences(text: &str) -> Vec<Vec<String>> {
    let ends = |c: char| matches!(c, '.' | '?' | '!' | ';' | '\n');
    text.split(ends)
        .map(words)
        .filter(|sentence| !sentence.is_empty())
        .collect()
}

/// The words of a text as one row.
pub(crate) fn words(text: &str) -> Vec<String> {
    let plain = text.to_lowercase().replace(['\u{2019}', '\u{2018}'], "'");
    let pieces = plain.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '@');
    pieces
        .map(|word| word.trim_matches('\''))
        .filter(|word| !word.is_empty())
        .flat_map(written_out)
        .collect()
}

fn written_out(word: &str) -> Vec<String> {
    let whole = match word {
        "dont" => "do not",
        "can't" | "cannot" | "cant" => "can not",
        "won't" | "wont" => "will not",
        "wanna" => "want to",
        "gonna" => "going to",
        "gotta" => "got to",
        "lemme" => "let me",
        "gimme" => "give me",
        "y'all" => "you all",
        "anymore" => "any more",
        "let's" => "let us",
        "that's" => "that is",
        "it's" => "it is",
        "what's" => "what is",
        "who's" => "who is",
        "where's" => "where is",
        "when's" => "when is",
        "how's" => "how is",
        "there's" => "there is",
        "here's" => "here is",
        "he's" => "he is",
        "she's" => "she is",
        _ => "",
    };
    if !whole.is_empty() {
        return whole.split(' ').map(str::to_owned).collect();
    }
    let endings = [
        ("n't", "not"),
        ("'re", "are"),
        ("'ve", "have"),
        ("'ll", "will"),
        ("'m", "am"),
        ("'d", "would"),
    ];
    let split = endings
        .iter()
        .find_map(|(ending, long)| Some((word.strip_suffix(ending)?, long)));
    match split {
        Some((stem, long)) if !stem.is_empty() => vec![stem.to_owned(), (*long).to_owned()],
        _ => vec![word.replace('\'', "")],
    }
}

/// Where a pattern first fits into a sentence: first word and the word behind it.
///
/// A pattern is words apart by spaces: `a|b` is either, `~2` is up to two
/// words of any kind, `^` is the start of the sentence and `$` its end.
pub(crate) fn find(pattern: &str, sentence: &[String]) -> Option<(usize, usize)> {
    let parts: Vec<&str> = pattern.split(' ').collect();
    (0..=sentence.len()).find_map(|start| Some((start, fits(&parts, sentence, start)?)))
}

fn fits(parts: &[&str], sentence: &[String], at: usize) -> Option<usize> {
    let Some((part, rest)) = parts.split_first() else {
        return Some(at);
    };
    match *part {
        "^" => (at == 0).then(|| fits(rest, sentence, at))?,
        "$" => (at == sentence.len()).then(|| fits(rest, sentence, at))?,
        gap if gap.starts_with('~') => {
            let most: usize = gap[1..].parse().unwrap_or(0);
            (at..=(at + most).min(sentence.len())).find_map(|at| fits(rest, sentence, at))
        }
        choice => {
            let word = sentence.get(at)?;
            choice
                .split('|')
                .any(|option| option == word)
                .then(|| fits(rest, sentence, at + 1))?
        }
    }
}

/// Whether any of the patterns fits into the sentence.
pub(crate) fn any(patterns: &[&str], sentence: &[String]) -> bool {
    patterns.iter().any(|pattern| find(pattern, sentence).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contractions_are_written_out() {
        assert_eq!(
            words("Don\u{2019}t call, I'm BUSY!").join(" "),
            "do not call i am busy"
        );
        assert_eq!(
            words("can't won't shouldn't they'll").join(" "),
            "can not will not should not they will"
        );
        assert_eq!(sentences("One two. Three? ").len(), 2);
        assert!(sentences("... !").is_empty());
    }

    #[test]
    fn patterns_know_choices_gaps_and_ends() {
        let sentence = words("please take me off of your list");
        assert_eq!(find("take me off", &sentence), Some((1, 4)));
        assert_eq!(find("take|put ~1 off ~3 list|lists $", &sentence), Some((1, 7)));
        assert_eq!(find("take list", &sentence), None);
        assert_eq!(find("^ take", &sentence), None);
        assert_eq!(find("take ~1 list", &sentence), None);
    }
}
