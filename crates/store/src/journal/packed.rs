//! Bytes of a packed segment: a closed one, compressed and sealed again.
//!
//! ```text
//! clear:  "STRGPACK" || format (1) || salt (32) || number (8) || length of the sealed head (4)
//! file:   clear || sealed head || sealed block ...
//! ```
//!
//! The salt gives a key of its own; the head is message 0 under it, the blocks follow as messages
//! 1, 2, ... with the clear bytes as associated data. A block is raw deflate (RFC 1951) over events.
//!
//! Neither the frames nor their hashes are kept: sealing under the segment's first key, which the
//! head names, gives the same frames again, and from them follows the same chain.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::FileExt as _;

use crypto::{Keyring, SealFailure, SegmentKey};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};

use super::format::{Hash, Header};
use super::{Entry, Head, MAX_PAYLOAD};

const MAGIC: &[u8; 8] = b"STRGPACK";
const FORMAT: u8 = 1;
const CLEAR_LEN: usize = 8 + 1 + 32 + 8 + 4;
/// No head is larger: a thousand blocks need 16 KiB.
const MAX_HEAD: usize = 16 << 20;

/// A block is closed once it has so many bytes. A single event is read by opening one block, and
/// deflate looks back no further than 32 KiB: larger blocks are hardly smaller.
const BLOCK: usize = 64 << 10;
/// How hard deflate tries. More takes up to twice the time and saves three bytes in a hundred.
const EFFORT: u32 = 2;
/// No block is larger: one event less than the limit, and the largest one.
const MAX_BLOCK: usize = BLOCK + MAX_PAYLOAD + 64;

/// What a packed segment says of itself.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PackHead {
    salt: [u8; 32],
    previous: Hash,
    first_seq: u64,
    last_commit: u64,
    last_seq: u64,
    last_hash: Hash,
    /// The last commit up to the end of the segment.
    end_commit: u64,
    /// No event of the segment is younger, in milliseconds since 1970.
    pub(crate) youngest_millis: u64,
    blocks: Vec<BlockPlace>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct BlockPlace {
    first_seq: u64,
    length: u32,
    sealed_len: u32,
}

/// An event with all that its frame says.
pub(crate) struct Framed {
    pub(crate) entry: Entry,
    /// The first event of the write that the event was part of.
    pub(crate) write_first: u64,
}

/// A packed segment that is being read.
pub(crate) struct Packed {
    pub(crate) head: PackHead,
    clear: [u8; CLEAR_LEN],
    key: SegmentKey,
    /// Where the blocks begin.
    start: u64,
    open: Option<OpenBlock>,
}

struct OpenBlock {
    position: usize,
    bytes: Vec<u8>,
    /// Where the next event begins, and its number.
    offset: usize,
    next_seq: u64,
}

impl PackHead {
    /// The header that the segment was written with.
    pub(crate) fn header(&self, number: u64) -> Header {
        Header {
            salt: self.salt,
            number,
            previous: self.previous,
            first_seq: self.first_seq,
            last_commit: self.last_commit,
        }
    }

    /// The segment's last event.
    pub(crate) fn end(&self) -> Head {
        Head {
            seq: self.last_seq,
            hash: self.last_hash,
        }
    }
}

impl Packed {
    /// Reads and authenticates the head; `None` if the file is not what was written.
    pub(crate) fn open(file: &File, number: u64, keyring: &Keyring) -> io::Result<Option<Self>> {
        let mut clear = [0; CLEAR_LEN];
        if !read_exact(file, &mut clear, 0)? {
            return Ok(None);
        }
        let Some((salt, head_len)) = parse_clear(&clear, number) else {
            return Ok(None);
        };
        let mut sealed = vec![0; head_len];
        if !read_exact(file, &mut sealed, CLEAR_LEN as u64)? {
            return Ok(None);
        }
        let Ok(key) = keyring.segment_key(&salt) else {
            return Ok(None);
        };
        let head = key.open_at(0, &clear, &sealed).ok();
        let head = head.and_then(|head| postcard::from_bytes::<PackHead>(&head).ok());
        let start = (CLEAR_LEN + head_len) as u64;
        let length = file.metadata()?.len();
        let whole = |head: &PackHead| {
            let blocks = head.blocks.iter().map(|block| u64::from(block.sealed_len));
            start + blocks.sum::<u64>() == length
        };
        Ok(head.filter(whole).map(|head| Self {
            head,
            clear,
            key,
            start,
            open: None,
        }))
    }

