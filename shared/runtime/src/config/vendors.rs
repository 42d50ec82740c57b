//! The deployment's own accounts with the vendors of speech and language, and who is forced.

use trunkline_providers::{
    cloud::{Account, Vendor},
    registry::Choice,
};
use trunkline_service::parts::Vendors;

use super::vars::{ConfigError, Result, Vars};

/// The accounts that variables name.
pub(super) fn read(vars: &Vars<'_>) -> Result<Vendors> {
    let mut vendors = Vendors::default();
    for vendor in Vendor::ALL {
        let name = vendor.as_str().to_ascii_uppercase();
        let variable = format!("{name}_BASE_URL");
        if let Some(base_url) = vars.web_url(&variable)? {
            // It is shown; a secret in it would be too.
            if base_url.contains('@') {
                let problem = "it must not hold a user or a password";
                return Err(ConfigError::new(variable, problem));
            }
            vendors = vendors.at(vendor, &base_url);
        }
        let variable = key_of(vendor);
        let Some(key) = vars.text(&variable)? else {
            continue;
        };
        // It goes into a header; and it is a secret, so it is not quoted.
        if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            let problem = "it has spaces or other characters that no key has; give the key alone";
            return Err(ConfigError::new(variable, problem));
        }
        vendors = vendors.with(Account::new(vendor, key));
    }
    let variable = "TRUNKLINE_VENDORS";
    let listed = vars.text(variable)?.unwrap_or_default();
    for name in listed.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let vendor = Vendor::parse(name).ok_or_else(|| {
            let problem = format!("`{name}` is no vendor: give some of {}", names(|_| true));
            ConfigError::new(variable, problem)
        })?;
        vendors = vendors.with_elsewhere(vendor);
    }
    Ok(vendors)
}

/// Which part of this process a variable asks for, and the name that it forces. A vendor's calls go on with the built-in
/// part when it breaks.
pub(super) fn forced(
    vars: &Vars<'_>,
    variable: &str,
    has: fn(Vendor) -> bool,
    vendors: &Vendors,
) -> Result<(Choice, Option<String>)> {
    let Some(text) = vars.text(variable)? else {
        return Ok((Choice::default(), None));
    };
    if let Some(vendor) = Vendor::parse(&text) {
        return if !has(vendor) {
            let problem = format!(
                "`{vendor}` cannot do this: give `builtin`, `stub` or {}",
                names(has)
            );
            Err(ConfigError::new(variable, problem))
        } else if !vendors.has(vendor) {
            let problem = format!("`{vendor}` has no key here: set {} too", key_of(vendor));
            Err(ConfigError::new(variable, problem))
        } else {
            Ok((Choice::default(), Some(vendor.as_str().to_owned())))
        };
    }
    match text.parse() {
        Ok(Choice::Builtin) => Ok((Choice::Builtin, Some("builtin".to_owned()))),
        Ok(Choice::Stub) => Ok((Choice::Stub, Some("stub".to_owned()))),
        Err(_) => {
            let problem = format!(
                "`{text}` cannot be used: give `builtin`, `stub` or {}",
                names(has)
            );
            Err(ConfigError::new(variable, problem))
        }
    }
}

fn key_of(vendor: Vendor) -> String {
    format!("{}_API_KEY", vendor.as_str().to_ascii_uppercase())
}

fn names(has: fn(Vendor) -> bool) -> String {
    let able = Vendor::ALL.into_iter().filter(|vendor| has(*vendor));
    let names: Vec<String> = able.map(|vendor| format!("`{vendor}`")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, ffi::OsString};

    use super::*;

    fn with<T>(told: &[(&str, &str)], of: impl Fn(&Vars<'_>) -> T) -> T {
        let told: HashMap<&str, OsString> = told
            .iter()
            .map(|(name, value)| (*name, (*value).into()))
            .collect();
        of(&Vars(&|name| told.get(name).cloned()))
    }

    #[test]
    fn a_key_makes_an_account_at_the_usual_address_or_the_one_given() {
        let told = [
            ("OPENAI_API_KEY", " sk-1 "),
            ("OPENAI_BASE_URL", "http://127.0.0.1:9/v1/"),
            ("DEEPGRAM_API_KEY", "dg-1"),
            ("CARTESIA_BASE_URL", "https://proxy.example"),
            ("TRUNKLINE_VENDORS", "elevenlabs, Deepgram"),
        ];
        let vendors = with(&told, read).unwrap();
        let openai = vendors.account(Vendor::Openai).unwrap();
        assert_eq!(
            (openai.api_key.as_str(), openai.base_url.as_str()),
            ("sk-1", "http://127.0.0.1:9/v1")
        );
        assert_eq!(
            vendors.account(Vendor::Deepgram).unwrap().base_url,
            "https://api.deepgram.com"
        );
        assert_eq!(
            (vendors.has(Vendor::Cartesia), vendors.base_url(Vendor::Cartesia)),
            (false, "https://proxy.example")
        );
        assert!(vendors.has(Vendor::Elevenlabs) && vendors.account(Vendor::Elevenlabs).is_none());
    }

    #[test]
    fn what_cannot_be_used_names_its_variable_and_quotes_no_key() {
        for (told, variable, words) in [
            (
                vec![("OPENAI_BASE_URL", "api.openai.com")],
                "OPENAI_BASE_URL",
                "https://",
            ),
            (
                vec![("CARTESIA_BASE_URL", "https://me:hush@x.example")],
                "CARTESIA_BASE_URL",
                "password",
            ),
            (
                vec![("ELEVENLABS_BASE_URL", "wss://x")],
                "ELEVENLABS_BASE_URL",
                "https://",
            ),
            (
                vec![("DEEPGRAM_API_KEY", "hush hush")],
                "DEEPGRAM_API_KEY",
                "spaces",
            ),
            (
                vec![("TRUNKLINE_VENDORS", "openai;x")],
                "TRUNKLINE_VENDORS",
                "`cartesia`",
            ),
        ] {
            let said = with(&told, read).unwrap_err().to_string();
            assert!(
                said.starts_with(variable) && said.contains(words) && !said.contains("hush"),
                "{said}"
            );
        }
    }

    #[test]
    fn a_vendor_is_forced_only_with_its_key_and_for_what_it_can_do() {
        let force = |told: &[(&str, &str)]| {
            with(told, |vars| {
                let vendors = read(vars)?;
                forced(vars, "TRUNKLINE_LLM", Vendor::has_llm, &vendors)
            })
        };
        let with_key = [("TRUNKLINE_LLM", "OpenAI"), ("OPENAI_API_KEY", "sk-1")];
        assert_eq!(
            force(&with_key).unwrap(),
            (Choice::Builtin, Some("openai".to_owned()))
        );
        assert_eq!(
            force(&[("TRUNKLINE_LLM", "Stub")]).unwrap(),
            (Choice::Stub, Some("stub".to_owned()))
        );
        assert_eq!(force(&[]).unwrap(), (Choice::Builtin, None));
        for (name, words) in [
            ("openai", "set OPENAI_API_KEY too"),
            ("cartesia", "`stub` or `openai`"),
            ("parrot", "`builtin`, `stub` or `openai`"),
        ] {
            let said = force(&[("TRUNKLINE_LLM", name)]).unwrap_err().to_string();
            assert!(
                said.starts_with("TRUNKLINE_LLM: ") && said.contains(words),
                "{said}"
            );
        }
    }
}
