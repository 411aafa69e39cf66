//! The bytes of a ZIP archive (APPNOTE.TXT 6.3.10): its directory, and the content of its entries.

use std::io::{self, Read, Write};

use flate2::Crc;
use flate2::read::DeflateDecoder;

use super::{MAX_ENTRIES, MAX_UNZIPPED, PackageError, refused};

const END: &[u8] = b"PK\x05\x06";
const END64: &[u8] = b"PK\x06\x06";
const END64_LOCATOR: &[u8] = b"PK\x06\x07";
const CENTRAL: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";
/// The field of an entry that holds what 32 bits do not.
const ZIP64_FIELD: u16 = 1;
/// Encrypted in one way or another, or with the directory hidden.
const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
/// Systems whose attributes are a Unix mode: Unix and macOS.
const UNIX: [u8; 2] = [3, 19];
/// Links are read to memory.
const MAX_LINK: u64 = 4096;

/// An entry as the directory has it.
#[derive(Debug)]
pub(super) struct RawEntry<'a> {
    pub(super) name: &'a [u8],
    pub(super) kind: Kind,
    /// Permission bits.
    pub(super) mode: u32,
    /// Unzipped.
    pub(super) size: u64,
    deflated: bool,
    checksum: u32,
    /// Where its bytes lie in the archive.
    from: usize,
    to: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Directory,
    Link,
}

/// Reads the directory: sizes added up, places checked, no content read.
pub(super) fn entries(zip: &[u8]) -> Result<Vec<RawEntry<'_>>, PackageError> {
    let (count, mut directory) = directory(zip)?;
    if count > MAX_ENTRIES as u64 {
        return Err(PackageError::TooManyEntries);
    }
    let mut entries = Vec::new();
    let mut total = 0_u64;
    while !directory.0.is_empty() {
        let entry = entry(zip, &mut directory)?;
        total = total.saturating_add(entry.size);
        if total > MAX_UNZIPPED {
            return Err(PackageError::TooLarge);
        }
        entries.push(entry);
    }
    if entries.len() as u64 != count {
        return Err(malformed("its directory has another number of entries"));
    }
    apart(&entries)?;
    Ok(entries)
}

impl RawEntry<'_> {
    /// Its whole content.
    pub(super) fn read(&self, zip: &[u8]) -> Result<Vec<u8>, PackageError> {
        let mut content = Vec::new();
        self.copy(zip, &mut content)?;
        Ok(content)
    }

    /// Unzips it to `to`.
    ///
    /// # Errors
    ///
    /// Where it is not as long as declared, or its checksum another.
    pub(super) fn copy(&self, zip: &[u8], to: &mut impl Write) -> Result<(), PackageError> {
        let packed = zip.get(self.from..self.to).unwrap_or_default();
        let mut buffer = vec![0; 64 * 1024];
        let mut checksum = Crc::new();
        let mut left = self.size;
        let mut inflated = DeflateDecoder::new(packed);
        let mut stored = packed;
        let from: &mut dyn Read = if self.deflated {
            &mut inflated
        } else {
            &mut stored
        };
        loop {
            let read = match from.read(&mut buffer) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return Err(refused(self.name, "is not deflated data")),
            };
            let chunk = buffer.get(..read).unwrap_or_default();
            if chunk.is_empty() {
                break;
            }
            left = left
                .checked_sub(read as u64)
                .ok_or_else(|| refused(self.name, "holds more than it declares"))?;
            checksum.update(chunk);
            to.write_all(chunk)?;
        }
        if left > 0 {
            return Err(refused(self.name, "holds less than it declares"));
        }
        if checksum.sum() != self.checksum {
            return Err(refused(self.name, "does not have the checksum declared"));
        }
        Ok(())
    }
}

