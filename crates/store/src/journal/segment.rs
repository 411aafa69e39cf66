//! Reading one segment, frame by frame.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crypto::{Keyring, SegmentKey};

use super::format::{FRAME_FIELDS_LEN, Fields, HASH_LEN, HEADER_LEN, Hash, Header, MARKER, chain};
use super::{Damage, Entry, Head, files};
use crate::directory;

const WINDOW: usize = 256 << 10;

/// A segment's file with its position.
pub(crate) struct Segment {
    window: Window,
    key: SegmentKey,
    pub(crate) header: Header,
    /// Where the next frame begins.
    pub(crate) offset: u64,
    /// Where the last event read begins.
    pub(crate) began: u64,
    /// The last event read, or the one before the segment.
    pub(crate) last: Head,
}

/// Why a segment cannot be read.
#[derive(Debug)]
pub(crate) enum Unreadable {
    Io(io::Error),
    Damaged(Damage),
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Segment {
    /// Opens segment `number` and authenticates its header.
    pub(crate) fn open(dir: &Path, number: u64, keyring: &Keyring) -> Result<Self, Unreadable> {
        let file = directory::read(&files::path(dir, number))?;
        let mut window = Window {
            file,
            start: 0,
            bytes: Vec::new(),
        };
        let parsed = window
            .at(0, HEADER_LEN)?
            .and_then(|bytes| Header::parse(bytes, keyring));
        let (header, key) = parsed
            .filter(|(header, _)| header.number == number)
            .ok_or_else(|| {
                let what = "the segment's header does not authenticate";
                Unreadable::Damaged(Damage {
                    segment: number,
                    offset: 0,
                    what,
                })
            })?;
        let last = Head {
            seq: header.first_seq.saturating_sub(1),
            hash: header.previous,
        };
        Ok(Self {
            window,
            key,
            header,
            offset: HEADER_LEN as u64,
            began: HEADER_LEN as u64,
            last,
        })
    }

    /// Reads the file anew from here on.
    pub(crate) fn forget(&mut self) {
        self.window.bytes.clear();
    }

    /// The next event, or `None` where the segment ends for now.
    pub(crate) fn next(&mut self) -> Result<Option<Entry>, Unreadable> {
        let Some(fields) = self.window.at(self.offset, FRAME_FIELDS_LEN)? else {
            return self.end();
        };
        let Some(fields) = fields.first_chunk().and_then(Fields::parse) else {
            return self.end();
        };
        if fields.seq != self.last.seq + 1 {
            return Err(self.damage("an event is missing or out of order"));
        }
        let Some(frame) = self.window.at(self.offset, fields.frame_len())? else {
            return Err(self.damage("an event is cut off"));
        };
        let Some((entry, hash)) = open_frame(frame, fields, &self.key, &self.header, &self.last)
        else {
            return Err(self.damage("an event does not authenticate"));
        };
        self.last = Head {
            seq: entry.seq,
            hash,
        };
        self.began = self.offset;
        self.offset += fields.frame_len() as u64;
        Ok(Some(entry))
    }

    /// Event `seq`, looked for from byte `offset` on, where an event at or before it begins. It is
    /// authenticated by itself: nothing is said about the events before it.
    pub(crate) fn pick(&mut self, mut offset: u64, seq: u64) -> Result<Entry, Unreadable> {
        loop {
            let fields = self.window.at(offset, FRAME_FIELDS_LEN)?;
            let fields = fields
                .and_then(|it| it.first_chunk())
                .and_then(Fields::parse);
            let Some(fields) = fields.filter(|fields| fields.seq <= seq) else {
                self.offset = offset;
                return Err(self.damage("an event that was there is missing"));
            };
            if fields.seq < seq {
                offset += fields.frame_len() as u64;
                continue;
            }
            let body = offset + FRAME_FIELDS_LEN as u64;
            let sealed = self.window.at(body, fields.sealed_len as usize)?;
            let payload = sealed.and_then(|it| fields.open(&self.key, self.header.first_seq, it));
            let Some(payload) = payload else {
                self.offset = offset;
                return Err(self.damage("an event does not authenticate"));
            };
            return Ok(Entry {
                seq,
                commit_seq: fields.commit_seq,
                now_millis: fields.now_millis,
                payload: payload.to_vec(),
            });
        }
    }

    /// Looks for an event that was written after everything up to `self.last` and at least one
    /// more event was durable: the proof that what is unreadable here was lost to damage.
    pub(crate) fn proves_damage(&mut self) -> Result<bool, Unreadable> {
        let mut at = self.offset + 1;
        while let Some(found) = self.window.find_marker(at)? {
            if let Some(fields) = self.authentic_at(found)?
                && fields.write_first > self.last.seq + 1
            {
                return Ok(true);
            }
            at = found + 1;
        }
        Ok(false)
    }

    /// Whether the file holds nothing but zeros from here on.
    pub(crate) fn is_blank_from_here(&mut self) -> Result<bool, Unreadable> {
        let mut at = self.offset;
        loop {
            let bytes = self.window.some(at)?;
            if bytes.is_empty() {
                return Ok(true);
            }
            if bytes.iter().any(|byte| *byte != 0) {
                return Ok(false);
            }
            at += bytes.len() as u64;
        }
    }

    pub(crate) fn damage(&self, what: &'static str) -> Unreadable {
        let segment = self.header.number;
        Unreadable::Damaged(Damage {
            segment,
            offset: self.offset,
            what,
        })
    }

    /// No frame begins here: the end if nothing but zeros follows. The bytes are read again the
    /// next time, since the segment may have grown.
    fn end(&mut self) -> Result<Option<Entry>, Unreadable> {
        let blank = self
            .window
            .some(self.offset)?
            .iter()
            .take(FRAME_FIELDS_LEN)
            .all(|b| *b == 0);
        self.window.bytes.clear();
        if blank {
            Ok(None)
        } else {
            Err(self.damage("there is no event where one should begin"))
        }
    }

    fn authentic_at(&mut self, offset: u64) -> Result<Option<Fields>, Unreadable> {
        let fields = self.window.at(offset, FRAME_FIELDS_LEN)?;
        let Some(fields) = fields
            .and_then(|it| it.first_chunk())
            .and_then(Fields::parse)
        else {
            return Ok(None);
        };
        let body = offset + FRAME_FIELDS_LEN as u64;
        let sealed = self.window.at(body, fields.sealed_len as usize)?;
        let opened = sealed.and_then(|it| fields.open(&self.key, self.header.first_seq, it));
        Ok(opened.map(|_| fields))
    }
}

fn open_frame(
    frame: &[u8],
    fields: Fields,
    key: &SegmentKey,
    header: &Header,
    last: &Head,
) -> Option<(Entry, Hash)> {
    let (content, hash) = frame.split_last_chunk::<HASH_LEN>()?;
    if chain(&last.hash, content) != *hash {
        return None;
    }
    let sealed = content.get(FRAME_FIELDS_LEN..)?;
    let payload = fields.open(key, header.first_seq, sealed)?.to_vec();
    let Fields {
        seq,
        commit_seq,
        now_millis,
        ..
    } = fields;
    Some((
        Entry {
            seq,
            commit_seq,
            now_millis,
            payload,
        },
        *hash,
    ))
}

/// A part of a file in memory.
struct Window {
    file: File,
    start: u64,
    bytes: Vec<u8>,
}

impl Window {
    /// Exactly `length` bytes at `offset`, or `None` if the file ends before.
    fn at(&mut self, offset: u64, length: usize) -> io::Result<Option<&[u8]>> {
        if self.held(offset).len() < length {
            self.fill(offset, length.max(WINDOW))?;
        }
        Ok(self.held(offset).get(..length))
    }

