//! api-voice-agents.