/// Finds the directory: how many entries it says it has, and its bytes.
fn directory(zip: &[u8]) -> Result<(u64, Fields<'_>), PackageError> {
    let end_at = end_at(zip)?;
    let mut end = Fields(zip.get(end_at + END.len()..).unwrap_or_default());
    let (disk, start_disk) = (end.u16()?, end.u16()?);
    let (here, mut count) = (u64::from(end.u16()?), u64::from(end.u16()?));
    let (mut length, mut offset) = (u64::from(end.u32()?), u64::from(end.u32()?));
    let mut directory_end = end_at;
    let large = count == 0xFFFF || length == 0xFFFF_FFFF || offset == 0xFFFF_FFFF;
    if large && let Some(end64) = end64_at(zip, end_at)? {
        let mut end = Fields(zip.get(end64 + END64.len()..).unwrap_or_default());
        end.take(8 + 2 + 2 + 4 + 4 + 8)?;
        (count, length, offset) = (end.u64()?, end.u64()?, end.u64()?);
        directory_end = end64;
    } else if here != count {
        return Err(PackageError::Unsupported("several disks"));
    }
    if disk != start_disk || !matches!(disk, 0 | 0xFFFF) {
        return Err(PackageError::Unsupported("several disks"));
    }
    let start = usize::try_from(offset).ok();
    let directory = start.and_then(|start| zip.get(start..directory_end));
    let directory = directory.ok_or(malformed("its directory lies elsewhere"))?;
    if directory.len() as u64 != length {
        return Err(malformed("its directory has another length"));
    }
    Ok((count, Fields(directory)))
}

/// Where the end record lies: followed by nothing but the comment it announces.
fn end_at(zip: &[u8]) -> Result<usize, PackageError> {
    const LENGTH: usize = 22;
    let last = zip
        .len()
        .checked_sub(LENGTH)
        .ok_or(malformed("it has no end record"))?;
    let first = last.saturating_sub(usize::from(u16::MAX));
    for at in (first..=last).rev() {
        let record = zip.get(at..).unwrap_or_default();
        if !record.starts_with(END) {
            continue;
        }
        let mut comment = Fields(record.get(LENGTH - 2..).unwrap_or_default());
        if usize::from(comment.u16()?) == comment.0.len() {
            return Ok(at);
        }
    }
    Err(malformed("it has no end record"))
}

/// Where the end record of ZIP64 lies, if there is one before the end record at `end_at`.
fn end64_at(zip: &[u8], end_at: usize) -> Result<Option<usize>, PackageError> {
    let locator = end_at.checked_sub(20).and_then(|at| zip.get(at..));
    let Some(locator) = locator.and_then(|bytes| bytes.strip_prefix(END64_LOCATOR)) else {
        return Ok(None);
    };
    let mut locator = Fields(locator);
    locator.u32()?;
    let at = usize::try_from(locator.u64()?).unwrap_or(usize::MAX);
    // Without the extensible part, which nobody writes: so the two records are next to each other.
    if at.checked_add(56 + 20) != Some(end_at)
        || !zip.get(at..).unwrap_or_default().starts_with(END64)
    {
        return Err(malformed("its end records are not next to each other"));
    }
    Ok(Some(at))
}

/// Reads one header of the directory and the local one it leads to.
fn entry<'a>(zip: &'a [u8], directory: &mut Fields<'a>) -> Result<RawEntry<'a>, PackageError> {
    if directory.take(4)? != CENTRAL {
        return Err(malformed("its directory holds something else"));
    }
    let made_by = directory.take(2)?.last().copied().unwrap_or_default();
    directory.u16()?;
    let (flags, method) = (directory.u16()?, directory.u16()?);
    directory.u32()?;
    let checksum = directory.u32()?;
    let (packed, size) = (directory.u32()?, directory.u32()?);
    let (name, extra) = (directory.u16()?, directory.u16()?);
    let comment = directory.u16()?;
    directory.take(2 + 2)?;
    let (attributes, offset) = (directory.u32()?, directory.u32()?);
    let name = directory.take(name.into())?;
    let mut extra = Fields(directory.take(extra.into())?);
    directory.take(comment.into())?;
    if flags & ENCRYPTED != 0 {
        return Err(PackageError::Unsupported("encryption"));
    }
    let deflated = match method {
        0 => false,
        8 => true,
        _ => {
            return Err(PackageError::Unsupported(
                "a compression other than deflate",
            ));
        }
    };
    let [size, packed, offset] = wide(&mut extra, [size, packed, offset])?;
    let (kind, mode) = kind(name, made_by, attributes)?;
    let from = data_at(zip, offset, name)?;
    let to = usize::try_from(packed).ok();
    let to = to.and_then(|packed| from.checked_add(packed));
    let to = to
        .filter(|to| *to <= zip.len())
        .ok_or_else(|| refused(name, "lies beyond the end of the archive"))?;
    if kind == Kind::Link && size > MAX_LINK {
        return Err(refused(name, "is too long for a link"));
    }
    if kind == Kind::Directory && size > 0 {
        return Err(refused(name, "is a directory with content"));
    }
    Ok(RawEntry {
        name,
        kind,
        mode,
        size,
        deflated,
        checksum,
        from,
        to,
    })
}

