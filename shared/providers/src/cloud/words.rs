//! What a vendor says about a failure, short and without secrets.

use serde_json::Value;
use serde_json::error::Category;

/// Where vendors put the readable part of an error. Sources: their API
/// references on errors; OpenAI `error.message`, ElevenLabs `detail.message`,
/// Deepgram `err_msg` or `message`, Cartesia `message` or `title`.
const PLACES: [&str; 10] = [
    "/error/message",
    "/error",
    "/detail/message",
    "/detail/0/msg",
    "/detail",
    "/err_msg",
    "/message",
    "/description",
    "/reason",
    "/title",
];

/// Letters of a message that are kept.
const LETTERS_MAX: usize = 200;

/// The readable part of an error's body, if there is one; still with secrets.
pub(super) fn of_body(body: &[u8]) -> Option<String> {
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => of_value(&value),
        Err(_) => {
            let text = std::str::from_utf8(body).ok()?;
            // A page of some proxy's is not for reading.
            (!text.trim_start().starts_with('<')).then(|| short(text))?
        }
    }
}

/// The same of what is JSON already.
pub(super) fn of_value(value: &Value) -> Option<String> {
    PLACES
        .iter()
        .find_map(|place| value.pointer(place)?.as_str())
        .or_else(|| value.as_str())
        .and_then(short)
}

fn short(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let kept: String = line
        .chars()
        .filter(|c| !c.is_control())
        .take(LETTERS_MAX)
        .collect();
    (!kept.is_empty()).then_some(kept)
}

/// Why something is not the JSON that it should be. What is in it may be words
/// of a call, so nothing of it is quoted, as the error's own text would.
pub(super) fn unreadable(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        Category::Eof => "it ends too soon",
        Category::Syntax => "it is not JSON",
        Category::Data => "it lacks what is documented",
        Category::Io => "it could not be read whole",
    };
    format!("{what} (column {})", error.column())
}

/// The text with the key, and all that looks like one, taken out.
pub(super) fn without_keys(text: &str, key: &str) -> String {
    let text = if key.is_empty() {
        text.to_owned()
    } else {
        text.replace(key, "…")
    };
    text.split(' ')
        .map(|word| if is_key_like(word) { "…" } else { word })
        .collect::<Vec<_>>()
        .join(" ")
}

/// Vendors quote keys whole, or with their middle starred out.
fn is_key_like(word: &str) -> bool {
    let starts = |start: &str| {
        word.trim_start_matches(|c: char| !c.is_alphanumeric())
            .starts_with(start)
    };
    let named = ["key=", "token=", "Bearer:"]
        .iter()
        .any(|name| word.contains(name));
    named
        || starts("sk-")
        || starts("sk_")
        || word.contains("**")
        || word.split(|c: char| !c.is_ascii_alphanumeric()).any(is_random)
}

/// Longer than words and parts of model names are, with digits among the letters.
fn is_random(run: &str) -> bool {
    run.len() >= 20 && run.bytes().any(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_vendors_way_of_saying_it_is_understood() {
        for (body, said) in [
            (
                r#"{"error":{"message":"No such model","code":"model_not_found"}}"#,
                "No such model",
            ),
            (r#"{"error":"busy"}"#, "busy"),
            (
                r#"{"detail":{"status":"quota_exceeded","message":"Out of credits"}}"#,
                "Out of credits",
            ),
            (
                r#"{"detail":[{"loc":["body"],"msg":"Field required"}]}"#,
                "Field required",
            ),
            (
                r#"{"err_code":"INVALID_AUTH","err_msg":"Invalid credentials."}"#,
                "Invalid credentials.",
            ),
            (
                r#"{"title":"Too many","message":"Over your limit"}"#,
                "Over your limit",
            ),
            ("Title:\n  Message", "Title: Message"),
        ] {
            assert_eq!(of_body(body.as_bytes()).as_deref(), Some(said), "{body}");
        }
        for body in ["<html><body>502</body></html>", "", "{}", "[1]"] {
            assert_eq!(of_body(body.as_bytes()), None, "{body}");
        }
        assert_eq!(
            of_body("x".repeat(5_000).as_bytes()).map(|said| said.len()),
            Some(LETTERS_MAX)
        );
    }

    #[test]
    fn words_of_a_call_are_not_quoted() {
        let error = serde_json::from_str::<u32>(r#""my number is 5""#).unwrap_err();
        assert!(error.to_string().contains("my number"));
        assert_eq!(unreadable(&error), "it lacks what is documented (column 16)");
        let error = serde_json::from_str::<Value>("{").unwrap_err();
        assert_eq!(unreadable(&error), "it ends too soon (column 1)");
    }

    #[test]
    fn keys_go_and_models_addresses_and_ids_stay() {
        let said = "Incorrect API key provided: sk-ab**********yz. See https://a.test/api-keys (mine), 'sk_car_9', 0123456789abcdef0123, ?api_key=x";
        assert_eq!(
            without_keys(said, "mine"),
            "Incorrect API key provided: … See https://a.test/api-keys (…), … … …"
        );
        let kept =
            "gpt-4o-mini-tts-2025-12-15 has no 550e8400-e29b-41d4-a716-446655440000 internationalization";
        assert_eq!(without_keys(kept, ""), kept);
    }
}