    /// Event `seq`; `None` if its block is not what was written.
    pub(crate) fn event(&mut self, file: &File, seq: u64) -> io::Result<Option<Framed>> {
        let behind = self
            .head
            .blocks
            .partition_point(|block| block.first_seq <= seq);
        let Some(position) = behind.checked_sub(1) else {
            return Ok(None);
        };
        let known = self.open.take();
        let known = known.filter(|block| block.position == position && block.next_seq <= seq);
        let mut block = match known {
            Some(block) => block,
            None => match self.block(file, position)? {
                Some(block) => block,
                None => return Ok(None),
            },
        };
        let mut found = block.next();
        while found.as_ref().is_some_and(|event| event.entry.seq < seq) {
            found = block.next();
        }
        self.open = Some(block);
        Ok(found)
    }

    fn block(&self, file: &File, position: usize) -> io::Result<Option<OpenBlock>> {
        let Some(place) = self.head.blocks.get(position) else {
            return Ok(None);
        };
        let before = self.head.blocks.iter().take(position);
        let before: u64 = before.map(|block| u64::from(block.sealed_len)).sum();
        let mut sealed = vec![0; place.sealed_len as usize];
        if !read_exact(file, &mut sealed, self.start + before)? {
            return Ok(None);
        }
        let Ok(packed) = self.key.open_at(position as u64 + 1, &self.clear, &sealed) else {
            return Ok(None);
        };
        let length = place.length as usize;
        if length > MAX_BLOCK {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(length);
        let read = DeflateDecoder::new(&packed[..])
            .take(length as u64)
            .read_to_end(&mut bytes);
        Ok((read.ok() == Some(length)).then_some(OpenBlock {
            position,
            bytes,
            offset: 0,
            next_seq: place.first_seq,
        }))
    }
}

impl OpenBlock {
    fn next(&mut self) -> Option<Framed> {
        let rest = self.bytes.get(self.offset..)?;
        let fields: ((u64, u64), (u64, u64)) = {
            let (fields, after) = postcard::take_from_bytes(rest).ok()?;
            self.offset += rest.len() - after.len();
            fields
        };
        let ((since_write, commit_seq), (now_millis, length)) = fields;
        let end = self.offset.checked_add(usize::try_from(length).ok()?)?;
        let payload = self.bytes.get(self.offset..end)?.to_vec();
        self.offset = end;
        let seq = self.next_seq;
        self.next_seq += 1;
        Some(Framed {
            entry: Entry {
                seq,
                commit_seq,
                now_millis,
                payload,
            },
            write_first: seq.checked_sub(since_write)?,
        })
    }
}

/// Packs the events of one segment.
pub(crate) struct Packer {
    number: u64,
    key: SegmentKey,
    salt: [u8; 32],
    head: PackHead,
    block: Vec<u8>,
    block_first: u64,
    blocks: Vec<Vec<u8>>,
}

impl Packer {
    /// Begins to pack the segment with this header, under a key from a fresh salt.
    pub(crate) fn new(header: &Header, (salt, key): ([u8; 32], SegmentKey)) -> Self {
        let head = PackHead {
            salt: header.salt,
            previous: header.previous,
            first_seq: header.first_seq,
            last_commit: header.last_commit,
            last_seq: header.first_seq.saturating_sub(1),
            last_hash: header.previous,
            end_commit: header.last_commit,
            youngest_millis: 0,
            blocks: Vec::new(),
        };
        Self {
            number: header.number,
            key,
            salt,
            head,
            block: Vec::with_capacity(BLOCK * 2),
            block_first: header.first_seq,
            blocks: Vec::new(),
        }
    }

