//! How an admitted call is to be held: its agent, its lead and its parts as the media server takes them.

use std::sync::Arc;

use trunkline_domain::{Call, recording, transcript::Speaker};
use trunkline_media::{
    port::{Accounts, CallPlan},
    session::{Direction, MachinePolicy, People},
};
use trunkline_providers::{
    llm::{Line, Persona, Speaker as Who},
    tts::Voice,
};
use trunkline_service::dialing::media::{Admitted, Handover, Talker};

/// The plan of a call.
pub(crate) fn plan(admitted: Admitted) -> CallPlan {
    let Admitted {
        call,
        talker,
        lead,
        campaign,
        history,
        handover,
    } = admitted;
    let Some(Talker { agent, parts }) = talker else {
        return listening(&call);
    };
    // A voice's id means nothing to another provider than the one that it was given for.
    let provider = &parts.tts.part.provider;
    let own_voice = agent
        .tts_provider
        .as_ref()
        .is_none_or(|own| own.eq_ignore_ascii_case(provider));
    let parameter = |name: &str| agent.voice_parameters.get(name);
    let stub = CallPlan::stub();
    CallPlan {
        greeting: agent.greeting.clone().unwrap_or_default(),
        voice: Voice {
            id: parameter("voice_id")
                .filter(|_| own_voice)
                .and_then(|id| id.as_str())
                .unwrap_or_default()
                .to_owned(),
            speed: parameter("speed")
                .and_then(serde_json::Value::as_f64)
                .map_or(1.0, speed),
            language: agent.language.clone(),
        },
        language: agent.language.clone(),
        stt: parts.stt.order(),
        llm: parts.llm.order(),
        tts: parts.tts.order(),
        accounts: Accounts {
            stt: parts.stt.account,
            llm: parts.llm.account,
            tts: parts.tts.account,
        },
        max_duration_s: call.time_limit_s,
        record: call.record && !recording::is_carriers(&call),
        // Who is talked to again has said "hello" before, even where the first stream died before it was written down.
        direction: if call.gen_next > 1 {
            Direction::Inbound
        } else {
            Direction::Outbound
        },
        history: history
            .into_iter()
            .map(|line| Line {
                speaker: match line.speaker {
                    Speaker::Agent => Who::Agent,
                    Speaker::User => Who::User,
                },
                text: line.text,
            })
            .collect(),
        handover: match handover {
            Handover::No => People::None,
            Handover::Possible => People::Some,
            Handover::Sought => People::Sought,
        },
        machine: match &campaign {
            Some(campaign) if !campaign.amd_enabled => MachinePolicy::Ignore,
            Some(campaign) if campaign.voicemail_message_url.is_some() => MachinePolicy::LeaveMessage,
            Some(_) | None => MachinePolicy::Hangup,
        },
        persona: Arc::new(Persona {
            name: agent.name,
            system_prompt: filled(&agent.system_prompt, lead.as_ref()),
            language: agent.language,
            model: parts.llm.part.model.unwrap_or_default(),
            knowledge: agent.knowledge,
        }),
        ..stub
    }
}

/// The plan of a call on which nobody talks: a machine's beep is waited for.
fn listening(call: &Call) -> CallPlan {
    CallPlan {
        listens: true,
        stt: Vec::new(),
        llm: Vec::new(),
        tts: Vec::new(),
        max_duration_s: call.time_limit_s,
        record: call.record && !recording::is_carriers(call),
        ..CallPlan::stub()
    }
}

/// The prompt with `{{first_name}}` and the lead's other fields in place.
fn filled(prompt: &str, lead: Option<&trunkline_domain::Lead>) -> String {
    let Some(lead) = lead else {
        return prompt.to_owned();
    };
    let mut text = prompt.to_owned();
    let own = [
        ("first_name", &lead.first_name),
        ("last_name", &lead.last_name),
        ("email", &lead.email),
        ("notes", &lead.notes),
    ];
    for (name, value) in own {
        text = text.replace(&format!("{{{{{name}}}}}"), value.as_deref().unwrap_or_default());
    }
    for (name, value) in &lead.custom_fields {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text = text.replace(&format!("{{{{{name}}}}}"), &value);
    }
    text
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a speed needs no more than an f32 has"
)]
fn speed(speed: f64) -> f32 {
    speed.clamp(0.5, 2.0) as f32
}
