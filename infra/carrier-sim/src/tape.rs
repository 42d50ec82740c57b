//! Recordings: the sound of a call, written to a WAV file beside it on a thread of its own.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use tokio::sync::{mpsc, oneshot};

use crate::audio::{FRAME_LEN, Frame, SILENCE, wav};

/// A tape hands over its sound once a second.
const CHUNK_FRAMES: usize = 50;
/// So many seconds of sound, over all calls, may wait for the disk.
const WAITING_MAX: usize = 1024;

enum Work {
    Open {
        sid: String,
    },
    Sound {
        sid: String,
        bytes: Vec<u8>,
    },
    Close {
        sid: String,
        channels: u16,
        done: oneshot::Sender<io::Result<u32>>,
    },
}

/// The thread that writes recordings.
pub(crate) struct Recorder {
    work: mpsc::Sender<Work>,
    folder: PathBuf,
}

impl Recorder {
    /// Starts the thread; recordings go to `folder`, which must exist.
    pub(crate) fn start(folder: &Path) -> io::Result<Self> {
        let (work, mut waiting) = mpsc::channel(WAITING_MAX);
        let place = folder.to_owned();
        std::thread::Builder::new()
            .name("sim-recorder".to_owned())
            .spawn(move || {
                let mut open = HashMap::new();
                while let Some(work) = waiting.blocking_recv() {
                    write(&place, &mut open, work);
                }
            })?;
        Ok(Self {
            work,
            folder: folder.to_owned(),
        })
    }

    /// The file of a recording.
    pub(crate) fn path(&self, sid: &str) -> PathBuf {
        file_of(&self.folder, sid)
    }

    /// A new tape; one channel or two.
    pub(crate) fn tape(&self, sid: &str, channels: u16) -> Tape {
        let tape = Tape {
            sid: sid.to_owned(),
            channels,
            waiting: Vec::new(),
            frames: 0,
            whole: true,
            work: self.work.clone(),
        };
        let opened = self.work.try_send(Work::Open { sid: sid.to_owned() }).is_ok();
        Tape {
            whole: opened,
            ..tape
        }
    }
}

/// A recording under way.
pub(crate) struct Tape {
    pub(crate) sid: String,
    channels: u16,
    waiting: Vec<u8>,
    frames: u64,
    /// No sound was lost on the way to the disk.
    whole: bool,
    work: mpsc::Sender<Work>,
}

impl Tape {
    /// 20 ms more: what the far party said and what it heard. Mono tapes hold the sum.
    pub(crate) fn push(&mut self, said: Option<&Frame>, heard: &Frame) {
        let said = said.unwrap_or(&SILENCE);
        self.waiting.reserve(FRAME_LEN * 4);
        for (a, b) in said.iter().zip(heard) {
            if self.channels == 2 {
                self.waiting.extend_from_slice(&a.to_le_bytes());
                self.waiting.extend_from_slice(&b.to_le_bytes());
            } else {
                self.waiting
                    .extend_from_slice(&a.saturating_add(*b).to_le_bytes());
            }
        }
        self.frames += 1;
        if self.frames.is_multiple_of(50) {
            self.hand_over();
        }
    }

    /// How long it is.
    pub(crate) fn duration_ms(&self) -> u64 {
        self.frames * 20
    }

    fn hand_over(&mut self) {
        let bytes = std::mem::replace(
            &mut self.waiting,
            Vec::with_capacity(CHUNK_FRAMES * FRAME_LEN * 4),
        );
        // The beat of a call never waits for a disk: a tape that has lost sound is given up as a whole.
        self.whole &= self
            .work
            .try_send(Work::Sound {
                sid: self.sid.clone(),
                bytes,
            })
            .is_ok();
    }

    /// Ends the recording. Returns its length in milliseconds.
    ///
    /// # Errors
    /// When the file could not be written, or the disk was too slow for it.
    pub(crate) async fn finish(mut self) -> io::Result<u64> {
        self.hand_over();
        let gone = || io::Error::other("the recorder has stopped");
        let (done, written) = oneshot::channel();
        let close = Work::Close {
            sid: self.sid.clone(),
            channels: self.channels,
            done,
        };
        self.work.send(close).await.map_err(|_| gone())?;
        written.await.map_err(|_| gone())??;
        if self.whole {
            Ok(self.duration_ms())
        } else {
            Err(io::Error::other("the disk was too slow; sound is missing"))
        }
    }
}

fn file_of(folder: &Path, sid: &str) -> PathBuf {
    folder.join(format!("{sid}.wav"))
}

fn write(folder: &Path, open: &mut HashMap<String, io::Result<File>>, work: Work) {
    match work {
        Work::Open { sid } => {
            let file = File::create(file_of(folder, &sid)).and_then(|mut file| {
                file.write_all(&wav::header(1, 0))?;
                Ok(file)
            });
            open.insert(sid, file);
        }
        Work::Sound { sid, bytes } => {
            if let Some(slot) = open.get_mut(&sid)
                && let Ok(file) = slot
                && let Err(error) = file.write_all(&bytes)
            {
                *slot = Err(error);
            }
        }
        Work::Close { sid, channels, done } => {
            let missing = || io::Error::other("the recording was never opened");
            let closed = open
                .remove(&sid)
                .unwrap_or_else(|| Err(missing()))
                .and_then(|file| seal(file, channels));
            // Nobody waiting: the simulator is stopping.
            let _ = done.send(closed);
        }
    }
}

/// Writes the header now that the length is known.
fn seal(mut file: File, channels: u16) -> io::Result<u32> {
    let len = file.seek(SeekFrom::End(0))?.saturating_sub(44);
    let len = u32::try_from(len).unwrap_or(u32::MAX);
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&wav::header(channels, len))?;
    Ok(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_dual_tape_keeps_both_sides_apart() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::start(folder.path()).unwrap();
        let mut tape = recorder.tape("RE1", 2);
        for _ in 0..120 {
            tape.push(Some(&[7; FRAME_LEN]), &[-9; FRAME_LEN]);
        }
        assert_eq!(tape.finish().await.unwrap(), 2400);
        let file = std::fs::read(recorder.path("RE1")).unwrap();
        assert_eq!(file.len(), 44 + 120 * FRAME_LEN * 4);
        assert_eq!(
            (&file[22..24], &file[44..48]),
            (&[2, 0][..], &[7, 0, 0xF7, 0xFF][..])
        );
        assert_eq!(
            u32::from_le_bytes(file[40..44].try_into().unwrap()),
            120 * 160 * 4
        );
    }

    #[tokio::test]
    async fn a_mono_tape_is_the_sum_and_a_lost_folder_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::start(folder.path()).unwrap();
        let mut tape = recorder.tape("RE2", 1);
        tape.push(None, &[5; FRAME_LEN]);
        tape.finish().await.unwrap();
        assert_eq!(
            wav::read(&std::fs::read(recorder.path("RE2")).unwrap()).unwrap(),
            vec![5; FRAME_LEN]
        );
        let nowhere = Recorder::start(&folder.path().join("missing")).unwrap();
        assert!(nowhere.tape("RE3", 1).finish().await.is_err());
    }
}
