//! A mail server, spoken to over SMTP.

use std::time::{Duration, SystemTime};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    address::AddressError,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
        extension::ClientId,
    },
};
use trunkline_runtime::config::{SmtpConfig, SmtpTls};
use trunkline_service::mail::{Mail, Post, Unsent};

/// The longest wait for any one answer of the mail server.
const ANSWER: Duration = Duration::from_secs(10);
/// The longest that one mail may take.
const WHOLE: Duration = Duration::from_secs(25);

/// The mail server cannot be used as it is set up.
#[derive(Debug, thiserror::Error)]
pub enum NotAMailServer {
    /// The sender's address.
    #[error("TRUNKLINE_SMTP_FROM: {0}")]
    From(#[from] AddressError),
    /// The name that its certificate is to show.
    #[error("TRUNKLINE_SMTP_URL: {0}")]
    Tls(#[from] lettre::transport::smtp::Error),
}

/// A mail server. A connection a mail: they are few.
#[derive(Debug)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    whole: Duration,
}

impl Smtp {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// [`NotAMailServer`] names the variable.
    pub fn new(config: &SmtpConfig) -> Result<Self, NotAMailServer> {
        let from: Mailbox = config.from.parse()?;
        let tls = match config.tls {
            SmtpTls::None => Tls::None,
            SmtpTls::StartTls => Tls::Required(TlsParameters::new(config.host.clone())?),
            SmtpTls::Wrapped => Tls::Wrapper(TlsParameters::new(config.host.clone())?),
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
            .port(config.port)
            .tls(tls)
            .hello_name(ClientId::Domain(from.email.domain().to_owned()))
            .timeout(Some(ANSWER));
        if let Some((user, password)) = &config.credentials {
            transport = transport.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Self {
            transport: transport.build(),
            from,
            whole: WHOLE,
        })
    }

    /// With another bound on how long one mail may take.
    #[must_use]
    pub fn within(self, whole: Duration) -> Self {
        Self { whole, ..self }
    }

    fn message(&self, mail: &Mail) -> Result<Message, Unsent> {
        let never = |error: &dyn std::fmt::Display| Unsent::ForEver(error.to_string());
        let to: Mailbox = mail
            .to
            .parse()
            .map_err(|error: AddressError| never(&format!("the address: {error}")))?;
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(&mail.subject)
            .date(SystemTime::from(mail.at))
            // The same at each try, so that a mail server may know one that it has.
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.body.clone())
            .map_err(|error| never(&error))
    }
}

#[async_trait::async_trait]
impl Post for Smtp {
    async fn send(&self, mail: &Mail) -> Result<(), Unsent> {
        let message = self.message(mail)?;
        match tokio::time::timeout(self.whole, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(unsent(&error)),
            Err(_) => Err(Unsent::ForNow(format!(
                "the mail server did not take the mail within {} s",
                self.whole.as_secs_f32()
            ))),
        }
    }
}

/// What is wrong with the account is wrong with the set-up, not with the mail: it waits until that is mended.
fn unsent(error: &lettre::transport::smtp::Error) -> Unsent {
    let what = {
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(error);
        for _ in 0..4 {
            let Some(inner) = cause else { break };
            text = format!("{text}: {inner}");
            cause = inner.source();
        }
        text
    };
    let code = error.status().map(u16::from);
    let about_the_account = matches!(code, Some(530 | 534 | 535 | 538 | 454 | 421));
    if error.is_permanent() && !about_the_account {
        Unsent::ForEver(what)
    } else {
        Unsent::ForNow(what)
    }
}
