//! api-leads.
