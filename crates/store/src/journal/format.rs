//! Bytes of a journal segment.
//!
//! ```text
//! header: "STRGJRNL" || format (1) || salt (32) || number (8) || previous hash (32)
//!         || first seq (8) || last commit (8) || tag (16)
//! frame:  marker (4) || sealed length (4) || seq (8) || first seq of its write (8)
//!         || commit (8) || time (8) || sealed payload || hash (32)
//! ```
//!
//! The salt gives the segment's key; the header's tag is message 0 under it, the frames follow as
//! messages 1, 2, ... with the frame's fields as associated data. A frame's hash is SHA-256 over
//! the previous frame's hash and the frame. Zeros end the segment.

use aws_lc_rs::digest::{Context, Digest, SHA256, digest};
use crypto::{Keyring, SealFailure, SegmentKey};
use zeroize::Zeroizing;

use super::{Event, MAX_PAYLOAD};

/// What a segment begins with.
pub(crate) const SEGMENT: &[u8; 8] = b"STRGJRNL";
/// What the note of a journal's beginning begins with.
pub(crate) const BEGINNING: &[u8; 8] = b"STRGBEGN";
const FORMAT: u8 = 1;
const FIELDS_LEN: usize = 8 + 1 + 32 + 8 + 32 + 8 + 8;
pub(crate) const HEADER_LEN: usize = FIELDS_LEN + SegmentKey::OVERHEAD;

pub(crate) const MARKER: [u8; 4] = *b"\xf5JR\x01";
pub(crate) const FRAME_FIELDS_LEN: usize = 40;
pub(crate) const HASH_LEN: usize = 32;

pub(crate) type Hash = [u8; HASH_LEN];

/// What a segment says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) salt: [u8; 32],
    pub(crate) number: u64,
    /// Hash of the last event before the segment.
    pub(crate) previous: Hash,
    pub(crate) first_seq: u64,
    /// The last commit before the segment.
    pub(crate) last_commit: u64,
}

impl Header {
    /// The header's bytes, `magic` saying of what, under the key that comes from its salt.
    pub(crate) fn to_bytes(
        self,
        magic: &[u8; 8],
        key: &SegmentKey,
    ) -> Result<Vec<u8>, SealFailure> {
        let mut bytes = Vec::with_capacity(HEADER_LEN);
        bytes.extend_from_slice(magic);
        bytes.push(FORMAT);
        bytes.extend_from_slice(&self.salt);
        bytes.extend_from_slice(&self.number.to_be_bytes());
        bytes.extend_from_slice(&self.previous);
        bytes.extend_from_slice(&self.first_seq.to_be_bytes());
        bytes.extend_from_slice(&self.last_commit.to_be_bytes());
        let mut tag = Vec::new();
        key.seal_at(0, &bytes, &[], &mut tag)?;
        bytes.extend_from_slice(&tag);
        Ok(bytes)
    }

    /// Reads and authenticates a header.
    pub(crate) fn parse(
        magic: &[u8; 8],
        bytes: &[u8],
        keyring: &Keyring,
    ) -> Option<(Self, SegmentKey)> {
        let (fields, tag) = bytes.get(..HEADER_LEN)?.split_at_checked(FIELDS_LEN)?;
        let mut rest = fields.strip_prefix(magic)?.strip_prefix(&[FORMAT])?;
        let header = Self {
            salt: take(&mut rest)?,
            number: u64::from_be_bytes(take(&mut rest)?),
            previous: take(&mut rest)?,
            first_seq: u64::from_be_bytes(take(&mut rest)?),
            last_commit: u64::from_be_bytes(take(&mut rest)?),
        };
        let key = keyring.segment_key(&header.salt).ok()?;
        key.open_at(0, fields, tag).ok()?;
        Some((header, key))
    }
}

/// The clear fields of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fields {
    pub(crate) sealed_len: u32,
    pub(crate) seq: u64,
    /// The first event of the write that this event was part of. All before it was durable when
    /// this was written, so that whatever is missing there was lost to damage and not to a crash.
    pub(crate) write_first: u64,
    pub(crate) commit_seq: u64,
    pub(crate) now_millis: u64,
}

