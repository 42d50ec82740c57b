//! api-campaigns.
