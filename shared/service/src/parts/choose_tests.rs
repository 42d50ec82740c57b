use trunkline_domain::{
    TenantId, UserId,
    id::{IntegrationId, derived},
    integration::{IntegrationKind, IntegrationStatus},
};
use trunkline_providers::cloud::Account;

use super::*;

fn offer(vendor: Vendor, name: &str, problem: Option<&str>) -> Offer {
    let at = chrono::DateTime::UNIX_EPOCH;
    let kind = IntegrationKind::ALL
        .into_iter()
        .find(|kind| kind.as_str() == vendor.as_str())
        .unwrap();
    Offer {
        vendor,
        problem: problem.map(str::to_owned),
        integration: Integration {
            id: IntegrationId(derived(name)),
            tenant: TenantId(derived("tenant")),
            created_by: UserId(derived("user")),
            name: name.to_owned(),
            kind,
            sealed: String::new(),
            shown: std::collections::BTreeMap::new(),
            settings: serde_json::Map::new(),
            status: IntegrationStatus::Untested,
            reason: None,
            last_tested_at: None,
            version: 1,
            created_at: at,
            updated_at: at,
        },
    }
}

fn keys(vendors: &[Vendor]) -> Vendors {
    vendors.iter().fold(Vendors::default(), |keys, vendor| {
        keys.with(Account::new(*vendor, "sk-secret"))
    })
}

/// One line of the table: what is forced and asked, who has what; what it comes to, and words of the reason.
struct Line {
    ability: Ability,
    forced: Option<&'static str>,
    asked: Option<&'static str>,
    keys: &'static [Vendor],
    offers: Vec<Offer>,
    provider: &'static str,
    reason: &'static str,
}

fn line(ability: Ability, asked: &'static str, provider: &'static str, reason: &'static str) -> Line {
    Line {
        ability,
        forced: None,
        asked: Some(asked),
        keys: &[],
        offers: Vec::new(),
        provider,
        reason,
    }
}

#[test]
fn the_first_that_can_be_used_is_and_the_reason_says_why() {
    use Ability::{Llm, Stt, Tts};
    use Vendor::{Cartesia, Deepgram, Elevenlabs, Openai};
    let nobody = |ability, keys, provider, reason| Line {
        asked: None,
        keys,
        ..line(ability, "", provider, reason)
    };
    let table = [
        nobody(Llm, &[], "builtin", "the agent names none"),
        nobody(Llm, &[Openai], "openai", "this deployment has a key"),
        nobody(Stt, &[Openai, Cartesia], "builtin", "the agent names none"),
        nobody(
            Tts,
            &[Openai, Elevenlabs],
            "elevenlabs",
            "this deployment has a key",
        ),
        nobody(
            Tts,
            &[Openai, Elevenlabs, Cartesia],
            "cartesia",
            "this deployment has a key",
        ),
        line(Llm, "Built-in", "builtin", "the agent names it"),
        line(
            Llm,
            "openai",
            "builtin",
            "`openai` has no key in this deployment nor an integration",
        ),
        line(
            Llm,
            "mistral",
            "builtin",
            "no language model is named `mistral` (there are openai, builtin)",
        ),
        line(
            Tts,
            "deepgram",
            "builtin",
            "`deepgram` has no text to speech here (there are cartesia, elevenlabs, openai, builtin)",
        ),
        Line {
            keys: &[Openai],
            ..line(Llm, "OpenAI", "openai", "this deployment's key")
        },
        Line {
            keys: &[Openai],
            offers: vec![offer(Deepgram, "Ears", None)],
            ..line(Llm, "openai", "openai", "this deployment's key")
        },
        Line {
            keys: &[Openai],
            offers: vec![offer(Openai, "Ours", None)],
            ..line(Llm, "openai", "openai", "your integration `Ours`")
        },
        Line {
            offers: vec![
                offer(Openai, "Old", Some("its last test failed: no")),
                offer(Openai, "New", None),
            ],
            ..line(Tts, "openai", "openai", "your integration `New`")
        },
        Line {
            keys: &[Openai],
            offers: vec![offer(Openai, "Old", Some("its last test failed: no"))],
            ..line(
                Llm,
                "openai",
                "openai",
                "key; your integration `Old` is not used, since its last test failed: no",
            )
        },
        Line {
            offers: vec![offer(Deepgram, "Old", Some("it has no API key"))],
            ..line(
                Stt,
                "deepgram",
                "builtin",
                "your integration `Old` is not used, since it has no API key; and `deepgram` has no key",
            )
        },
        Line {
            forced: Some("STUB"),
            keys: &[Openai],
            offers: vec![offer(Openai, "Ours", None)],
            ..line(Llm, "openai", "stub", "TRUNKLINE_LLM sets it")
        },
        Line {
            forced: Some("openai"),
            keys: &[Openai],
            offers: vec![offer(Cartesia, "Ours", None)],
            ..line(Tts, "cartesia", "openai", "TRUNKLINE_TTS sets it")
        },
    ];
    for line in table {
        let wish = Wish {
            forced: line.forced,
            asked: line.asked,
            model: None,
        };
        let vendors = keys(line.keys);
        let (part, by) = choose(line.ability, wish, &vendors, &line.offers);
        let about = format!("{:?} {:?} {:?}: {part:?}", line.ability, line.forced, line.asked);
        assert_eq!(part.provider, line.provider, "{about}");
        assert!(part.reason.contains(line.reason), "{about}");
        assert_eq!(
            matches!(by, By::Integration(_)),
            line.reason.starts_with("your integration") && part.provider != "builtin",
            "{about}"
        );
        assert_eq!(
            matches!(by, By::Here),
            ["builtin", "stub"].contains(&line.provider),
            "{about}"
        );
    }
}

#[test]
fn a_model_goes_with_the_provider_that_the_agent_names() {
    let vendors = keys(&[Vendor::Openai]);
    for (asked, forced, model) in [
        (Some("openai"), None, "gpt-4"),
        (None, None, "gpt-4"),
        (Some("anthropic"), Some("openai"), "gpt-4.1-mini"),
    ] {
        let wish = Wish {
            forced,
            asked,
            model: Some("gpt-4"),
        };
        let (part, _) = choose(Ability::Llm, wish, &vendors, &[]);
        assert_eq!(part.model.as_deref(), Some(model), "{asked:?} {forced:?}");
    }
    let none = choose(Ability::Llm, Wish::default(), &Vendors::default(), &[]).0;
    assert_eq!(none.model.as_deref(), Some("extractive"));
    let voice = choose(Ability::Tts, Wish::default(), &vendors, &[]).0;
    assert_eq!((voice.provider.as_str(), voice.model), ("openai", None));
}

#[test]
fn who_can_do_what_is_what_the_clients_can() {
    for vendor in Vendor::ALL {
        for (ability, has) in [
            (Ability::Stt, vendor.has_stt()),
            (Ability::Llm, vendor.has_llm()),
            (Ability::Tts, vendor.has_tts()),
        ] {
            assert_eq!(ability.vendors().contains(&vendor), has, "{vendor} {ability:?}");
        }
    }
}

#[test]
fn a_deployments_keys_do_not_show() {
    let shown = format!(
        "{:?}",
        keys(&Vendor::ALL).at(Vendor::Openai, "http://127.0.0.1:1")
    );
    assert!(
        !shown.contains("sk-secret") && shown.contains("127.0.0.1:1"),
        "{shown}"
    );
}
