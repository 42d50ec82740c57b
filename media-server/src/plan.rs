//! A call's plan as its session needs it.

use crate::parts::Engines;
use crate::port::CallPlan;
use crate::session::{Choices, MachinePolicy, SessionConfig, Timings};

/// Where nothing but a machine's beep is waited for, its greeting may take this long.
const LISTEN_MS: u64 = 30_000;

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
            machine_ms: if plan.listens {
                LISTEN_MS
            } else {
                timings.machine_ms
            },
            ..timings.clone()
        },
        silence: plan.silence,
        machine: if plan.listens {
            MachinePolicy::LeaveMessage
        } else {
            plan.machine
        },
        listens: plan.listens,
        handover: plan.handover,
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
