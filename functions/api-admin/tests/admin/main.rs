//! Asked as a client asks.
