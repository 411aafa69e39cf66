//! Attestation documents of AWS Nitro Enclaves and NitroTPM: a CBOR map, signed as `COSE_Sign1`
//! (RFC 9052), whose form AWS publishes ("Verifying the root of trust", AWS Nitro Enclaves user
//! guide; "Validate a NitroTPM Attestation Document", Amazon EC2 user guide).
//!
//! Bytes are hostile until the signature and the certificates behind it are verified, which is
//! somebody else's work ([`Signed::verified`]). Only the form that AWS describes is read: lengths
//! are as short as they can be, no field comes twice, none is unknown, and nothing nests deeper than
//! the form does.

mod reader;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use self::reader::{Item, Reader};

/// The most bytes of a document without its signature.
const MAX_PAYLOAD: usize = 16_384;
/// The most bytes of a certificate, and of the public key.
const MAX_BLOB: usize = 1024;
/// The most bytes of user data, and of the nonce.
const MAX_USER_DATA: usize = 512;
/// How long an ECDSA signature on P-384 is: two numbers of 48 bytes.
const SIGNATURE: usize = 96;
/// The protected header `{1: -35}`: the algorithm is ECDSA with SHA-384.
const ES384: &[u8] = &[0xA1, 0x01, 0x38, 0x22];
/// The tag of a `COSE_Sign1`, which a document may have or lack.
const COSE_SIGN1: u64 = 18;
/// How many registers there may be.
const REGISTERS: u64 = 32;

/// What wrote a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// A Nitro enclave.
    NitroEnclave,
    /// An EC2 instance with NitroTPM.
    NitroTpm,
}

/// What a verified document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What wrote it.
    pub platform: Platform,
    /// The enclave or instance, for example `i-0123456789abcdef0-enc0123456789abcde`.
    pub module_id: String,
    /// When it was written, in milliseconds since 1970.
    pub timestamp_millis: u64,
    /// The platform configuration registers by number, each of 32, 48 or 64 bytes.
    pub registers: BTreeMap<u8, Vec<u8>>,
    /// The public key that answers are encrypted for, in DER.
    pub public_key: Option<Vec<u8>>,
}

/// A document that nobody has verified yet.
pub struct Signed {
    document: Document,
    certificate: Vec<u8>,
    bundle: Vec<Vec<u8>>,
    message: Vec<u8>,
    signature: Vec<u8>,
}

/// What has to hold before a document counts.
pub struct Evidence<'a> {
    /// The certificate of the key that signed the document (X.509, DER).
    pub certificate: &'a [u8],
    /// The certificates behind it, the root first.
    pub bundle: &'a [Vec<u8>],
    /// What is signed.
    pub message: &'a [u8],
    /// The signature by ECDSA on P-384 with SHA-384: both numbers, 48 bytes each.
    pub signature: &'a [u8],
}

/// The bytes are not a document of the published form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(
    /// What is wrong.
    pub &'static str,
);

impl Signed {
    /// Reads a document.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        const ENVELOPE: Malformed = Malformed("it is not a COSE_Sign1 structure signed with ES384");
        let (payload, signature) = envelope(bytes).ok_or(ENVELOPE)?;
        Fields::read(payload)?.finish(payload, signature)
    }

    /// What the document says, if `check` finds that the evidence holds.
    pub fn verified<E>(
        self,
        check: impl FnOnce(&Evidence<'_>) -> Result<(), E>,
    ) -> Result<Document, E> {
        check(&Evidence {
            certificate: &self.certificate,
            bundle: &self.bundle,
            message: &self.message,
            signature: &self.signature,
        })?;
        Ok(self.document)
    }
}

/// The payload and the signature of a `COSE_Sign1`.
fn envelope(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut reader = Reader::new(bytes);
    let fields = match reader.item()? {
        Item::Tag(COSE_SIGN1) => reader.item()?,
        untagged => untagged,
    };
    if fields != Item::Array(Some(4))
        || reader.item()? != Item::Bytes(ES384)
        || reader.item()? != Item::Map(Some(0))
    {
        return None;
    }
    let (Item::Bytes(payload), Item::Bytes(signature)) = (reader.item()?, reader.item()?) else {
        return None;
    };
    let fits = (1..=MAX_PAYLOAD).contains(&payload.len()) && signature.len() == SIGNATURE;
    (fits && reader.is_at_end()).then_some((payload, signature))
}

/// `Sig_structure` (RFC 9052, section 4.4).
fn to_be_signed(payload: &[u8]) -> Vec<u8> {
    let mut out = vec![0x84, 0x6A];
    out.extend_from_slice(b"Signature1");
    out.push(0x44);
    out.extend_from_slice(ES384);
    out.push(0x40);
    reader::write_bytes_head(&mut out, payload.len());
    out.extend_from_slice(payload);
    out
}

