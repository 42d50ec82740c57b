//! What the person wants, by rules over plain words.

use super::opt_out::asks_to_stop;
use crate::builtin::words::{any, sentences};

/// What a line of the caller's is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Intent {
    /// Nothing was understood.
    Nothing,
    /// Never call again.
    StopCalling,
    /// A person, please.
    Human,
    /// Who or what is calling.
    WhoIsThis,
    /// Why the call.
    WhyCalling,
    /// Say it again.
    Repeat,
    /// Not now.
    Busy,
    /// They leave.
    Goodbye,
    /// Thanks, and so the end of it.
    Thanks,
    /// They ask something.
    Question,
    Yes,
    No,
    /// "Hello?" and the like.
    Greeting,
    /// Anything else.
    Statement,
}

const HUMAN: &[&str] = &[
    "speak|talk|chat|speaking|talking ~1 to|with ~4 human|person|someone|somebody|agent|operator|representative|rep|manager|supervisor|advisor|specialist|staff|people|boss",
    "connect|transfer|forward|redirect|hand me",
    "put me through",
    "pass me ~1 to|on",
    "want|need|prefer|like|get|give ~3 human|operator|representative|agent|manager|supervisor",
    "want|need|prefer|like|get|give ~3 real|live|actual person|human|agent|operator",
    "^ ~2 human|operator|representative|agent|manager|supervisor ~1 $",
    "^ ~1 real|live person|human|agent ~1 $",
    "human|operator|representative|agent please",
];
const IS_HUMAN: &[&str] = &[
    "am|are|is i|you|this|it|that ~3 human|person|robot|bot|machine|computer|recording|ai|automated|real",
    "you|this|it are|is ~3 robot|bot|machine|computer|recording|ai|automated",
    "robot|bot|recording $",
];
const WHO: &[&str] = &[
    "who is this|calling|it|speaking|that",
    "who are you",
    "who am i speaking|talking",
    "what is your name",
    "what company|business|organization|organisation",
];
const WHY: &[&str] = &[
    "why are you calling",
    "why ~2 calling|call",
    "what is this ~2 about|regarding",
    "what ~2 calling about|for",
    "what do you want",
    "reason ~2 call|calling",
];
const REPEAT: &[&str] = &[
    "repeat ~2 that|it|yourself|please",
    "say ~1 that|it again",
    "say again",
    "come again",
    "pardon ~1 $",
    "what did you say",
    "did not hear|catch|get|understand",
    "can not|could not hear|understand",
    "^ ~1 what $",
    "^ sorry|huh $",
];
const BUSY: &[&str] = &[
    "bad|wrong|terrible time",
    "not ~2 good|great|right time",
    "i am|was ~2 busy|driving|working|eating|cooking|sleeping",
    "in a|the ~1 meeting|middle",
    "call ~2 back later|tomorrow|tonight|another",
    "call ~2 later|tomorrow|another|again",
    "can not|do not ~2 talk|speak ~2 now",
    "can not talk|speak",
    "another|some other time",
    "no|not have|got time",
    "do not have ~2 time",
    "^ ~2 not now",
    "maybe later",
];
const GOODBYE: &[&str] = &[
    "goodbye|bye|cheerio",
    "good bye|night",
    "^ ~1 see you ~2 $",
    "have a ~2 good|nice|great|lovely|wonderful day|one|evening|night|afternoon|weekend|time",
    "have a good|nice|great one|day",
    "talk to you later",
    "hang|hanging up",
    "got|have to go",
];
const THANKS: &[&str] = &[
    "thanks|thank you",
    "thanks|thankyou|cheers",
    "thank you",
    "appreciate it|that|your",
];
const YES: &[&str] = &[
    "^ ~1 yes|yeah|yep|yup|sure|ok|okay|certainly|absolutely|definitely|correct|right|indeed|affirmative|fine|alright|perfect|great|aye",
    "of course",
    "go ahead",
    "that works|work|is fine|is right|is correct|sounds good|is ok|is okay|would be great|would be good",
    "sounds good|great|fine",
    "i am|would interested",
    "i do|would|am|can|will $",
    "please do",
    "why not",
    "all right",
];
const NO: &[&str] = &[
    "^ ~1 no|nope|nah|negative",
    "^ not ~2",
    "not interested",
    "do not want|need|think|like",
    "i would rather not",
    "no thanks|thank",
    "that is all|it|everything",
    "nothing else|more",
    "i am good|fine|ok|okay|all",
];
const QUESTION: &[&str] = &[
    "^ ~2 what|when|where|who|why|how|which|whose",
    "^ ~1 do|does|did|is|are|can|could|will|would|may|should|has|have you|your|it|this|that|there|i|we|they|the",
    "tell me|us",
    "i|we want|need|like to know",
    "wondering|question",
];
const GREETING: &[&str] = &[
    "^ hello|hi|hey|hallo ~2 $",
    "good morning|afternoon|evening",
    "^ speaking $",
];

