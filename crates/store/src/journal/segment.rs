//! Reading one segment, written or packed, event by event.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crypto::{Keyring, SegmentKey};

use super::format::{
    FRAME_FIELDS_LEN, Fields, HASH_LEN, HEADER_LEN, Hash, Header, MARKER, Position, SEGMENT,
    append_frame, chain,
};
use super::packed::{Framed, Packed};
use super::{Damage, Entry, Event, Head, files};
use crate::directory;

/// How much is read at a time, of a file that is read on and on.
const WINDOW: usize = 256 << 10;
/// How much is read first, where nobody knows whether more is wanted: who keeps up with the journal
/// wants an event or two.
const FIRST_WINDOW: usize = 8 << 10;

/// A segment's file with its position.
pub(crate) struct Segment {
    window: Window,
    key: SegmentKey,
    pub(crate) header: Header,
    /// Where the next frame begins.
    pub(crate) offset: u64,
    /// Where the last event read begins.
    pub(crate) began: u64,
    /// The last event read, or the one before the segment. In the midst of a packed segment its hash
    /// is known only where the chain is followed.
    pub(crate) last: Head,
    packed: Option<Box<Packed>>,
    is_chained: bool,
    /// The frame that was made last, to follow the chain.
    frame: Vec<u8>,
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
        match directory::read(&files::path(dir, number)) {
            Ok(file) => Self::open_written(file, number, keyring),
            // A segment is packed before what was written is removed.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let file = directory::read(&files::packed_path(dir, number))?;
                Self::open_packed(file, number, keyring)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn open_written(file: File, number: u64, keyring: &Keyring) -> Result<Self, Unreadable> {
        let mut window = Window::new(file);
        let parsed = window
            .at(0, HEADER_LEN)?
            .and_then(|bytes| Header::parse(SEGMENT, bytes, keyring));
        let (header, key) = parsed
            .filter(|(header, _)| header.number == number)
            .ok_or_else(|| unauthentic(number))?;
        Ok(Self {
            window,
            key,
            header,
            offset: HEADER_LEN as u64,
            began: HEADER_LEN as u64,
            last: before(&header),
            packed: None,
            is_chained: true,
            frame: Vec::new(),
        })
    }

    /// Opens the packed form of a segment. Its events authenticate in blocks; the chain is followed
    /// only after [`chained`](Self::chained).
    pub(crate) fn open_packed(
        file: File,
        number: u64,
        keyring: &Keyring,
    ) -> Result<Self, Unreadable> {
        let packed = Packed::open(&file, number, keyring)?.ok_or_else(|| unauthentic(number))?;
        let header = packed.head.header(number);
        let key = keyring.segment_key(&header.salt);
        Ok(Self {
            window: Window::new(file),
            key: key.map_err(|_| unauthentic(number))?,
            header,
            offset: 0,
            began: 0,
            last: before(&header),
            packed: Some(Box::new(packed)),
            is_chained: false,
            frame: Vec::new(),
        })
    }

    /// Makes every frame of a packed segment again, and follows the chain over them.
    pub(crate) fn chained(mut self) -> Self {
        self.is_chained = true;
        self
    }

    /// The time of the youngest event, where the segment is packed.
    pub(crate) fn packed_youngest(&self) -> Option<u64> {
        self.packed
            .as_ref()
            .map(|packed| packed.head.youngest_millis)
    }

    /// The last event of the segment, where it is packed.
    pub(crate) fn packed_end(&self) -> Option<Head> {
        self.packed.as_ref().map(|packed| packed.head.end())
    }

    /// Reads the file anew from here on.
    pub(crate) fn forget(&mut self) {
        self.window.bytes.clear();
    }

    /// The next event, or `None` where the segment ends for now.
    pub(crate) fn next(&mut self) -> Result<Option<Entry>, Unreadable> {
        Ok(self.next_framed()?.map(|event| event.entry))
    }

    /// The same, with all that the frame says.
    pub(crate) fn next_framed(&mut self) -> Result<Option<Framed>, Unreadable> {
        if self.packed.is_some() {
            return self.next_packed();
        }
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
        Ok(Some(Framed {
            entry,
            write_first: fields.write_first,
        }))
    }

    fn next_packed(&mut self) -> Result<Option<Framed>, Unreadable> {
        let seq = self.last.seq + 1;
        let Some(packed) = &mut self.packed else {
            return Ok(None);
        };
        let end = packed.head.end();
        if seq > end.seq {
            return Ok(None);
        }
        let Some(mut event) = packed.event(&self.window.file, seq)? else {
            return Err(self.damage("a block of events does not authenticate"));
        };
        if event.entry.seq != seq {
            return Err(self.damage("an event is missing or out of order"));
        }
        let hash = match self.is_chained {
            true => self.framed_hash(&mut event)?,
            false if seq == end.seq => end.hash,
            false => Hash::default(),
        };
        if seq == end.seq && hash != end.hash {
            return Err(self.damage("the chain does not end as it did"));
        }
        self.last = Head { seq, hash };
        Ok(Some(event))
    }

    /// The chain after an event of a packed segment: sealing gives the same frame as it did first.
    fn framed_hash(&mut self, event: &mut Framed) -> Result<Hash, Unreadable> {
        let at = Position {
            seq: event.entry.seq,
            first_seq: self.header.first_seq,
            write_first: event.write_first,
            commit_seq: event.entry.commit_seq,
        };
        let content = Event {
            now_millis: event.entry.now_millis,
            payload: std::mem::take(&mut event.entry.payload),
            is_marked: false,
        };
        self.frame.clear();
        let hash = append_frame(&self.key, at, &self.last.hash, &content, &mut self.frame);
        event.entry.payload = content.payload;
        hash.map_err(|_| self.damage("an event cannot be sealed again"))
    }

    /// Event `seq`, looked for from byte `offset` on, where an event at or before it begins. It is
    /// authenticated by itself: nothing is said about the events before it.
    pub(crate) fn pick(&mut self, mut offset: u64, seq: u64) -> Result<Entry, Unreadable> {
        if let Some(packed) = &mut self.packed {
            let event = packed.event(&self.window.file, seq)?;
            return match event.filter(|event| event.entry.seq == seq) {
                Some(event) => Ok(event.entry),
                None => Err(self.damage("an event that was there is missing")),
            };
        }
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
        if self.packed.is_some() {
            // It was whole before it got its name.
            return Ok(true);
        }
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
        if let Some(end) = self.packed_end() {
            return Ok(self.last.seq >= end.seq);
        }
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
    fn end(&mut self) -> Result<Option<Framed>, Unreadable> {
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

/// The event before a segment.
fn before(header: &Header) -> Head {
    Head {
        seq: header.first_seq.saturating_sub(1),
        hash: header.previous,
    }
}

fn unauthentic(segment: u64) -> Unreadable {
    Unreadable::Damaged(Damage {
        segment,
        offset: 0,
        what: "the segment's header does not authenticate",
    })
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
    let mut payload = fields.open(key, header.first_seq, sealed)?;
    let payload = std::mem::take(&mut *payload);
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
    /// How much is read the next time, at least.
    length: usize,
}

impl Window {
    fn new(file: File) -> Self {
        Self {
            file,
            start: 0,
            bytes: Vec::new(),
            length: FIRST_WINDOW,
        }
    }

    /// Exactly `length` bytes at `offset`, or `None` if the file ends before.
    fn at(&mut self, offset: u64, length: usize) -> io::Result<Option<&[u8]>> {
        if self.held(offset).len() < length {
            self.fill(offset, length)?;
        }
        Ok(self.held(offset).get(..length))
    }

    /// The bytes at hand at `offset`; none at the end of the file.
    fn some(&mut self, offset: u64) -> io::Result<&[u8]> {
        if self.held(offset).is_empty() {
            self.fill(offset, 1)?;
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
        self.fill(offset, 1)?;
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

    /// Reads at least `length` bytes at `offset`, and the more the longer the file is read on.
    fn fill(&mut self, offset: u64, length: usize) -> io::Result<()> {
        let end = self.start + self.bytes.len() as u64;
        self.length = match offset > self.start && offset <= end {
            true => (self.length * 2).min(WINDOW),
            false => FIRST_WINDOW,
        };
        let length = length.max(self.length);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_grows_while_it_is_read_on() {
        let mut file = tempfile::tempfile().unwrap();
        io::Write::write_all(&mut file, &vec![7; 3 * WINDOW]).unwrap();
        let mut window = Window::new(file);
        let mut lengths = Vec::new();
        for offset in (0..2 * WINDOW as u64).step_by(100) {
            assert_eq!(window.at(offset, 100).unwrap(), Some(&[7; 100][..]));
            if lengths.last() != Some(&window.bytes.len()) {
                lengths.push(window.bytes.len());
            }
        }
        let doubled = (0..6).map(|times| FIRST_WINDOW << times);
        assert_eq!(lengths, doubled.collect::<Vec<_>>());
        // Elsewhere it begins small, and holds what is asked for.
        window.at(5, 100).unwrap();
        assert_eq!(window.bytes.len(), FIRST_WINDOW);
        window.at(9, WINDOW).unwrap();
        assert_eq!(window.bytes.len(), WINDOW);
        window.bytes.clear();
        window.at(9, 100).unwrap();
        assert_eq!(window.bytes.len(), FIRST_WINDOW);
        assert_eq!(window.at(3 * WINDOW as u64 - 99, 100).unwrap(), None);
    }
}
