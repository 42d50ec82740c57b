//! CTranslate2's model file: names, shapes and 16-bit weights in one stream.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use half::f16;

use crate::builtin::LoadError;

/// The data type tag of 16-bit floats.
const FLOAT16: u8 = 4;

/// The file, read whole, and where each weight lies in it.
pub(super) struct Ct2File {
    path: PathBuf,
    bytes: Vec<u8>,
    weights: HashMap<String, (usize, Range<usize>)>,
}

impl Ct2File {
    pub(super) fn read(path: &Path) -> Result<Self, LoadError> {
        let bytes = std::fs::read(path).map_err(LoadError::at(path))?;
        let weights = index(&bytes).ok_or_else(|| LoadError::new(path, "it is cut short"))?;
        Ok(Self {
            path: path.to_owned(),
            bytes,
            weights,
        })
    }

    /// A weight's values, of which there must be `length`.
    pub(super) fn values(&self, name: &str, length: usize) -> Result<Vec<f32>, LoadError> {
        let fail = |reason: String| LoadError::new(&self.path, reason);
        let (count, range) = self
            .weights
            .get(name)
            .ok_or_else(|| fail(format!("no weight named {name}")))?;
        if *count != length {
            return Err(fail(format!("{name} has {count} values, not {length}")));
        }
        let (halves, _) = self.bytes[range.clone()].as_chunks::<2>();
        Ok(halves
            .iter()
            .map(|pair| f16::from_le_bytes(*pair).to_f32())
            .collect())
    }
}

/// Finds all 16-bit weights; nothing when the file ends early.
fn index(bytes: &[u8]) -> Option<HashMap<String, (usize, Range<usize>)>> {
    let mut cursor = Cursor { bytes, at: 0 };
    let _version = cursor.u32()?;
    let _specification = cursor.text()?;
    let _revision = cursor.u32()?;
    let mut weights = HashMap::new();
    for _ in 0..cursor.u32()? {
        let name = cursor.text()?;
        let rank = cursor.take(1)?[0];
        let mut count = 1_usize;
        for _ in 0..rank {
            count = count.checked_mul(usize::try_from(cursor.u32()?).ok()?)?;
        }
        let kind = cursor.take(1)?[0];
        let size = usize::try_from(cursor.u32()?).ok()?;
        let start = cursor.at;
        cursor.take(size)?;
        if kind == FLOAT16 {
            weights.insert(name, (count, start..start + size));
        }
    }
    Some(weights)
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(count)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.first_chunk().map(|b| u32::from_le_bytes(*b))
    }

    /// A text with its length in front and a zero byte at its end.
    fn text(&mut self) -> Option<String> {
        let length = self.take(2)?.first_chunk().map(|b| u16::from_le_bytes(*b))?;
        let text = self.take(usize::from(length))?;
        String::from_utf8(text.strip_suffix(&[0]).unwrap_or(text).to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Vec<u8> {
        let mut file = Vec::new();
        file.extend(6_u32.to_le_bytes());
        file.extend([2, 0, b'S', 0]);
        file.extend(3_u32.to_le_bytes());
        file.extend(1_u32.to_le_bytes());
        file.extend([4, 0, b'a', b'/', b'b', 0, 2]);
        file.extend(1_u32.to_le_bytes());
        file.extend(2_u32.to_le_bytes());
        file.push(FLOAT16);
        file.extend(4_u32.to_le_bytes());
        file.extend(f16::from_f32(0.5).to_le_bytes());
        file.extend(f16::from_f32(-2.0).to_le_bytes());
        file
    }

    #[test]
    fn weights_are_found_by_name_and_checked_for_size() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.bin");
        std::fs::write(&path, small()).unwrap();
        let file = Ct2File::read(&path).unwrap();
        assert_eq!(file.values("a/b", 2).unwrap(), [0.5, -2.0]);
        assert!(
            file.values("a/b", 3)
                .unwrap_err()
                .to_string()
                .contains("2 values, not 3")
        );
        assert!(file.values("c", 1).is_err());
    }

    #[test]
    fn a_file_cut_anywhere_is_refused() {
        let whole = small();
        assert!(index(&whole).is_some());
        assert!((0..whole.len()).all(|end| index(&whole[..end]).is_none()));
    }
}
