//! An enclave of one's own: an infrastructure of certificates, documents signed under it, and the
//! key that opens what is answered.

use aws_lc_rs::cipher::{AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey};
use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};
use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair};
use crypto::attestation::Roots;
use platform::testing::START;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P384_SHA384, date_time_ymd,
};

use crate::house::{Harness, Kms, OTHER, Value, base64, json};

type Issuer = CertifiedIssuer<'static, KeyPair>;

/// The enclave's image, as register 0 has it.
pub(crate) const IMAGE: [u8; 48] = [0xAB; 48];

/// Whoever signs documents, and the private key behind theirs.
pub(crate) struct Enclave {
    bundle: Vec<Vec<u8>>,
    signer: Issuer,
    key: PrivateDecryptingKey,
}

/// What a document says.
#[derive(Clone)]
pub(crate) struct Document {
    /// `pcrs` or `nitrotpm_pcrs`.
    pub(crate) field: &'static str,
    pub(crate) registers: Vec<(u8, Vec<u8>)>,
    pub(crate) millis: i64,
    pub(crate) public_key: Option<Vec<u8>>,
}

impl Enclave {
    pub(crate) fn new() -> Self {
        let root = authority("root", None);
        let between = authority("instance", Some(&root));
        let signer = issue("enclave", IsCa::NoCa, Some(&between));
        Self {
            bundle: vec![root.der().to_vec(), between.der().to_vec()],
            signer,
            key: PrivateDecryptingKey::generate(KeySize::Rsa2048).expect("a key"),
        }
    }

    /// A KMS that believes this enclave.
    pub(crate) async fn kms(&self) -> Kms {
        let roots = Roots::new(vec![self.bundle[0].clone()]).expect("a root");
        let harness = Harness::believing(vec![service_kms::service()], roots).await;
        harness.root_of(OTHER, "other-root");
        Kms { harness }
    }

    /// The public key that documents carry, in DER.
    pub(crate) fn public_key(&self) -> Vec<u8> {
        let der: PublicKeyX509Der<'_> = self.key.public_key().as_der().expect("a key");
        der.as_ref().to_vec()
    }

    /// What a document of this enclave says when a harness starts.
    pub(crate) fn says(&self) -> Document {
        let registers = (1..16).map(|index| (index, vec![index; 48]));
        Document {
            field: "pcrs",
            registers: [(0, IMAGE.to_vec())].into_iter().chain(registers).collect(),
            millis: START.millis,
            public_key: Some(self.public_key()),
        }
    }

    /// What a document of an instance says.
    pub(crate) fn instance_says(&self) -> Document {
        Document {
            field: "nitrotpm_pcrs",
            registers: (0..24).map(|index| (index, vec![index; 48])).collect(),
            ..self.says()
        }
    }

