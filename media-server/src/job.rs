//! A provider's work on one thing: being started, then giving its parts.

use std::future::poll_fn;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use tokio::sync::mpsc;
use trunkline_providers::ProviderError;

/// The start of a provider's work.
pub(crate) type Starting<T> = BoxFuture<'static, Result<mpsc::Receiver<T>, ProviderError>>;

/// At most one piece of work; dropping it cancels it.
#[derive(Default)]
pub(crate) enum Job<T> {
    /// Nothing to do.
    #[default]
    Idle,
    /// Asked for under this number.
    Starting(u32, Starting<T>),
    /// Gives its parts.
    Running(u32, mpsc::Receiver<T>),
}

impl<T> std::fmt::Debug for Job<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Idle => f.write_str("Idle"),
            Self::Starting(id, _) => write!(f, "Starting({id})"),
            Self::Running(id, _) => write!(f, "Running({id})"),
        }
    }
}

impl<T> Job<T> {
    /// The next part and the work's number, or how it broke; waits for ever
    /// while there is no work. Cancel-safe.
    pub(crate) async fn next(&mut self) -> (u32, Result<T, ProviderError>) {
        poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<(u32, Result<T, ProviderError>)> {
        if let Self::Starting(id, starting) = self {
            let id = *id;
            match starting.as_mut().poll(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(parts)) => *self = Self::Running(id, parts),
                Poll::Ready(Err(error)) => {
                    *self = Self::Idle;
                    return Poll::Ready((id, Err(error)));
                }
            }
        }
        let Self::Running(id, parts) = self else {
            return Poll::Pending;
        };
        let id = *id;
        let Poll::Ready(part) = parts.poll_recv(context) else {
            return Poll::Pending;
        };
        Poll::Ready((
            id,
            part.ok_or_else(|| {
                *self = Self::Idle;
                ProviderError::Failed {
                    provider: "the provider",
                    reason: "it stopped before it was done".to_owned(),
                }
            }),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn parts_come_in_order_and_an_early_end_is_a_failure() {
        let (sender, parts) = mpsc::channel(4);
        let mut job = Job::Starting(3, Box::pin(async move { Ok(parts) }));
        sender.send("a").await.unwrap();
        drop(sender);
        assert_eq!(job.next().await, (3, Ok("a")));
        assert!(matches!(job.next().await, (3, Err(ProviderError::Failed { .. }))));
        assert!(matches!(job, Job::Idle));
    }

    #[tokio::test]
    async fn work_that_cannot_start_says_so_once() {
        let error = ProviderError::Overloaded { provider: "test" };
        let refused = error.clone();
        let mut job: Job<()> = Job::Starting(1, Box::pin(async move { Err(refused) }));
        assert_eq!(job.next().await, (1, Err(error)));
        assert!(matches!(job, Job::Idle));
    }
}
