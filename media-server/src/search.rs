//! A person is looked for: begun at the platform, and looked at until nobody can come any more.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::time::{sleep, timeout};

use crate::port::{CallPort, CallRef, PortError};

/// How often it is looked at whether somebody may still come.
const LOOK: Duration = Duration::from_secs(2);

/// The platform has this long for each answer.
const ANSWER: Duration = Duration::from_secs(5);

/// Questions in a row without an answer, after which nobody is counted on any more.
const MAX_FAILURES: u32 = 5;

/// Ends when nobody will come. Who comes takes the call away, so the stream ends before this does.
pub(crate) fn nobody_comes(port: Arc<dyn CallPort>, call: Arc<CallRef>) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let mut begun = false;
        let mut failures = 0;
        while failures < MAX_FAILURES {
            let asked = async {
                if begun {
                    port.is_sought(&call).await
                } else {
                    port.find_person(&call).await
                }
            };
            let answer = timeout(ANSWER, asked).await;
            match answer.unwrap_or_else(|_| Err(PortError::Retry("no answer in time".to_owned()))) {
                Ok(true) => (begun, failures) = (true, 0),
                Ok(false) => return,
                Err(error) => {
                    failures += 1;
                    tracing::warn!(call.id = %call.call_id, %error, "whether a person comes is not known now");
                }
            }
            sleep(LOOK).await;
        }
    })
}
