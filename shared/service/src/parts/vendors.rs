//! The deployment's own accounts with the vendors of speech and language.

use std::collections::{BTreeMap, BTreeSet};

use trunkline_providers::cloud::{Account, Vendor};

/// Which vendors this deployment has accounts with. No key shows in its debug text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vendors {
    /// Accounts whose keys this process has.
    accounts: BTreeMap<Vendor, Account>,
    /// Vendors whose keys others of this deployment's processes have.
    elsewhere: BTreeSet<Vendor>,
    /// Where vendors' APIs are, when not at their usual address.
    addresses: BTreeMap<Vendor, String>,
}

impl Vendors {
    /// Adds an account.
    #[must_use]
    pub fn with(mut self, account: Account) -> Self {
        self.accounts.insert(account.vendor, account);
        self
    }

    /// Adds a vendor whose key this process is not to have.
    #[must_use]
    pub fn with_elsewhere(mut self, vendor: Vendor) -> Self {
        self.elsewhere.insert(vendor);
        self
    }

    /// Says where a vendor's API is, for the deployment's own account and for tenants' that name no other place.
    #[must_use]
    pub fn at(mut self, vendor: Vendor, base_url: &str) -> Self {
        self.addresses.insert(vendor, base_url.to_owned());
        self
    }

    /// The deployment's account, where this process has its key.
    #[must_use]
    pub fn account(&self, vendor: Vendor) -> Option<Account> {
        let mut account = self.accounts.get(&vendor)?.clone();
        self.base_url(vendor).clone_into(&mut account.base_url);
        Some(account)
    }

    /// Whether the deployment has a key.
    #[must_use]
    pub fn has(&self, vendor: Vendor) -> bool {
        self.accounts.contains_key(&vendor) || self.elsewhere.contains(&vendor)
    }

    /// Where the vendor's API is.
    #[must_use]
    pub fn base_url(&self, vendor: Vendor) -> &str {
        let usual = vendor.default_base_url();
        self.addresses.get(&vendor).map_or(usual, String::as_str)
    }
}