/// Replaces those of size, packed size and offset that stand in the ZIP64 field.
fn wide(extra: &mut Fields<'_>, narrow: [u32; 3]) -> Result<[u64; 3], PackageError> {
    let mut values = narrow.map(u64::from);
    while extra.0.len() >= 4 {
        let (id, length) = (extra.u16()?, extra.u16()?);
        let mut field = Fields(extra.take(length.into())?);
        if id == ZIP64_FIELD {
            for value in values.iter_mut().filter(|value| **value == 0xFFFF_FFFF) {
                *value = field.u64()?;
            }
        }
    }
    Ok(values)
}

/// What an entry is, by its Unix mode if it has one, else by its name.
fn kind(name: &[u8], made_by: u8, attributes: u32) -> Result<(Kind, u32), PackageError> {
    const DOS_DIRECTORY: u32 = 0x10;
    let by_name = name.ends_with(b"/");
    let mode = if UNIX.contains(&made_by) {
        attributes >> 16
    } else {
        0
    };
    let kind = match mode & 0o170_000 {
        0o100_000 => Kind::File,
        0o040_000 => Kind::Directory,
        0o120_000 => Kind::Link,
        0 if by_name || attributes & DOS_DIRECTORY != 0 => Kind::Directory,
        0 => Kind::File,
        _ => return Err(refused(name, "is neither file nor directory nor link")),
    };
    if by_name && kind != Kind::Directory {
        return Err(refused(name, "has a directory's name and is none"));
    }
    let mode = match (mode & 0o777, kind) {
        (0, Kind::Directory) => 0o755,
        (0, _) => 0o644,
        (mode, _) => mode,
    };
    Ok((kind, mode))
}

/// Where the content begins after the local header at `offset`, which must name the same entry.
fn data_at(zip: &[u8], offset: u64, name: &[u8]) -> Result<usize, PackageError> {
    let start = usize::try_from(offset).unwrap_or(usize::MAX);
    let header = zip.get(start..).unwrap_or_default();
    let mut local = Fields(header);
    if local.take(4).ok() != Some(LOCAL) {
        return Err(refused(name, "has no header where the directory says"));
    }
    local.take(22)?;
    let (name_length, extra_length) = (local.u16()?, local.u16()?);
    if local.take(name_length.into())? != name {
        return Err(refused(name, "has two names"));
    }
    local.take(extra_length.into())?;
    Ok(zip.len() - local.0.len())
}

/// No two entries share bytes: what expands once is not counted twice.
fn apart(entries: &[RawEntry<'_>]) -> Result<(), PackageError> {
    let mut places: Vec<(usize, usize)> =
        entries.iter().map(|entry| (entry.from, entry.to)).collect();
    places.sort_unstable();
    let overlap = places
        .windows(2)
        .any(|pair| matches!(pair, [(from, to), (next, _)] if next < to || next == from));
    if overlap {
        return Err(malformed("entries share bytes"));
    }
    Ok(())
}

fn malformed(problem: &'static str) -> PackageError {
    PackageError::Malformed(problem)
}

/// Fields in little endian, from the front.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], PackageError> {
        let (taken, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(malformed("it ends within a record"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PackageError> {
        let (taken, rest) = self
            .0
            .split_first_chunk::<N>()
            .ok_or(malformed("it ends within a record"))?;
        self.0 = rest;
        Ok(*taken)
    }

    fn u16(&mut self) -> Result<u16, PackageError> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, PackageError> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, PackageError> {
        self.array().map(u64::from_le_bytes)
    }
}
