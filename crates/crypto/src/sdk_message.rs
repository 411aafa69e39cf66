//! Messages of the AWS Encryption SDK ("AWS Encryption SDK message format reference", version 2), as
//! far as this program writes them: the suite `AES_256_GCM_HKDF_SHA512_COMMIT_KEY` (0x0478), one
//! data key that a KMS key encrypted, frames of 4 KiB. Whoever may use the key opens them with the
//! Encryption SDK of any language.

use aws_lc_rs::hkdf::{HKDF_SHA512, KeyType, Salt};
use zeroize::Zeroizing;

use crate::aead::{AeadKey, TAG_LEN};
use crate::envelope::{IntegrityError, SealFailure};
use crate::random::{self, Random};

const VERSION: u8 = 2;
const SUITE: [u8; 2] = [0x04, 0x78];
const PROVIDER: &[u8] = b"aws-kms";
const FRAMED: u8 = 2;
const FRAME: usize = 4096;
/// What stands before the last frame.
const LAST: [u8; 4] = [0xff; 4];
const COMMITMENT: usize = 32;

/// A data key of KMS with all that a message says of it.
pub struct SdkDataKey<'a> {
    /// The plaintext, 32 bytes.
    pub plaintext: &'a [u8],
    /// The ciphertext that KMS opens.
    pub blob: &'a [u8],
    /// The ARN of the KMS key.
    pub kms_key: &'a str,
    /// The encryption context that the ciphertext is bound to, in the order of its keys.
    pub context: &'a [(&'a str, &'a str)],
}

/// Seals `plaintext` as a message.
pub fn seal_sdk_message(
    key: &SdkDataKey<'_>,
    plaintext: &[u8],
    random: &dyn Random,
) -> Result<Vec<u8>, SealFailure> {
    let id: [u8; 32] = random::array(random)?;
    let keys = Keys::derive(key.plaintext, &id).ok_or(SealFailure::Cipher)?;
    let mut out = header(key, &id).ok_or(SealFailure::Cipher)?;
    out.extend_from_slice(&keys.commitment);
    let mut tag = [0; TAG_LEN];
    keys.aead
        .seal([0; 12], &out, &[], &mut tag)
        .map_err(|_| SealFailure::Cipher)?;
    out.extend_from_slice(&tag);
    let whole = plaintext.len() / FRAME;
    // A message ends with a frame that is not whole, an empty one if need be.
    let (frames, last) = plaintext
        .split_at_checked(whole * FRAME)
        .ok_or(SealFailure::Cipher)?;
    let mut number = 1;
    for frame in frames.chunks(FRAME) {
        put_frame(&keys, &id, (number, false), frame, &mut out)?;
        number += 1;
    }
    put_frame(&keys, &id, (number, true), last, &mut out)?;
    Ok(out)
}

/// A message whose header was read.
pub struct SdkMessage<'a> {
    header: &'a [u8],
    id: &'a [u8],
    kms_key: &'a str,
    blob: &'a [u8],
    commitment: &'a [u8],
    tag: &'a [u8],
    body: &'a [u8],
}

impl<'a> SdkMessage<'a> {
    /// Reads the header of a message that [`seal_sdk_message`] made; none for anything else.
    pub fn parse(message: &'a [u8]) -> Option<Self> {
        let mut left = Bytes(message);
        let head = left.take(3)?;
        if head != [VERSION, SUITE[0], SUITE[1]] {
            return None;
        }
        let id = left.take(32)?;
        left.counted()?;
        if left.take(2)? != [0, 1] || left.counted()? != PROVIDER {
            return None;
        }
        let kms_key = str::from_utf8(left.counted()?).ok()?;
        let blob = left.counted()?;
        if left.take(5)? != [&[FRAMED][..], &frame_length()].concat() {
            return None;
        }
        let commitment = left.take(COMMITMENT)?;
        let header = message.get(..message.len() - left.0.len())?;
        Some(Self {
            header,
            id,
            kms_key,
            blob,
            commitment,
            tag: left.take(TAG_LEN)?,
            body: left.0,
        })
    }