/// The fields of a document as they are read.
#[derive(Default)]
struct Fields<'a> {
    module_id: Option<&'a str>,
    timestamp: Option<u64>,
    digest: Option<&'a str>,
    registers: Option<(Platform, BTreeMap<u8, Vec<u8>>)>,
    certificate: Option<&'a [u8]>,
    bundle: Option<Vec<Vec<u8>>>,
    public_key: Option<Option<&'a [u8]>>,
    user_data: Option<Option<&'a [u8]>>,
    nonce: Option<Option<&'a [u8]>>,
}

impl<'a> Fields<'a> {
    fn read(payload: &'a [u8]) -> Result<Self, Malformed> {
        const NOT_A_MAP: Malformed = Malformed("its payload is not a map");
        let mut reader = Reader::new(payload);
        let Some(Item::Map(mut left)) = reader.item() else {
            return Err(NOT_A_MAP);
        };
        let mut fields = Self::default();
        while reader.more(&mut left) {
            let Some(Item::Text(name)) = reader.item() else {
                return Err(NOT_A_MAP);
            };
            fields.field(name, &mut reader)?;
        }
        match reader.is_at_end() {
            true => Ok(fields),
            false => Err(Malformed("something follows its payload")),
        }
    }

    fn field(&mut self, name: &str, reader: &mut Reader<'a>) -> Result<(), Malformed> {
        let blob = |reader: &mut Reader<'a>| reader.bytes(1..=MAX_BLOB);
        let user_data = |reader: &mut Reader<'a>| reader.optional(0..=MAX_USER_DATA);
        let is_read = match name {
            "module_id" => once(&mut self.module_id, reader.text()),
            "timestamp" => once(&mut self.timestamp, reader.unsigned()),
            "digest" => once(&mut self.digest, reader.text()),
            "pcrs" => once(
                &mut self.registers,
                registers(reader).map(|found| (Platform::NitroEnclave, found)),
            ),
            "nitrotpm_pcrs" => once(
                &mut self.registers,
                registers(reader).map(|found| (Platform::NitroTpm, found)),
            ),
            "certificate" => once(&mut self.certificate, blob(reader)),
            "cabundle" => once(&mut self.bundle, bundle(reader)),
            "public_key" => once(&mut self.public_key, reader.optional(1..=MAX_BLOB)),
            "user_data" => once(&mut self.user_data, user_data(reader)),
            "nonce" => once(&mut self.nonce, user_data(reader)),
            _ => return Err(Malformed("it has an unknown field")),
        };
        match is_read {
            true => Ok(()),
            false => Err(Malformed("a field is repeated or has no valid value")),
        }
    }

    fn finish(self, payload: &[u8], signature: &[u8]) -> Result<Signed, Malformed> {
        const MISSING: Malformed = Malformed("a required field is missing or empty");
        if self.digest != Some("SHA384") {
            return Err(Malformed("its digest is not SHA384"));
        }
        let module_id = self.module_id.filter(|id| !id.is_empty()).ok_or(MISSING)?;
        let timestamp = self.timestamp.filter(|time| *time > 0).ok_or(MISSING)?;
        let (platform, registers) = self.registers.ok_or(MISSING)?;
        let document = Document {
            platform,
            module_id: module_id.to_owned(),
            timestamp_millis: timestamp,
            registers,
            public_key: self.public_key.flatten().map(<[u8]>::to_vec),
        };
        Ok(Signed {
            document,
            certificate: self.certificate.ok_or(MISSING)?.to_vec(),
            bundle: self.bundle.ok_or(MISSING)?,
            message: to_be_signed(payload),
            signature: signature.to_vec(),
        })
    }
}

/// Sets what was not set before; whether there was something to set and a place for it.
fn once<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    let is_first = place.is_none();
    let is_there = value.is_some();
    *place = value;
    is_first && is_there
}

fn registers(reader: &mut Reader<'_>) -> Option<BTreeMap<u8, Vec<u8>>> {
    let Item::Map(mut left) = reader.item()? else {
        return None;
    };
    let mut registers = BTreeMap::new();
    while reader.more(&mut left) {
        let index = reader.unsigned().filter(|index| *index < REGISTERS)?;
        let value = reader.bytes(32..=64)?;
        let fits = matches!(value.len(), 32 | 48 | 64);
        let known = registers.insert(u8::try_from(index).ok()?, value.to_vec());
        (fits && known.is_none()).then_some(())?;
    }
    (!registers.is_empty()).then_some(registers)
}

fn bundle(reader: &mut Reader<'_>) -> Option<Vec<Vec<u8>>> {
    let Item::Array(mut left) = reader.item()? else {
        return None;
    };
    // Whoever says that there are many certificates has to bring them: nothing is reserved.
    let mut bundle = Vec::new();
    while reader.more(&mut left) {
        bundle.push(reader.bytes(1..=MAX_BLOB)?.to_vec());
    }
    (!bundle.is_empty()).then_some(bundle)
}
