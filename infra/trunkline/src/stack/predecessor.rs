//! Outlasting a predecessor that was killed: the kernel takes a moment to close its sockets and to give back its locks.

use std::time::Duration;

/// How often it is tried again, and how long after: a second in all.
const TRIES: usize = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// What `attempt` gives; while that is what `busy` knows as somebody else's holding on, it is tried again for a second.
pub(super) async fn outlast<T, E, F>(
    busy: impl Fn(&E) -> bool,
    mut attempt: impl FnMut() -> F,
) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    for _ in 0..TRIES {
        match attempt().await {
            // Neither a socket nor a lock tells when it is free.
            Err(error) if busy(&error) => tokio::time::sleep(PAUSE).await,
            done => return done,
        }
    }
    attempt().await
}

#[cfg(test)]
mod tests {
    use std::{io::ErrorKind, net::SocketAddr};

    use tokio::net::TcpListener;

    use super::super::{StartError, bind};

    #[tokio::test]
    async fn an_address_is_waited_for_while_its_predecessor_ends() {
        let predecessor = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = predecessor.local_addr().unwrap();
        let (bound, ()) = tokio::join!(bind("TRUNKLINE_ADDR", addr), async {
            // After the first try, which runs up to its first pause before this is polled.
            tokio::task::yield_now().await;
            drop(predecessor);
        });
        assert_eq!(bound.unwrap().local_addr().unwrap(), addr);
    }

    #[tokio::test]
    async fn an_address_that_stays_taken_is_an_error_that_names_the_variable() {
        let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr: SocketAddr = other.local_addr().unwrap();
        let error = bind("TRUNKLINE_ADDR", addr).await.unwrap_err();
        assert!(
            matches!(&error, StartError::Bind { source, .. } if source.kind() == ErrorKind::AddrInUse),
            "{error:?}"
        );
        assert!(error.to_string().contains("TRUNKLINE_ADDR"), "{error}");
    }
}
