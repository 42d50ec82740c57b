//! The TwiML that we answer with.

use serde_json::{Value, json};
use trunkline_telephony::{
    Verb,
    twiml::{self, Conference, Gather, Stream},
};

use super::{PYTHON, Sdks};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_documents_are_those_that_they_write() {
    let sdks = Sdks::get().await;
    let action = "https://h/webhooks/twilio/stream-ended?callId=1&e=2&gen=0#rc=3&rp=all";
    let (file, told) = (
        "https://h/voicemail/a%20b.mp3?x=1&y=\"2\"",
        "https://h/webhooks/twilio/conference-status?callId=1&e=2",
    );
    let (text, music, label) = ("Zoë & <Söhne> say \"hello\" to 'you'", "", "caller");
    let parameters =
        [("callId", "1"), ("token", "a&b<c>\"d\"é")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let events = ["start", "end", "join", "leave"];
    let ours = [
        vec![Verb::Stream(Stream {
            url: "wss://h/media-stream".to_owned(),
            parameters: parameters.to_vec(),
            action: action.to_owned(),
        })],
        vec![Verb::Conference(Conference {
            name: "call_1".to_owned(),
            start_on_enter: true,
            end_on_exit: false,
            muted: false,
            beep: false,
            wait_url: Some(music.to_owned()),
            status: Some((told.to_owned(), events.map(str::to_owned).to_vec())),
            label: Some(label.to_owned()),
        })],
        vec![
            Verb::Gather(Gather {
                action: action.to_owned(),
                digits: 1,
                timeout_s: 5,
                prompt: vec![
                    Verb::Say {
                        text: text.to_owned(),
                        language: Some("en-US".to_owned()),
                    },
                    Verb::Play { url: file.to_owned() },
                    Verb::Pause { seconds: 2 },
                ],
            }),
            Verb::Redirect {
                url: action.to_owned(),
            },
        ],
        vec![Verb::Play { url: file.to_owned() }, Verb::Hangup],
        Vec::new(),
    ]
    .map(|verbs| twiml::document(&verbs));
    let ours = trees(&sdks, &json!(ours)).await;
    let build = json!({
        "do": "build", "action": action, "socket": "wss://h/media-stream", "parameters": parameters, "room": "call_1",
        "label": label, "music": music, "told": told, "events": events, "text": text, "file": file,
    });
    for (who, theirs) in sdks.ask(&build).await {
        let theirs = trees(&sdks, &theirs).await;
        for (ours, theirs) in ours.as_array().unwrap().iter().zip(theirs.as_array().unwrap()) {
            assert_eq!(ours, theirs, "{who}");
        }
        assert_eq!(theirs.as_array().unwrap().len(), 5);
    }
}

/// Documents without what XML leaves to its writer, read by Python's own parser.
async fn trees(sdks: &Sdks, documents: &Value) -> Value {
    let question = json!({"do": "parse", "documents": documents});
    sdks.python.ask(PYTHON, &question).await
}