    /// The document, signed.
    #[expect(
        clippy::disallowed_methods,
        reason = "the library signs with randomness of its own"
    )]
    pub(crate) fn sign(&self, document: &Document) -> Vec<u8> {
        let bundle: Vec<_> = self.bundle.iter().map(|der| bytes(der)).collect();
        let registers: Vec<_> = document
            .registers
            .iter()
            .map(|(index, value)| [head(0, u64::from(*index)), bytes(value)].concat())
            .collect();
        let millis = u64::try_from(document.millis).expect("after 1970");
        let key = document.public_key.as_deref();
        let fields = [
            ("module_id", text("i-0-enc1")),
            ("digest", text("SHA384")),
            ("timestamp", head(0, millis)),
            (document.field, items(5, &registers)),
            ("certificate", bytes(self.signer.der())),
            ("cabundle", items(4, &bundle)),
            ("public_key", key.map_or(vec![0xF6], bytes)),
            ("user_data", vec![0xF6]),
            ("nonce", vec![0xF6]),
        ];
        let fields = fields.map(|(name, value)| [text(name), value].concat());
        let (payload, header) = (items(5, &fields), bytes(&[0xA1, 1, 0x38, 0x22]));
        let (context, nothing) = (text("Signature1"), bytes(b""));
        let message = items(4, &[context, header.clone(), nothing, bytes(&payload)]);
        let pkcs8 = self.signer.key().serialize_der();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &pkcs8);
        let signature = key.expect("a key").sign(&SystemRandom::new(), &message);
        let signature = bytes(signature.expect("a signature").as_ref());
        items(4, &[header, vec![0xA0], bytes(&payload), signature])
    }

    /// The recipient that a request names.
    pub(crate) fn recipient(&self) -> Value {
        recipient(&self.sign(&self.says()))
    }

    /// Opens `CiphertextForRecipient`, whose elements are where AWS has them.
    pub(crate) fn open(&self, sealed: &[u8]) -> Vec<u8> {
        let key = OaepPrivateDecryptingKey::new(self.key.clone()).expect("a key");
        let after = |mark: &[u8]| {
            let mut windows = sealed.windows(mark.len());
            let at = windows.position(|window| window == mark).expect("a mark");
            &sealed[at + mark.len()..]
        };
        let wrapped = &after(b"\x03\x04\x02\x01\x05\x00\x04\x82\x01\x00")[..256];
        let rest = after(b"\x65\x03\x04\x01\x2A\x04\x10");
        let (iv, rest) = rest.split_first_chunk::<16>().expect("a vector");
        let (length, rest) = match &rest[3..] {
            [0x82, high, low, rest @ ..] => (u16::from_be_bytes([*high, *low]), rest),
            [0x81, length, rest @ ..] | [length, rest @ ..] => (u16::from(*length), rest),
            [] => (0, rest),
        };
        let mut content = rest[..usize::from(length)].to_vec();
        let mut content_key = vec![0; key.min_output_size()];
        let algorithm = &OAEP_SHA256_MGF1SHA256;
        let opened = key.decrypt(algorithm, wrapped, &mut content_key, None);
        let cipher = UnboundCipherKey::new(&AES_256, opened.expect("a key"));
        let cipher = PaddedBlockDecryptingKey::cbc_pkcs7(cipher.expect("a key"));
        let iv = DecryptionContext::Iv128(FixedLength::from(*iv));
        let content = cipher.expect("a cipher").decrypt(&mut content, iv);
        content.expect("padding").to_vec()
    }
}

pub(crate) fn recipient(document: &[u8]) -> Value {
    json!({
        "KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256",
        "AttestationDocument": base64(document),
    })
}

fn authority(name: &str, issuer: Option<&Issuer>) -> Issuer {
    issue(name, IsCa::Ca(BasicConstraints::Unconstrained), issuer)
}

fn issue(name: &str, is_ca: IsCa, issuer: Option<&Issuer>) -> Issuer {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    let usage = match is_ca {
        IsCa::Ca(_) => KeyUsagePurpose::KeyCertSign,
        _ => KeyUsagePurpose::DigitalSignature,
    };
    (params.is_ca, params.key_usages) = (is_ca, vec![usage]);
    params.not_before = date_time_ymd(2025, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    let key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).expect("a key");
    let made = match issuer {
        None => CertifiedIssuer::self_signed(params, key),
        Some(issuer) => CertifiedIssuer::signed_by(params, key, issuer),
    };
    made.expect("a certificate")
}

/// The head of a CBOR item, as short as it can be.
fn head(major: u8, value: u64) -> Vec<u8> {
    let all = value.to_be_bytes();
    let (short, length) = match value {
        0..24 => return vec![(major << 5) | all[7]],
        24..0x100 => (24, 1),
        0x100..0x1_0000 => (25, 2),
        0x1_0000..0x1_0000_0000 => (26, 4),
        _ => (27, 8),
    };
    [&[(major << 5) | short], &all[8 - length..]].concat()
}

fn bytes(content: &[u8]) -> Vec<u8> {
    [&head(2, content.len() as u64), content].concat()
}

fn text(content: &str) -> Vec<u8> {
    [&head(3, content.len() as u64), content.as_bytes()].concat()
}

/// An array, or a map whose items are keys with their values.
fn items(major: u8, items: &[Vec<u8>]) -> Vec<u8> {
    [head(major, items.len() as u64), items.concat()].concat()
}
