//! `Recipient`: answers for an enclave or instance that attests what it runs ("Cryptographic
//! attestation support in AWS KMS", AWS KMS developer guide). What would leave in clear leaves
//! encrypted under the public key of the attestation document instead.
//!
//! A document is verified before it says anything: to a condition, to the call's record, or about
//! the key to encrypt under.

use std::fmt::Write as _;

use api::kms::{KeyEncryptionMechanism, RecipientInfo};
use crypto::RecipientKey;
use crypto::attestation::{Evidence, Untrusted};
use platform::{Ctx, Error, Result, validation};
use wire::attestation::{Document, Platform, Signed};
use wire::pem::base64;
use zeroize::Zeroizing;

/// How old a document may be, and how far ahead of this clock, in milliseconds. AWS publishes no
/// limit but that of the certificates, which last for hours; clients ask for a document with every
/// call.
const MAX_AGE_MILLIS: u64 = 5 * 60 * 1000;
/// The registers of an enclave that go on record (CloudTrail record of KMS); register 0 does as the
/// digest of the image.
const ENCLAVE_ON_RECORD: &[u8] = &[1, 2, 3, 4, 8];
/// The registers of NitroTPM that go on record.
const TPM_ON_RECORD: &[u8] = &[4, 7, 8, 9, 16, 23];

/// Who a verified document is of, and the key to answer under.
pub(crate) struct Recipient {
    document: Document,
    key: RecipientKey,
}

/// What of an answer is for the caller's eyes: in clear, or for the recipient alone.
pub(crate) struct Carried {
    pub(crate) plaintext: Option<Zeroizing<Vec<u8>>>,
    pub(crate) for_recipient: Option<Zeroizing<Vec<u8>>>,
}

impl Recipient {
    /// Verifies the attestation document of a request, if it brings one.
    pub(crate) async fn of(ctx: &Ctx, info: Option<RecipientInfo>) -> Result<Option<Self>> {
        let Some(info) = info else {
            return Ok(None);
        };
        let (Some(KeyEncryptionMechanism::RsaesOaepSha256), Some(bytes)) =
            (info.key_encryption_algorithm, info.attestation_document)
        else {
            return Err(validation(
                "Recipient must specify both KeyEncryptionAlgorithm and AttestationDocument.",
            ));
        };
        let signed = Signed::parse(&bytes).map_err(invalid)?;
        let (roots, now) = (ctx.attestation_roots(), ctx.now.secs());
        let verified = ctx.blocking(move |_| {
            signed.verified(|evidence| {
                let evidence = Evidence {
                    certificate: evidence.certificate,
                    bundle: evidence.bundle,
                    message: evidence.message,
                    signature: evidence.signature,
                };
                roots.check(&evidence, now)
            })
        });
        let document = verified.await?.map_err(|error: Untrusted| invalid(error))?;
        Self::read(ctx, document).map(Some)
    }

    fn read(ctx: &Ctx, document: Document) -> Result<Self> {
        let now = u64::try_from(ctx.now.millis).unwrap_or_default();
        if now.abs_diff(document.timestamp_millis) > MAX_AGE_MILLIS {
            return Err(invalid("it was not written within the last five minutes"));
        }
        let Some(spki) = &document.public_key else {
            return Err(invalid("it has no public key"));
        };
        let key = RecipientKey::parse(spki)
            .map_err(|_| invalid("its public key is not an RSA key of 2048, 3072 or 4096 bits"))?;
        Ok(Self { document, key })
    }

    /// The value of the condition key `kms:RecipientAttestation:<name>`, whose name comes in lower
    /// case: a register in lower-case hexadecimal.
    pub(crate) fn condition(&self, name: &str) -> Option<String> {
        let index = match (self.document.platform, name) {
            (Platform::NitroEnclave, "imagesha384") => "0",
            (Platform::NitroEnclave, name) => name.strip_prefix("pcr")?,
            (Platform::NitroTpm, name) => name.strip_prefix("nitrotpmpcr")?,
        };
        let mut registers = self.document.registers.iter();
        let (_, value) = registers.find(|(known, _)| known.to_string() == index)?;
        Some(hex(value))
    }

    /// Puts what the document says on the call's record, once a decision has allowed the call.
    pub(crate) fn note(&self, ctx: &Ctx) {
        let (prefix, on_record) = match self.document.platform {
            Platform::NitroEnclave => ("attestationDocumentEnclavePCR", ENCLAVE_ON_RECORD),
            Platform::NitroTpm => ("attestationDocumentNitroTPMPCR", TPM_ON_RECORD),
        };
        let register = |index: &u8| self.document.registers.get(index).map(|it| base64(it));
        let module_id = self.document.module_id.clone();
        let mut members = vec![("attestationDocumentModuleId".to_owned(), module_id)];
        if let (Platform::NitroEnclave, Some(image)) = (self.document.platform, register(&0)) {
            members.push(("attestationDocumentEnclaveImageDigest".to_owned(), image));
        }
        for index in on_record {
            if let Some(value) = register(index) {
                members.push((format!("{prefix}{index}"), value));
            }
        }
        ctx.note("recipient", members);
    }
}

/// What an answer carries: `plaintext`, or where there is a recipient, what it alone can open.
pub(crate) fn carry(
    ctx: &Ctx,
    recipient: Option<&Recipient>,
    plaintext: Option<Zeroizing<Vec<u8>>>,
) -> Result<Carried> {
    let (Some(recipient), Some(secret)) = (recipient, &plaintext) else {
        return Ok(Carried {
            plaintext,
            for_recipient: None,
        });
    };
    let sealed = recipient.key.seal(secret, ctx.random());
    Ok(Carried {
        plaintext: None,
        for_recipient: Some(Zeroizing::new(sealed.map_err(Error::internal)?)),
    })
}

fn invalid(why: impl std::fmt::Display) -> Error {
    validation(format!("The attestation document is not valid: {why}."))
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string does not fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}
