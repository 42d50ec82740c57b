//! hook-twilio.