    /// Adds the next event, after which the chain is at `hash`.
    pub(crate) fn push(&mut self, event: &Framed, hash: Hash) -> io::Result<()> {
        let Entry {
            seq,
            commit_seq,
            now_millis,
            payload,
        } = &event.entry;
        let since_write = seq.saturating_sub(event.write_first);
        let fields = (
            (since_write, *commit_seq),
            (*now_millis, payload.len() as u64),
        );
        let block = std::mem::take(&mut self.block);
        self.block = postcard::to_extend(&fields, block).map_err(io::Error::other)?;
        self.block.extend_from_slice(payload);
        let head = &mut self.head;
        (head.last_seq, head.last_hash) = (*seq, hash);
        head.end_commit = head.end_commit.max(*commit_seq);
        head.youngest_millis = head.youngest_millis.max(*now_millis);
        if self.block.len() >= BLOCK {
            self.end_block()?;
        }
        Ok(())
    }

    /// The bytes of the file, in parts.
    pub(crate) fn finish(mut self) -> io::Result<Vec<Vec<u8>>> {
        if !self.block.is_empty() {
            self.end_block()?;
        }
        let head = postcard::to_stdvec(&self.head).map_err(io::Error::other)?;
        let head_len = head.len() + SegmentKey::OVERHEAD;
        let clear = clear(&self.salt, self.number, head_len)?;
        let mut parts = Vec::with_capacity(self.blocks.len() + 2);
        parts.push(clear.to_vec());
        for (index, part) in [head].iter().chain(&self.blocks).enumerate() {
            let mut sealed = Vec::new();
            self.key
                .seal_at(index as u64, &clear, part, &mut sealed)
                .map_err(|error: SealFailure| io::Error::other(error.to_string()))?;
            parts.push(sealed);
        }
        Ok(parts)
    }

    fn end_block(&mut self) -> io::Result<()> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(EFFORT));
        encoder.write_all(&self.block)?;
        let packed = encoder.finish()?;
        let place = BlockPlace {
            first_seq: self.block_first,
            length: length(self.block.len())?,
            sealed_len: length(packed.len() + SegmentKey::OVERHEAD)?,
        };
        self.head.blocks.push(place);
        self.block_first = self.head.last_seq + 1;
        self.blocks.push(packed);
        self.block.clear();
        Ok(())
    }
}

fn clear(salt: &[u8; 32], number: u64, head_len: usize) -> io::Result<[u8; CLEAR_LEN]> {
    let parts: [&[u8]; 5] = [
        MAGIC,
        &[FORMAT],
        salt,
        &number.to_be_bytes(),
        &length(head_len)?.to_be_bytes(),
    ];
    let all = parts.concat();
    <[u8; CLEAR_LEN]>::try_from(all).map_err(|_| io::ErrorKind::InvalidData.into())
}

fn parse_clear(clear: &[u8; CLEAR_LEN], wanted: u64) -> Option<([u8; 32], usize)> {
    let rest = clear.strip_prefix(MAGIC)?.strip_prefix(&[FORMAT])?;
    let (salt, rest) = rest.split_first_chunk::<32>()?;
    let (number, rest) = rest.split_first_chunk::<8>()?;
    let head_len = u32::from_be_bytes(*rest.first_chunk()?) as usize;
    let fits = u64::from_be_bytes(*number) == wanted && head_len <= MAX_HEAD;
    fits.then_some((*salt, head_len))
}

fn length(length: usize) -> io::Result<u32> {
    u32::try_from(length).map_err(io::Error::other)
}

/// Fills `bytes` from `offset` on; false if the file ends before.
fn read_exact(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<bool> {
    match file.read_exact_at(bytes, offset) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