    /// The ARN of the KMS key that encrypted the data key.
    pub fn kms_key(&self) -> &str {
        self.kms_key
    }

    /// The data key as KMS encrypted it.
    pub fn blob(&self) -> &[u8] {
        self.blob
    }

    /// Opens the message with its data key.
    pub fn open(&self, data_key: &[u8]) -> Result<Zeroizing<Vec<u8>>, IntegrityError> {
        let id = self.id.try_into().map_err(|_| IntegrityError)?;
        let keys = Keys::derive(data_key, id).ok_or(IntegrityError)?;
        let same = aws_lc_rs::constant_time::verify_slices_are_equal;
        same(&keys.commitment, self.commitment).map_err(|_| IntegrityError)?;
        keys.aead
            .open([0; 12], self.header, self.tag, &mut [])
            .map_err(|_| IntegrityError)?;
        self.open_frames(&keys, id).ok_or(IntegrityError)
    }

    fn open_frames(&self, keys: &Keys, id: &[u8; 32]) -> Option<Zeroizing<Vec<u8>>> {
        let mut plain = Zeroizing::new(Vec::with_capacity(self.body.len()));
        let mut left = Bytes(self.body);
        for number in 1_u32.. {
            let first: [u8; 4] = left.take(4)?.try_into().ok()?;
            let is_last = first == LAST;
            let said = if is_last { left.take(4)? } else { &first[..] };
            let nonce = nonce(number);
            if said != number.to_be_bytes() || left.take(12)? != nonce {
                return None;
            }
            let length = match is_last {
                false => FRAME,
                true => usize::try_from(u32::from_be_bytes(left.take(4)?.try_into().ok()?)).ok()?,
            };
            let sealed = left.take(length.checked_add(TAG_LEN)?)?;
            let mut frame = Zeroizing::new(vec![0; length]);
            let aad = frame_aad(id, (number, is_last), length);
            keys.aead.open(nonce, &aad, sealed, &mut frame).ok()?;
            plain.extend_from_slice(&frame);
            if is_last {
                break;
            }
        }
        left.0.is_empty().then_some(plain)
    }
}

/// What is derived from a data key for one message.
struct Keys {
    aead: AeadKey,
    commitment: [u8; COMMITMENT],
}

/// 32 bytes of HKDF's output.
struct Length;

impl KeyType for Length {
    fn len(&self) -> usize {
        32
    }
}

impl Keys {
    fn derive(data_key: &[u8], id: &[u8; 32]) -> Option<Self> {
        if data_key.len() != 32 {
            return None;
        }
        let extracted = Salt::new(HKDF_SHA512, id).extract(data_key);
        let expand = |info: &[&[u8]]| -> Option<Zeroizing<[u8; 32]>> {
            let mut out = Zeroizing::new([0; 32]);
            extracted
                .expand(info, Length)
                .ok()?
                .fill(out.as_mut())
                .ok()?;
            Some(out)
        };
        let key = expand(&[&SUITE, b"DERIVEKEY"])?;
        Some(Self {
            aead: AeadKey::new(&key).ok()?,
            commitment: *expand(&[b"COMMITKEY"])?,
        })
    }
}

/// The header without commitment and tag.
fn header(key: &SdkDataKey<'_>, id: &[u8; 32]) -> Option<Vec<u8>> {
    let mut context = Vec::new();
    context.extend_from_slice(&u16::try_from(key.context.len()).ok()?.to_be_bytes());
    for (name, value) in key.context {
        put_counted(&mut context, name.as_bytes())?;
        put_counted(&mut context, value.as_bytes())?;
    }
    let mut out = vec![VERSION, SUITE[0], SUITE[1]];
    out.extend_from_slice(id);
    put_counted(&mut out, &context)?;
    out.extend_from_slice(&[0, 1]);
    put_counted(&mut out, PROVIDER)?;
    put_counted(&mut out, key.kms_key.as_bytes())?;
    put_counted(&mut out, key.blob)?;
    out.push(FRAMED);
    out.extend_from_slice(&frame_length());
    Some(out)
}

fn frame_length() -> [u8; 4] {
    u32::try_from(FRAME).unwrap_or(u32::MAX).to_be_bytes()
}

