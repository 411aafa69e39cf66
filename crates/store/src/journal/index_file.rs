//! Bytes of the index of a closed segment.
//!
//! ```text
//! clear: "STRGINDX" || format (1) || salt (32) || the segment's salt (32) || number (8)
//!        || length of the sealed summary (4) || length of the sealed rows (4)
//! file:  clear || sealed summary || sealed rows
//! ```
//!
//! The salt gives a key of its own; summary and rows are messages 0 and 1 under it, with the clear
//! bytes as associated data. What they hold is the matter of who looks events up. An index is made
//! again from its segment, so one that does not authenticate, or was made for other events under
//! the same number, is as good as none.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use crypto::{Keyring, SegmentKey};

use super::files;
use super::format::Header;
use crate::directory;
use crate::sealing::Sealer;

const MAGIC: &[u8; 8] = b"STRGINDX";
const FORMAT: u8 = 1;
const CLEAR_LEN: usize = 8 + 1 + 32 + 32 + 8 + 4 + 4;
/// Neither part is larger.
const MAX_PART: usize = 1 << 30;

/// The index of a closed segment.
pub struct SegmentIndex {
    file: File,
    key: SegmentKey,
    clear: [u8; CLEAR_LEN],
    summary_len: usize,
    rows_len: usize,
}

impl SegmentIndex {
    /// What is read at once; `None` if it does not authenticate.
    pub fn summary(&self) -> io::Result<Option<Vec<u8>>> {
        self.part(0, CLEAR_LEN, self.summary_len)
    }

    /// What is read when it is needed; `None` if it does not authenticate.
    pub fn rows(&self) -> io::Result<Option<Vec<u8>>> {
        self.part(1, CLEAR_LEN + self.summary_len, self.rows_len)
    }

    fn part(&self, message: u64, offset: usize, length: usize) -> io::Result<Option<Vec<u8>>> {
        let mut sealed = vec![0; length];
        match self.file.read_exact_at(&mut sealed, offset as u64) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        }
        let opened = self.key.open_at(message, &self.clear, &sealed);
        Ok(opened.ok().map(|bytes| bytes.to_vec()))
    }
}

/// The index of the segment with this header.
pub(crate) fn open(
    dir: &Path,
    header: &Header,
    keyring: &Keyring,
) -> io::Result<Option<SegmentIndex>> {
    let file = match directory::read(&files::index_path(dir, header.number)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut clear = [0; CLEAR_LEN];
    match file.read_exact_at(&mut clear, 0) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let length = file.metadata()?.len();
    let fits = |(_, summary, rows): &([u8; 32], usize, usize)| {
        (CLEAR_LEN + summary + rows) as u64 == length
    };
    let Some((salt, summary_len, rows_len)) = parse(&clear, header).filter(fits) else {
        return Ok(None);
    };
    let key = keyring.segment_key(&salt).ok();
    Ok(key.map(|key| SegmentIndex {
        file,
        key,
        clear,
        summary_len,
        rows_len,
    }))
}

/// The file of an index, in parts.
pub(crate) fn sealed(
    header: &Header,
    sealer: &Sealer,
    (summary, rows): (&[u8], &[u8]),
) -> io::Result<[Vec<u8>; 3]> {
    let (salt, key) = sealer.new_segment().map_err(io::Error::other)?;
    let sealed_len = |part: &[u8]| {
        let length = part.len() + SegmentKey::OVERHEAD;
        let length = u32::try_from(length).ok().filter(|_| length <= MAX_PART);
        length.ok_or(io::ErrorKind::FileTooLarge)
    };
    let fields: [&[u8]; 7] = [
        MAGIC,
        &[FORMAT],
        &salt,
        &header.salt,
        &header.number.to_be_bytes(),
        &sealed_len(summary)?.to_be_bytes(),
        &sealed_len(rows)?.to_be_bytes(),
    ];
    let clear = fields.concat();
    let seal = |message, part| {
        let mut sealed = Vec::new();
        let done = key.seal_at(message, &clear, part, &mut sealed);
        done.map(|()| sealed).map_err(io::Error::other)
    };
    let (summary, rows) = (seal(0, summary)?, seal(1, rows)?);
    Ok([clear, summary, rows])
}

fn parse(clear: &[u8; CLEAR_LEN], header: &Header) -> Option<([u8; 32], usize, usize)> {
    let rest = clear.strip_prefix(MAGIC)?.strip_prefix(&[FORMAT])?;
    let (salt, rest) = rest.split_first_chunk::<32>()?;
    let rest = rest.strip_prefix(&header.salt)?;
    let rest = rest.strip_prefix(&header.number.to_be_bytes())?;
    let (summary, rest) = rest.split_first_chunk::<4>()?;
    let rows = rest.first_chunk::<4>()?;
    let lengths = [*summary, *rows].map(|it| u32::from_be_bytes(it) as usize);
    let [summary, rows] = lengths;
    (summary <= MAX_PART && rows <= MAX_PART).then_some((*salt, summary, rows))
}
