//! Cuts the model's stream of text into pieces that a voice can speak.

/// A piece longer than this is cut at a space, so that a model without
/// punctuation still speaks, and a buffer stays bounded.
const LONGEST: usize = 300;

/// The first clause is spoken alone from this length on.
const FIRST_CLAUSE: usize = 10;

/// After these a full stop does not end a sentence.
const ABBREVIATIONS: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "sr", "jr", "st", "vs", "e.g", "i.e", "approx", "dept", "ext", "inc",
];

/// Collects pieces of text and gives back sentences; the first time a clause,
/// so that speech starts while the model still writes.
#[derive(Debug, Default)]
pub struct Splitter {
    text: String,
    spoken: bool,
}

impl Splitter {
    /// Takes the next piece; it may split words, even sentences.
    pub fn push(&mut self, piece: &str) {
        self.text.push_str(piece);
    }

    /// The next complete sentence or first clause.
    ///
    /// A stop counts only when the character after it is known, so "$29." waits
    /// whether "$29.99" or "$29. Next" comes.
    pub fn pop(&mut self) -> Option<String> {
        loop {
            let end = self.boundary()?;
            let piece = self.take(end);
            if !piece.is_empty() {
                self.spoken = true;
                return Some(piece);
            }
        }
    }

    /// What is left when the model is done.
    pub fn flush(&mut self) -> Option<String> {
        if let Some(piece) = self.pop() {
            return Some(piece);
        }
        let rest = self.take(self.text.len());
        (!rest.is_empty()).then_some(rest)
    }

    fn take(&mut self, end: usize) -> String {
        let rest = self.text.split_off(end);
        std::mem::replace(&mut self.text, rest).trim().to_owned()
    }

    /// Byte just after the first place to cut.
    fn boundary(&self) -> Option<usize> {
        let mut chars = self.text.char_indices().peekable();
        let mut last_space = 0;
        while let Some((at, ch)) = chars.next() {
            let after = at + ch.len_utf8();
            let next = chars.peek().map(|(_, next)| *next);
            match ch {
                '\n' | '。' | '？' | '！' | '।' => return Some(after),
                '.' | '?' | '!' | '…'
                    if next.is_some_and(char::is_whitespace) && !self.is_abbreviation(at, ch) =>
                {
                    return Some(after);
                }
                '"' | '”' | ')'
                    if next.is_some_and(char::is_whitespace)
                        && self.text[..at].ends_with(['.', '?', '!']) =>
                {
                    return Some(after);
                }
                ',' | ';' | ':' | '–' | '—'
                    if !self.spoken && after >= FIRST_CLAUSE && next.is_some_and(char::is_whitespace) =>
                {
                    return Some(after);
                }
                space if space.is_whitespace() => last_space = after,
                _ => {}
            }
            if after > LONGEST {
                return Some(if last_space > 0 { last_space } else { after });
            }
        }
        None
    }

    fn is_abbreviation(&self, stop: usize, ch: char) -> bool {
        if ch != '.' {
            return false;
        }
        let word = self.text[..stop]
            .rsplit(|c: char| c.is_whitespace() || c == '(')
            .next()
            .unwrap_or("")
            .to_lowercase();
        // A single letter is an initial ("J. Smith"), except "I" which ends sentences.
        let initial = word.chars().count() == 1 && word.chars().all(char::is_alphabetic) && word != "i";
        initial || ABBREVIATIONS.contains(&word.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(pieces: &[&str]) -> Vec<String> {
        let mut splitter = Splitter::default();
        let mut out = Vec::new();
        for piece in pieces {
            splitter.push(piece);
            while let Some(sentence) = splitter.pop() {
                out.push(sentence);
            }
        }
        while let Some(sentence) = splitter.flush() {
            out.push(sentence);
        }
        out
    }

    #[test]
    fn a_price_is_not_cut_in_two() {
        assert_eq!(
            all(&["It is $29.", "99 a month. Next one."]),
            ["It is $29.99 a month.", "Next one."]
        );
        assert_eq!(all(&["It is $29.", " Next."]), ["It is $29.", "Next."]);
    }

    #[test]
    fn titles_and_initials_do_not_end_a_sentence() {
        assert_eq!(
            all(&["Ask Dr. Jones or J. Smith about it. Bye!"]),
            ["Ask Dr. Jones or J. Smith about it.", "Bye!"]
        );
        assert_eq!(all(&["So do I. Really."]), ["So do I.", "Really."]);
    }

    #[test]
    fn the_first_clause_is_spoken_before_the_sentence_is_complete() {
        let mut splitter = Splitter::default();
        splitter.push("Thanks for asking, we are open ");
        assert_eq!(splitter.pop().as_deref(), Some("Thanks for asking,"));
        splitter.push("from nine, and until five");
        assert_eq!(splitter.pop(), None, "only the first clause is cut at a comma");
        assert_eq!(
            splitter.flush().as_deref(),
            Some("we are open from nine, and until five")
        );
    }

    #[test]
    fn letter_by_letter_gives_the_same_as_at_once() {
        let text = "Hello there, Mr. Brown. It costs $29.99, or \"less.\" Fine? Yes";
        let letters: Vec<String> = text.chars().map(String::from).collect();
        let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
        assert_eq!(all(&letters), all(&[text]));
        assert_eq!(all(&[text]).join(" "), text);
    }

    #[test]
    fn text_without_punctuation_is_still_spoken_in_bounded_pieces() {
        let pieces = all(&["word ".repeat(500).as_str()]);
        assert!(pieces.len() > 5);
        assert!(pieces.iter().all(|piece| piece.len() <= LONGEST));
        assert_eq!(all(&["x".repeat(700).as_str()]).concat().len(), 700);
    }
}
