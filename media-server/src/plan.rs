//! A call's plan as its session needs it.

use crate::parts::Engines;
use crate::port::CallPlan;
use crate::session::{Choices, SessionConfig, Timings};

/// What the session is told.
pub(crate) fn session_config(
    plan: &CallPlan,
    engines: &Engines,
    timings: &Timings,
    opt_out: fn(&str) -> bool,
) -> SessionConfig {
    SessionConfig {
        direction: plan.direction,
        greeting: plan.greeting.clone(),
        history: plan.history.clone(),
        phrases: plan.phrases.clone(),
        timings: Timings {
            max_duration_ms: u64::from(plan.max_duration_s) * 1_000,
            ..timings.clone()
        },
        silence: plan.silence,
        machine: plan.machine,
        choices: Choices {
            stt: engines.stt.len(),
            llm: engines.llm.len(),
            tts: engines.tts.len(),
        },
        fallback: plan.fallback,
        opt_out,
        ..SessionConfig::default()
    }
}
