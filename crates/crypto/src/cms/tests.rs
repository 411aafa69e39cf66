//! What is sealed is opened again, and looks as AWS's does.

use std::io::Write as _;
use std::process::{Command, Stdio};

use aws_lc_rs::cipher::{PaddedBlockDecryptingKey, UnboundCipherKey};
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{KeySize, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use proptest::prelude::*;
use rcgen::PublicKeyData as _;

use super::*;
use crate::der::element;
use crate::random::testing::Seeded;

fn spki(key: &PrivateDecryptingKey) -> Vec<u8> {
    let der: PublicKeyX509Der<'_> = key.public_key().as_der().unwrap();
    der.as_ref().to_vec()
}

/// The contents of the next element, which has `tag`; of an open one, all that follows.
fn enter<'a>(tag: u8, bytes: &mut &'a [u8]) -> &'a [u8] {
    if bytes[..2] == [tag, 0x80] && tag & 0x20 != 0 {
        *bytes = &bytes[2..];
        return bytes;
    }
    let (found, contents, rest) = element(bytes).unwrap();
    assert_eq!(found, tag);
    *bytes = rest;
    contents
}

/// Opens an envelope as a client does, element by element.
fn open(key: PrivateDecryptingKey, mut bytes: &[u8]) -> Vec<u8> {
    let identifier = digest(&SHA256, &spki(&key));
    let bytes = &mut bytes;
    enter(0x30, bytes);
    assert_eq!(enter(0x06, bytes), &ENVELOPED_DATA[2..]);
    enter(0xA0, bytes);
    enter(0x30, bytes);
    assert_eq!(enter(0x02, bytes), [2]);
    let mut recipient = enter(0x30, &mut enter(SET, bytes));
    assert_eq!(enter(0x02, &mut recipient), [2]);
    assert_eq!(enter(IDENTIFIER, &mut recipient), identifier.as_ref());
    enter(0x30, &mut recipient);
    let wrapped = enter(0x04, &mut recipient);
    enter(0x30, bytes);
    assert_eq!(enter(0x06, bytes), &DATA[2..]);
    let mut algorithm = enter(0x30, bytes);
    assert_eq!(enter(0x06, &mut algorithm), &AES_256_CBC[2..]);
    let iv = enter(0x04, &mut algorithm);
    enter(0xA0, bytes);
    let mut content = enter(0x04, bytes).to_vec();
    assert_eq!(*bytes, [0; 10]);

    let key = OaepPrivateDecryptingKey::new(key).unwrap();
    let mut content_key = vec![0; key.min_output_size()];
    let algorithm = &OAEP_SHA256_MGF1SHA256;
    let content_key = key.decrypt(algorithm, wrapped, &mut content_key, None);
    let content_key = UnboundCipherKey::new(&AES_256, content_key.unwrap()).unwrap();
    let cipher = PaddedBlockDecryptingKey::cbc_pkcs7(content_key).unwrap();
    let iv = FixedLength::from(<[u8; 16]>::try_from(iv).unwrap());
    let opened = cipher.decrypt(&mut content, DecryptionContext::Iv128(iv));
    opened.unwrap().to_vec()
}

#[test]
fn the_owner_of_the_key_opens_what_is_sealed() {
    for size in [KeySize::Rsa2048, KeySize::Rsa3072, KeySize::Rsa4096] {
        let key = PrivateDecryptingKey::generate(size).unwrap();
        let recipient = RecipientKey::parse(&spki(&key)).unwrap();
        let content = vec![7; 3000];
        let sealed = recipient.seal(&content, &Seeded::new(1)).unwrap();
        assert!(!sealed.windows(16).any(|window| window == [7; 16]));
        assert_eq!(open(key, &sealed), content);
    }
}

/// An answer of AWS's to `Decrypt`, of 28 bytes for a key of 2048 bits, has 477 bytes; so has ours.
#[test]
fn an_envelope_is_as_long_as_the_one_that_aws_makes() {
    let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
    let recipient = RecipientKey::parse(&spki(&key)).unwrap();
    let random = Seeded::new(1);
    let once = recipient
        .seal(b"hello world - goodbye world!", &random)
        .unwrap();
    assert_eq!(once.len(), 477);
    let again = recipient
        .seal(b"hello world - goodbye world!", &random)
        .unwrap();
    assert_ne!(once, again);
}

#[test]
fn other_keys_are_refused() {
    let whole = spki(&PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap());
    let longer = [&whole[..], &[0]].concat();
    let curve = rcgen::KeyPair::generate()
        .unwrap()
        .subject_public_key_info();
    let sizes = [1024, 2040, 2560, 4104, 8192].map(of_bits);
    let others = [&[][..], b"key", &curve, &whole[..290], &longer];
    for other in sizes.iter().map(Vec::as_slice).chain(others) {
        assert_eq!(RecipientKey::parse(other).err(), Some(KeyError::PublicKey));
    }
    for good in [whole, of_bits(3072)] {
        assert!(RecipientKey::parse(&good).is_ok());
    }
}

/// The public key with a modulus of so many bits, all of them set.
fn of_bits(bits: usize) -> Vec<u8> {
    let modulus = tagged(0x02, &[&[0][..], &vec![0xFF; bits / 8]].concat());
    let key = tagged(0x30, &[&modulus[..], b"\x02\x03\x01\x00\x01"].concat());
    let algorithm = b"\x30\x0D\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01\x05\x00";
    let key = tagged(0x03, &[&[0], &key[..]].concat());
    tagged(0x30, &[&algorithm[..], &key].concat()).to_vec()
}

/// The bytes as another implementation reads them.
#[test]
fn openssl_opens_what_is_sealed() {
    let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
    let recipient = RecipientKey::parse(&spki(&key)).unwrap();
    let content: Vec<u8> = (0..2500_u16).flat_map(u16::to_be_bytes).collect();
    let sealed = recipient.seal(&content, &Seeded::new(1)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key.der");
    let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
    std::fs::write(&file, der.as_ref()).unwrap();
    let mut command = Command::new("openssl");
    command.args([
        "cms", "-decrypt", "-binary", "-inform", "DER", "-keyform", "DER", "-inkey",
    ]);
    command
        .arg(&file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let Ok(mut openssl) = command.spawn() else {
        skipped();
        return;
    };
    openssl.stdin.take().unwrap().write_all(&sealed).unwrap();
    let output = openssl.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(output.stdout == content, "openssl reads something else");
}

fn skipped() {
    println!("skipped: no openssl");
}

proptest! {
    #[test]
    fn no_bytes_are_too_strange_for_a_key(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(RecipientKey::parse(&bytes).is_err());
    }
}