impl Fields {
    pub(crate) fn to_bytes(self) -> [u8; FRAME_FIELDS_LEN] {
        let mut bytes = [0; FRAME_FIELDS_LEN];
        let (marker, length) = (MARKER, self.sealed_len.to_be_bytes());
        let numbers = [self.seq, self.write_first, self.commit_seq, self.now_millis];
        let numbers = numbers.into_iter().flat_map(u64::to_be_bytes);
        let all = marker.into_iter().chain(length).chain(numbers);
        for (to, from) in bytes.iter_mut().zip(all) {
            *to = from;
        }
        bytes
    }

    pub(crate) fn parse(bytes: &[u8; FRAME_FIELDS_LEN]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(&MARKER)?;
        let fields = Self {
            sealed_len: u32::from_be_bytes(take(&mut rest)?),
            seq: u64::from_be_bytes(take(&mut rest)?),
            write_first: u64::from_be_bytes(take(&mut rest)?),
            commit_seq: u64::from_be_bytes(take(&mut rest)?),
            now_millis: u64::from_be_bytes(take(&mut rest)?),
        };
        let payload = (fields.sealed_len as usize).checked_sub(SegmentKey::OVERHEAD)?;
        (payload <= MAX_PAYLOAD).then_some(fields)
    }

    /// The whole frame's length.
    pub(crate) fn frame_len(self) -> usize {
        FRAME_FIELDS_LEN + self.sealed_len as usize + HASH_LEN
    }

    /// Opens the payload of the frame in a segment that begins with `first_seq`.
    pub(crate) fn open(
        self,
        key: &SegmentKey,
        first_seq: u64,
        sealed: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let index = self.seq.checked_sub(first_seq)?.checked_add(1)?;
        key.open_at(index, &self.to_bytes(), sealed).ok()
    }
}

/// Where in the journal a frame goes.
#[derive(Clone, Copy)]
pub(crate) struct Position {
    pub(crate) seq: u64,
    pub(crate) first_seq: u64,
    pub(crate) write_first: u64,
    pub(crate) commit_seq: u64,
}

/// Appends a frame to `out` and returns its hash.
pub(crate) fn append_frame(
    key: &SegmentKey,
    at: Position,
    previous: &Hash,
    event: &Event,
    out: &mut Vec<u8>,
) -> Result<Hash, SealFailure> {
    let sealed_len = u32::try_from(event.payload.len() + SegmentKey::OVERHEAD);
    let fields = Fields {
        sealed_len: sealed_len.map_err(|_| SealFailure::TooLong)?,
        seq: at.seq,
        write_first: at.write_first,
        commit_seq: at.commit_seq,
        now_millis: event.now_millis,
    };
    let start = out.len();
    let aad = fields.to_bytes();
    out.extend_from_slice(&aad);
    key.seal_at(at.seq - at.first_seq + 1, &aad, &event.payload, out)?;
    // Within a batch the previous hash lies right before the frame: they are hashed in one go.
    let together = start.checked_sub(HASH_LEN);
    let together = together.and_then(|from| out.get(from..));
    let hash = match together.filter(|bytes| bytes.starts_with(previous)) {
        Some(bytes) => hash_of(&digest(&SHA256, bytes)),
        None => chain(previous, out.get(start..).unwrap_or_default()),
    };
    out.extend_from_slice(&hash);
    Ok(hash)
}

/// The hash of a frame (without its own hash) after `previous`.
pub(crate) fn chain(previous: &Hash, frame: &[u8]) -> Hash {
    let mut context = Context::new(&SHA256);
    context.update(previous);
    context.update(frame);
    hash_of(&context.finish())
}

fn hash_of(digest: &Digest) -> Hash {
    digest.as_ref().first_chunk().copied().unwrap_or_default()
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (bytes, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*bytes)
}