fn put_counted(out: &mut Vec<u8>, bytes: &[u8]) -> Option<()> {
    out.extend_from_slice(&u16::try_from(bytes.len()).ok()?.to_be_bytes());
    out.extend_from_slice(bytes);
    Some(())
}

fn put_frame(
    keys: &Keys,
    id: &[u8; 32],
    (number, is_last): (u32, bool),
    plain: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), SealFailure> {
    if is_last {
        out.extend_from_slice(&LAST);
    }
    out.extend_from_slice(&number.to_be_bytes());
    let nonce = nonce(number);
    out.extend_from_slice(&nonce);
    if is_last {
        let length = u32::try_from(plain.len()).map_err(|_| SealFailure::Cipher)?;
        out.extend_from_slice(&length.to_be_bytes());
    }
    let mut sealed = vec![0; plain.len() + TAG_LEN];
    let aad = frame_aad(id, (number, is_last), plain.len());
    keys.aead
        .seal(nonce, &aad, plain, &mut sealed)
        .map_err(|_| SealFailure::Cipher)?;
    out.extend_from_slice(&sealed);
    Ok(())
}

/// The number of a frame is its nonce: the key is the message's own. The header has number 0.
fn nonce(number: u32) -> [u8; 12] {
    u128::from(number)
        .to_be_bytes()
        .last_chunk()
        .copied()
        .unwrap_or_default()
}

fn frame_aad(id: &[u8; 32], (number, is_last): (u32, bool), length: usize) -> Vec<u8> {
    let what: &[u8] = match is_last {
        true => b"AWSKMSEncryptionClient Final Frame",
        false => b"AWSKMSEncryptionClient Frame",
    };
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    [id, what, &number.to_be_bytes(), &length.to_be_bytes()].concat()
}

/// Bytes that are still to be read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, left) = self.0.split_at_checked(count)?;
        self.0 = left;
        Some(taken)
    }

    /// What follows its length of 16 bits.
    fn counted(&mut self) -> Option<&'a [u8]> {
        let count = u16::from_be_bytes(self.take(2)?.try_into().ok()?);
        self.take(count.into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::random::testing::Seeded;

    fn sealed(plaintext: &[u8]) -> Vec<u8> {
        let key = SdkDataKey {
            plaintext: &[7; 32],
            blob: b"blob",
            kms_key: "arn:aws:kms:r:1:key/k",
            context: &[("a", "b")],
        };
        seal_sdk_message(&key, plaintext, &Seeded::new(1)).unwrap()
    }

    fn opened(message: &[u8], key: &[u8]) -> Option<Vec<u8>> {
        let message = SdkMessage::parse(message)?;
        message.open(key).ok().map(|plain| plain.to_vec())
    }

    proptest! {
        #[test]
        fn a_message_opens_whole_and_unchanged_alone(
            length in prop_oneof![0_usize..40, 4090_usize..4100, 8190_usize..8200],
            flip in any::<prop::sample::Index>(),
            bit in 0_u8..8,
        ) {
            let plain = vec![3; length];
            let mut message = sealed(&plain);
            prop_assert_eq!(opened(&message, &[7; 32]), Some(plain));
            prop_assert_eq!(opened(&message, &[8; 32]), None);
            prop_assert_eq!(opened(&message, &[7; 31]), None);
            let at = flip.index(message.len());
            prop_assert_eq!(opened(&message[..at], &[7; 32]), None);
            message[at] ^= 1 << bit;
            prop_assert_eq!(opened(&message, &[7; 32]), None);
        }
    }

    #[test]
    fn the_header_says_which_key_opens_it() {
        let message = sealed(b"m");
        let read = SdkMessage::parse(&message).unwrap();
        assert_eq!(read.kms_key(), "arn:aws:kms:r:1:key/k");
        assert_eq!(read.blob(), b"blob");
        // Version, suite; behind the message's id, the context: 8 bytes, one pair.
        assert_eq!(message[..3], [2, 4, 0x78]);
        assert_eq!(message[35..45], *b"\x00\x08\x00\x01\x00\x01a\x00\x01b");
    }
}
