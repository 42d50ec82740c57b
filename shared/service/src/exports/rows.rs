//! Calls as lines of CSV.

use chrono::SecondsFormat;
use trunkline_domain::{Call, CallStatus, Direction, Instant};

/// The first line.
pub(super) const HEADER: &str = "id,created_at,direction,phone_number,from_number,status,duration_seconds,agent_id,campaign_id,\
answered_at,ended_at,sentiment,sentiment_score,emotions,key_phrases,summary,cost,notes\r\n";

/// Adds a call's line.
pub(super) fn line(out: &mut Vec<u8>, call: &Call) {
    let text = |of: Option<String>| of.unwrap_or_default();
    let time = |at: Option<Instant>| text(at.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)));
    let analysis = call.analysis.as_ref();
    let direction = match call.direction {
        Direction::Outbound => "outbound",
        Direction::Inbound => "inbound",
        Direction::Web => "web",
    };
    let cells = [
        call.id.to_string(),
        time(Some(call.created_at)),
        direction.to_owned(),
        call.to.to_string(),
        call.from.0.to_string(),
        CallStatus::word(call.status).to_owned(),
        call.duration_s.to_string(),
        text(call.voice_agent.map(|agent| agent.to_string())),
        text(call.campaign.map(|campaign| campaign.to_string())),
        time(call.answered_at),
        time(call.ended_at),
        text(analysis.map(|found| found.sentiment.clone())),
        text(analysis.map(|found| format!("{:.2}", found.sentiment_score))),
        text(analysis.map(|found| found.emotions.join("; "))),
        text(analysis.map(|found| found.key_phrases.join("; "))),
        text(analysis.map(|found| found.summary.clone())),
        format!("{:.6}", call.cost.dollars()),
        text(call.notes.clone()),
    ];
    for (at, value) in cells.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        cell(out, value);
    }
    out.extend(b"\r\n");
}

/// Adds a cell. What a spreadsheet would take for a formula gets an apostrophe before it, in quotes, as
/// OWASP has it for CSV injection; what has commas, quotes or line ends is quoted as RFC 4180 has it.
pub fn cell(out: &mut Vec<u8>, value: &str) {
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !formula && !value.contains(['"', ',', '\r', '\n']) {
        out.extend(value.as_bytes());
        return;
    }
    out.push(b'"');
    if formula {
        out.push(b'\'');
    }
    out.extend(value.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &str) -> String {
        let mut out = Vec::new();
        cell(&mut out, value);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn no_cell_is_a_formula() {
        for (value, expected) in [
            ("=1+1", "\"'=1+1\""),
            ("+14155550100", "\"'+14155550100\""),
            ("-0.50", "\"'-0.50\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\tx", "\"'\tx\""),
            ("\rx", "\"'\rx\""),
            ("=\"a\",b", "\"'=\"\"a\"\",b\""),
        ] {
            assert_eq!(written(value), expected);
        }
    }

    #[test]
    fn what_csv_needs_quoted_is_and_nothing_else() {
        for (value, expected) in [
            ("", ""),
            ("plain text", "plain text"),
            ("a,b", "\"a,b\""),
            ("a\nb", "\"a\nb\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
        ] {
            assert_eq!(written(value), expected);
        }
    }

    #[test]
    fn the_header_names_each_cell() {
        assert_eq!(HEADER.trim_end().split(',').count(), 18);
    }
}