/// The one intent of a line that decides the answer; the more binding first.
pub(super) fn intent(text: &str) -> Intent {
    let sentences = sentences(text);
    let has = |patterns: &[&str]| sentences.iter().any(|sentence| any(patterns, sentence));
    let asks = text.contains('?') || has(QUESTION);
    if sentences.is_empty() {
        Intent::Nothing
    } else if asks_to_stop(text) {
        Intent::StopCalling
    } else if has(IS_HUMAN) {
        Intent::WhoIsThis
    } else if has(HUMAN) {
        Intent::Human
    } else if has(WHO) {
        Intent::WhoIsThis
    } else if has(WHY) {
        Intent::WhyCalling
    } else if has(REPEAT) {
        Intent::Repeat
    } else if has(BUSY) {
        Intent::Busy
    } else if has(GOODBYE) {
        Intent::Goodbye
    } else if asks && !has(GREETING) && !only(&sentences, YES) {
        Intent::Question
    } else if has(NO) {
        Intent::No
    } else if has(THANKS) {
        Intent::Thanks
    } else if has(YES) {
        Intent::Yes
    } else if has(GREETING) {
        Intent::Greeting
    } else {
        Intent::Statement
    }
}

/// Whether there is one short sentence only, and it fits.
fn only(sentences: &[Vec<String>], patterns: &[&str]) -> bool {
    matches!(sentences, [sentence] if sentence.len() <= 2 && any(patterns, sentence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_understood() {
        for (text, want) in [
            ("", Intent::Nothing),
            ("...", Intent::Nothing),
            ("Stop calling me", Intent::StopCalling),
            ("Can I speak to a real person?", Intent::Human),
            ("Operator.", Intent::Human),
            ("Human please", Intent::Human),
            ("I want to talk to someone in sales", Intent::Human),
            ("Transfer me to your manager", Intent::Human),
            ("Are you a robot?", Intent::WhoIsThis),
            ("Is this a real person?", Intent::WhoIsThis),
            ("Who's calling?", Intent::WhoIsThis),
            ("Who is this?", Intent::WhoIsThis),
            ("What is this about?", Intent::WhyCalling),
            ("Why are you calling me?", Intent::WhyCalling),
            ("Sorry, could you repeat that?", Intent::Repeat),
            ("I didn't catch that", Intent::Repeat),
            ("I'm driving right now", Intent::Busy),
            ("Can you call me back later?", Intent::Busy),
            ("Okay, goodbye.", Intent::Goodbye),
            ("Thank you, bye", Intent::Goodbye),
            ("What are your opening hours?", Intent::Question),
            ("How much does the premium plan cost", Intent::Question),
            ("Thanks, but what does it cost?", Intent::Question),
            ("Do you deliver to Leeds?", Intent::Question),
            ("Tell me about the refund policy", Intent::Question),
            ("No, thank you.", Intent::No),
            ("I'm not interested.", Intent::No),
            ("That's all.", Intent::No),
            ("Thank you very much.", Intent::Thanks),
            ("Yes, please.", Intent::Yes),
            ("Yeah, that works for me.", Intent::Yes),
            ("Sure, go ahead.", Intent::Yes),
            ("Hello?", Intent::Greeting),
            ("Hi there", Intent::Greeting),
            ("My order number is nine", Intent::Statement),
        ] {
            assert_eq!(intent(text), want, "{text:?}");
        }
    }
}
