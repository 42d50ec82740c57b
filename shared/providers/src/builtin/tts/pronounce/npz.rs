//! Numpy's archive of arrays: a zip of `.npy` members.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::builtin::LoadError;

/// All members, unpacked, without their headers.
pub(super) struct Npz {
    path: PathBuf,
    members: HashMap<String, Vec<u8>>,
}

/// No member of a model of ours is larger: an archive cannot make us run out of memory.
const MEMBER_MAX: u64 = 64 << 20;

impl Npz {
    pub(super) fn read(path: &Path) -> Result<Self, LoadError> {
        let file = File::open(path).map_err(LoadError::at(path))?;
        let mut archive = zip::ZipArchive::new(file).map_err(LoadError::at(path))?;
        let mut members = HashMap::new();
        for index in 0..archive.len() {
            let member = archive.by_index(index).map_err(LoadError::at(path))?;
            let name = member
                .name()
                .map_err(LoadError::at(path))?
                .trim_end_matches(".npy")
                .to_owned();
            let mut bytes = Vec::new();
            member
                .take(MEMBER_MAX)
                .read_to_end(&mut bytes)
                .map_err(LoadError::at(path))?;
            let body = body(&bytes).ok_or_else(|| LoadError::new(path, format!("{name} is no array")))?;
            members.insert(name, body.to_vec());
        }
        Ok(Self {
            path: path.to_owned(),
            members,
        })
    }

    /// An array of 32-bit floats, of which there must be `length`.
    pub(super) fn floats(&self, name: &str, length: usize) -> Result<Vec<f32>, LoadError> {
        let values: Vec<f32> = self
            .member(name)?
            .as_chunks::<4>()
            .0
            .iter()
            .map(|b| f32::from_le_bytes(*b))
            .collect();
        match values.len() == length {
            true => Ok(values),
            false => Err(LoadError::new(
                &self.path,
                format!("{name} has {} values, not {length}", values.len()),
            )),
        }
    }

    /// How many 32-bit values an array has.
    pub(super) fn count(&self, name: &str) -> Result<usize, LoadError> {
        Ok(self.member(name)?.len() / 4)
    }

    /// A single text, stored as 32-bit code points.
    pub(super) fn text(&self, name: &str) -> Result<String, LoadError> {
        let points = self
            .member(name)?
            .as_chunks::<4>()
            .0
            .iter()
            .map(|b| u32::from_le_bytes(*b));
        let letters: Option<String> = points
            .take_while(|point| *point != 0)
            .map(char::from_u32)
            .collect();
        letters.ok_or_else(|| LoadError::new(&self.path, format!("{name} is no text")))
    }

    fn member(&self, name: &str) -> Result<&[u8], LoadError> {
        let found = self.members.get(name).map(Vec::as_slice);
        found.ok_or_else(|| LoadError::new(&self.path, format!("no array named {name}")))
    }
}

/// What follows the header of an `.npy` file of version 1.
fn body(bytes: &[u8]) -> Option<&[u8]> {
    let rest = bytes.strip_prefix(b"\x93NUMPY\x01\x00")?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    rest.get(usize::from(u16::from_le_bytes(*length))..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_skipped_and_short_files_are_refused() {
        let mut file = b"\x93NUMPY\x01\x00".to_vec();
        file.extend([3, 0, b'{', b'}', b'\n', 1, 2]);
        assert_eq!(body(&file), Some([1, 2].as_slice()));
        assert_eq!(body(&file[..9]), None);
        assert_eq!(body(b"PK"), None);
    }
}
