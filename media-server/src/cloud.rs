//! Vendors' clients, made from the accounts of calls and kept, so that their connections are.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use trunkline_providers::ProviderError;
use trunkline_providers::cloud::Account;

/// Accounts of one part that are kept; with one a tenant this is a busy deployment's tenants of a day. Whoever was
/// not asked for longest makes room.
const KEPT: usize = 256;

/// What makes a client.
type Make<T> = fn(&Account) -> Result<Arc<T>, ProviderError>;

/// The clients of one part, the last one used at the end. No key shows in its debug text.
pub(crate) struct Clients<T: ?Sized> {
    make: Make<T>,
    kept: Mutex<Vec<(Account, Arc<T>)>>,
}

impl<T: ?Sized> Clients<T> {
    pub(crate) fn new(make: Make<T>) -> Self {
        Self {
            make,
            kept: Mutex::default(),
        }
    }

    /// The account's client, the same one for all its calls.
    pub(crate) fn of(&self, account: &Account) -> Result<Arc<T>, ProviderError> {
        // Nothing panics while it is held, and the list is whole after each step.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept.iter().position(|(known, _)| known == account);
        let entry = match known {
            Some(at) => kept.remove(at),
            None => (account.clone(), (self.make)(account)?),
        };
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        let client = Arc::clone(&entry.1);
        kept.push(entry);
        Ok(client)
    }
}

impl<T: ?Sized> Debug for Clients<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Clients").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use trunkline_providers::cloud::Vendor;

    static MADE: AtomicUsize = AtomicUsize::new(0);

    fn make(account: &Account) -> Result<Arc<str>, ProviderError> {
        MADE.fetch_add(1, Ordering::Relaxed);
        Ok(Arc::from(account.api_key.as_str()))
    }

    #[test]
    fn an_account_has_one_client_until_many_others_were_asked_for() {
        let clients = Clients::new(make);
        let account = |n: usize| Account::new(Vendor::Openai, format!("key {n}"));
        for _ in 0..3 {
            assert_eq!(&*clients.of(&account(0)).unwrap(), "key 0");
        }
        assert_eq!(MADE.load(Ordering::Relaxed), 1);
        for n in 1..KEPT {
            clients.of(&account(n)).unwrap();
        }
        clients.of(&account(0)).unwrap();
        assert_eq!(MADE.load(Ordering::Relaxed), KEPT);
        clients.of(&account(KEPT)).unwrap();
        clients.of(&account(0)).unwrap();
        assert_eq!(MADE.load(Ordering::Relaxed), KEPT + 1, "lately used, so kept");
        clients.of(&account(1)).unwrap();
        assert_eq!(MADE.load(Ordering::Relaxed), KEPT + 2, "the one that made room");
        assert_eq!(format!("{clients:?}"), "Clients { .. }");
    }
}
