//! Where entries lie: relative, inside, each once.

use std::collections::BTreeMap;

use super::archive::{Kind, RawEntry};
use super::{Entry, EntryKind, PackageError, refused};

/// The longest path, in bytes: with the directory it is unpacked to, below what Linux takes.
const MAX_PATH: usize = 1024;
/// The longest part of a path that Linux's file systems take, in bytes.
const MAX_PART: usize = 255;
/// The most parts of a path.
const MAX_DEPTH: usize = 64;

/// The entry of a package for one of the archive, whose content is `content` if it is a link.
///
/// # Returns
///
/// None for the root directory itself.
pub(super) fn entry(raw: &RawEntry<'_>, content: Vec<u8>) -> Result<Option<Entry>, PackageError> {
    let path = path(raw.name)?;
    if path.is_empty() {
        return match raw.kind {
            Kind::Directory => Ok(None),
            Kind::File | Kind::Link => Err(refused(raw.name, "has no name")),
        };
    }
    let kind = match raw.kind {
        Kind::File => EntryKind::File { size: raw.size },
        Kind::Directory => EntryKind::Directory,
        Kind::Link => EntryKind::Link {
            target: target(raw.name, &path, content)?,
        },
    };
    Ok(Some(Entry {
        path,
        kind,
        mode: raw.mode,
    }))
}

/// Each path once, and nothing below anything but a directory.
pub(super) fn consistent(entries: &[Entry]) -> Result<(), PackageError> {
    let mut kinds: BTreeMap<&str, bool> = BTreeMap::new();
    for entry in entries {
        let is_directory = entry.kind == EntryKind::Directory;
        let before = kinds.insert(&entry.path, is_directory);
        // Several tools write a directory before each of its files.
        if before.is_some_and(|before| !(before && is_directory)) {
            return Err(refused(entry.path.as_bytes(), "is there twice"));
        }
    }
    for entry in entries {
        let above = entry.path.match_indices('/');
        for (end, _) in above {
            let parent = entry.path.get(..end).unwrap_or_default();
            if kinds.get(parent) == Some(&false) {
                return Err(refused(entry.path.as_bytes(), "lies below a file or link"));
            }
        }
    }
    Ok(())
}

/// The name as a path, without `.`.
fn path(name: &[u8]) -> Result<String, PackageError> {
    let text = str::from_utf8(name).map_err(|_| refused(name, "is not named in UTF-8"))?;
    if text.len() > MAX_PATH {
        return Err(refused(name, "has too long a name"));
    }
    if text.starts_with('/') {
        return Err(refused(name, "has an absolute name"));
    }
    if text.contains(['\\', '\0']) {
        return Err(refused(name, "has a backslash or NUL in its name"));
    }
    let mut parts = Vec::new();
    for part in text.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => return Err(refused(name, "leads out of the package")),
            "" if text.trim_end_matches('/').is_empty() => {}
            "" => return Err(refused(name, "has an empty part in its name")),
            _ if part.len() > MAX_PART => return Err(refused(name, "has too long a name")),
            _ => parts.push(part),
        }
    }
    if parts.len() > MAX_DEPTH {
        return Err(refused(name, "lies too deep"));
    }
    Ok(parts.join("/"))
}

/// Where a link leads: to the inside.
///
/// `..` may stand at the front alone. There it goes up real directories, since nothing lies below a
/// link; behind another part it would go up from wherever that part, a link perhaps, leads.
fn target(name: &[u8], path: &str, content: Vec<u8>) -> Result<String, PackageError> {
    let target =
        String::from_utf8(content).map_err(|_| refused(name, "is no link to a name in UTF-8"))?;
    if target.is_empty() || target.starts_with('/') || target.contains(['\\', '\0']) {
        return Err(refused(name, "is a link out of the package"));
    }
    let mut up = 0;
    let mut is_front = true;
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if is_front => up += 1,
            ".." => return Err(refused(name, "is a link out of the package")),
            _ => is_front = false,
        }
    }
    if up > path.matches('/').count() {
        return Err(refused(name, "is a link out of the package"));
    }
    Ok(target)
}
