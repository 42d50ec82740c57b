//! trunkline-http.