    /// The bytes at hand at `offset`; none at the end of the file.
    fn some(&mut self, offset: u64) -> io::Result<&[u8]> {
        if self.held(offset).is_empty() {
            self.fill(offset, WINDOW)?;
        }
        Ok(self.held(offset))
    }

    fn find_marker(&mut self, mut offset: u64) -> io::Result<Option<u64>> {
        loop {
            let bytes = self.some(offset)?;
            let found = bytes
                .windows(MARKER.len())
                .position(|window| window == MARKER);
            if let Some(position) = found {
                return Ok(Some(offset + position as u64));
            }
            // The last bytes may be the beginning of a marker; look at them again with the next.
            let seen = bytes.len().saturating_sub(MARKER.len() - 1);
            if seen == 0 {
                return self.marker_across(offset);
            }
            offset += seen as u64;
        }
    }

    fn marker_across(&mut self, offset: u64) -> io::Result<Option<u64>> {
        let before = self.held(offset).len();
        self.fill(offset, WINDOW)?;
        if self.held(offset).len() > before {
            self.find_marker(offset)
        } else {
            Ok(None)
        }
    }

    fn held(&self, offset: u64) -> &[u8] {
        let skipped = offset
            .checked_sub(self.start)
            .and_then(|it| usize::try_from(it).ok());
        skipped
            .and_then(|skipped| self.bytes.get(skipped..))
            .unwrap_or_default()
    }

    fn fill(&mut self, offset: u64, length: usize) -> io::Result<()> {
        self.start = offset;
        self.bytes.resize(length, 0);
        let mut filled = 0;
        while let Some(rest) = self.bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.file.read_at(rest, offset + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.bytes.clear();
                    return Err(error);
                }
            }
        }
        self.bytes.truncate(filled);
        Ok(())
    }
}
