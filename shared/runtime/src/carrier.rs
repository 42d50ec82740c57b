//! The carrier that the configuration names.

use std::sync::Arc;

use trunkline_domain::{CallerId, E164, Instant};
use trunkline_telephony::{
    Carrier, CarrierCall, CarrierError, DialError, DialOrder, HookUrls, Twilio, TwilioConfig,
};

use crate::config::CarrierConfig;

/// The configured account; without credentials, one that refuses whatever it is asked: a function that has no
/// business with the carrier is given none.
///
/// # Errors
/// When the machine's TLS certificates cannot be read.
pub fn of(config: &CarrierConfig, api_base: &str, hook_url: &str) -> Result<Arc<dyn Carrier>, CarrierError> {
    let Some((account_sid, auth_token)) = config.account.clone() else {
        return Ok(Arc::new(NoCarrier));
    };
    let hooks = HookUrls::new(hook_url);
    let api_base = api_base.to_owned();
    Ok(Arc::new(Twilio::new(TwilioConfig {
        account_sid,
        auth_token,
        api_base,
        hooks,
    })?))
}

/// No account.
#[derive(Debug)]
struct NoCarrier;

const WHY: &str = "this process has no carrier account: set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN";

fn refused<T>() -> Result<T, CarrierError> {
    Err(CarrierError::Refused(WHY.to_owned()))
}

#[async_trait::async_trait]
impl Carrier for NoCarrier {
    fn account(&self) -> &'static str {
        ""
    }
    async fn dial(&self, _: &DialOrder) -> Result<String, DialError> {
        Err(DialError::Refused {
            code: "none".to_owned(),
            what: WHY.to_owned(),
        })
    }
    async fn fetch(&self, _: &str) -> Result<Option<CarrierCall>, CarrierError> {
        refused()
    }
    async fn list(&self, _: &E164, _: &CallerId, _: Instant) -> Result<Vec<CarrierCall>, CarrierError> {
        refused()
    }
    async fn cancel(&self, _: &str) -> Result<(), CarrierError> {
        refused()
    }
    async fn hang_up(&self, _: &str) -> Result<(), CarrierError> {
        refused()
    }
    async fn redirect(&self, _: &str, _: &str) -> Result<(), CarrierError> {
        refused()
    }
    async fn ping(&self) -> Result<(), CarrierError> {
        refused()
    }
}
