//! The far party's mouth: the line it is saying, frame by frame.

use tokio::sync::oneshot;

use crate::{
    audio::{FRAME_LEN, Frame, frame_at},
    party::Own,
    voice::Clip,
};

/// What the party is saying.
pub(super) enum Mouth {
    Silent,
    /// The voice is being made.
    Preparing(oneshot::Receiver<Clip>),
    Talking {
        clip: Clip,
        at: usize,
    },
}

impl Mouth {
    pub(super) fn state(&self) -> Own {
        match self {
            Self::Silent => Own::Silent,
            Self::Preparing(_) => Own::Preparing,
            Self::Talking { .. } => Own::Talking,
        }
    }

    /// The next 20 ms; none is silence.
    pub(super) fn next(&mut self) -> Option<Frame> {
        if let Self::Preparing(clip) = self {
            match clip.try_recv() {
                Ok(clip) => *self = Self::Talking { clip, at: 0 },
                Err(oneshot::error::TryRecvError::Empty) => return None,
                // The voice broke; the line is not said.
                Err(oneshot::error::TryRecvError::Closed) => *self = Self::Silent,
            }
        }
        let Self::Talking { clip, at } = self else {
            return None;
        };
        let frame = frame_at(clip, *at);
        *at += FRAME_LEN;
        if *at >= clip.len() {
            *self = Self::Silent;
        }
        frame
    }
}
