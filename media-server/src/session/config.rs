//! What a session is told before it starts.

use trunkline_providers::llm::Line;

use super::output::Next;

/// Who called whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// The platform dialled: the callee's "hello?" is waited for.
    #[default]
    Outbound,
    /// Somebody dialled in, or the stream resumes: the agent speaks at once.
    Inbound,
}

/// What to do when an answering machine has picked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MachinePolicy {
    /// Talk on as if it were a person.
    #[default]
    Ignore,
    /// Hang up without a word.
    Hangup,
    /// Wait for the beep, then finish with [`Next::Voicemail`].
    LeaveMessage,
}

/// Who might take the caller over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum People {
    /// Nobody: a transfer ends the session.
    #[default]
    None,
    /// There are some.
    Some,
    /// There are some, and one is looked for: an earlier stream of the call has asked.
    Sought,
}

/// When a silent caller is asked, and given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SilenceSettings {
    /// Silence before "are you still there?", and again before the next step.
    pub prompt_after_ms: u64,
    /// How often it is asked before the goodbye.
    pub prompts: u32,
}

impl Default for SilenceSettings {
    fn default() -> Self {
        Self {
            prompt_after_ms: 8_000,
            prompts: 1,
        }
    }
}

/// Sentences that the session says by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrases {
    /// When a reply takes long.
    pub filler: String,
    /// When the caller says nothing.
    pub still_there: String,
    /// Before hanging up on silence.
    pub goodbye: String,
    /// When speech without words was heard.
    pub not_understood: String,
    /// Before hanging up at the maximum duration.
    pub out_of_time: String,
    /// When a provider is gone for good.
    pub fallback: String,
    /// Confirms an opt-out.
    pub opted_out: String,
    /// First words of a stream that continues a broken one.
    pub resumed: String,
    /// A person is looked for, when the model has not said so itself.
    pub transferring: String,
    /// While a person is looked for.
    pub still_looking: String,
    /// When no person came.
    pub nobody_came: String,
}

impl Default for Phrases {
    fn default() -> Self {
        Self {
            filler: "One moment, please.".to_owned(),
            still_there: "Are you still there?".to_owned(),
            goodbye: "I can't hear you, so I'll hang up now. Goodbye.".to_owned(),
            not_understood: "Sorry, I didn't catch that. Could you say it again?".to_owned(),
            out_of_time: "I'm sorry, our time is up. Thank you, and goodbye.".to_owned(),
            fallback: "I'm sorry, I have a technical problem and cannot go on with this call. Goodbye."
                .to_owned(),
            opted_out: "Understood. We won't call you again. Goodbye.".to_owned(),
            resumed: "Sorry, the line dropped for a moment. Please go on.".to_owned(),
            transferring: "One moment, please. I am looking for a colleague who can talk to you.".to_owned(),
            still_looking: "I am still looking for a colleague. Please stay on the line.".to_owned(),
            nobody_came:
                "I am sorry, none of my colleagues is free right now. You can leave a message with me. \
                          Is there anything else I can help you with?"
                    .to_owned(),
        }
    }
}

/// Every time limit of a session, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timings {
    /// Silence after which the recogniser is asked and a reply is prepared, unspoken.
    pub probe_ms: u64,
    /// Silence that ends a finished sentence's turn.
    pub endpoint_ms: u64,
    /// Silence that ends any turn.
    pub endpoint_max_ms: u64,
    /// Outbound: how long a callee may take to begin "hello".
    pub hello_wait_ms: u64,
    /// Silence that ends the callee's hello.
    pub hello_end_ms: u64,
    /// The agent greets at last, whoever still speaks.
    pub hello_max_ms: u64,
    /// Speech that interrupts the agent while its words are unknown.
    pub barge_in_ms: u64,
    /// Speech that interrupts once it is known to have words.
    pub barge_in_word_ms: u64,
    /// The start of a reply that cannot be interrupted.
    pub protect_ms: u64,
    /// An interruption without words is taken back within this time.
    pub resume_ms: u64,
    /// The most audio that the carrier holds unplayed.
    pub lead_ms: u64,
    /// Unplayed audio at which the session asks to be woken.
    pub low_lead_ms: u64,
    /// A mark this late is lost: the playout estimate stands in for it.
    pub mark_grace_ms: u64,
    /// A reply that takes longer is announced by the filler.
    pub filler_ms: u64,
    /// A provider that answers nothing for this long has failed.
    pub provider_ms: u64,
    /// No frame for this long: the line has stalled, and its silence is counted by the clock.
    pub stall_ms: u64,
    /// No frame from the carrier for this long: the stream is dead.
    pub media_ms: u64,
    /// The conversation's limit, from the stream's start.
    pub max_duration_ms: u64,
    /// After the limit, by then the session is over in any case.
    pub grace_ms: u64,
    /// Last words may take this long.
    pub closing_ms: u64,
    /// After a hangup, how long the caller's last words are waited for.
    pub linger_ms: u64,
    /// A machine's greeting is waited out for at most this long.
    pub machine_ms: u64,
    /// While a person is looked for: how often a silent caller is told so.
    pub hold_ms: u64,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            probe_ms: 240,
            endpoint_ms: 500,
            endpoint_max_ms: 3_000,
            hello_wait_ms: 1_200,
            hello_end_ms: 400,
            hello_max_ms: 6_000,
            barge_in_ms: 400,
            barge_in_word_ms: 300,
            protect_ms: 800,
            resume_ms: 2_000,
            lead_ms: 100,
            low_lead_ms: 60,
            mark_grace_ms: 1_000,
            filler_ms: 1_500,
            provider_ms: 6_000,
            stall_ms: 60,
            media_ms: 15_000,
            max_duration_ms: 600_000,
            grace_ms: 20_000,
            closing_ms: 15_000,
            linger_ms: 2_000,
            machine_ms: 20_000,
            hold_ms: 10_000,
        }
    }
}

/// How many providers stand by for each part, in order of preference; at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choices {
    /// Recognisers.
    pub stt: usize,
    /// Language models.
    pub llm: usize,
    /// Voices.
    pub tts: usize,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            stt: 1,
            llm: 1,
            tts: 1,
        }
    }
}

/// All that a session needs to know.
#[derive(Debug, Clone)]
pub struct SessionConfig {
    /// Who called whom.
    pub direction: Direction,
    /// First words; empty: the model makes them.
    pub greeting: String,
    /// The conversation so far, for a stream that continues a broken one.
    pub history: Vec<Line>,
    /// The session's own sentences.
    pub phrases: Phrases,
    /// Time limits.
    pub timings: Timings,
    /// Silence handling.
    pub silence: SilenceSettings,
    /// Answering machines; who answered is listened for unless they are ignored.
    pub machine: MachinePolicy,
    /// A machine has answered, and nobody talks: its beep is waited for, with no provider, then follows [`Next::Voicemail`].
    pub listens: bool,
    /// Who might take the caller over.
    pub handover: People,
    /// Providers standing by.
    pub choices: Choices,
    /// What follows when no provider is left.
    pub fallback: Next,
    /// Whether a caller's words ask not to be called again.
    pub opt_out: fn(&str) -> bool,
    /// The key that asks not to be called again.
    pub opt_out_key: Option<char>,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            direction: Direction::default(),
            greeting: String::new(),
            history: Vec::new(),
            phrases: Phrases::default(),
            timings: Timings::default(),
            silence: SilenceSettings::default(),
            machine: MachinePolicy::default(),
            listens: false,
            handover: People::None,
            choices: Choices::default(),
            fallback: Next::Hangup,
            opt_out: |_| false,
            opt_out_key: Some('9'),
        }
    }
}
