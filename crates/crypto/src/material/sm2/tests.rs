//! The examples of the standard (GB/T 32918.5, annexes A and C), and what is refused.

use proptest::prelude::*;

use super::super::der;
use super::*;
use crate::hex;
use crate::random::testing::Seeded;
use sm2::elliptic_curve::sec1::ToSec1Point as _;

const KEY: &str = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8";
const POINT: &str = "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020\
                     ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
const K: &str = "59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21";

/// What OpenSSL 3.0 wrote: a private key, and with it a ciphertext and a signature of
/// `attack at dawn`.
const OPENSSL_KEY: &str = "308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b02010104205d2953e734cf\
     70c6d7f0dc3eb2a19f09a194e5ef391f875299d71cdb79cb43eba14403420004781f26ff4ebb7f473072\
     b11f695c7eb9cf5772b8df9e0655c82645b02969b7d979e3c9cfef217fc2b54d0b2e20ebf422914d2693\
     32a26f2eddbe395ee1ff3d5a";
const OPENSSL_CIPHERTEXT: &str = "307702200109c7ffab2867fa700259ce1d53ddd2b78183753eb54b621dffdd0de068c6e2022100d9d723\
     f526675bd9478cf1d09391aa777604a92b7d5e75ab8a36f0ab36a2a71e0420af4d475c5b9765b03ebbb7\
     9eefbf6a57c642f674c5d6cb0c91a6a67635134f83040e9f4c59e916362b64d8a8c742f1be";
const OPENSSL_SIGNATURE: &str = "3044022057d6046cfda5cb3ccf212ff60ba1874fc176363f7657327e9314dbe2cca81caf02203cea840c\
     471d1dc69efaa4a496099ef59aa95b23a4df572ca697d853416faeec";

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text.as_bytes()).unwrap()
}

fn key() -> Sm2Key {
    Sm2Key::parse(&bytes::<32>(KEY)).unwrap()
}

fn made(seed: u64) -> Sm2Key {
    Sm2Key::generate(&Seeded::new(seed)).unwrap()
}

#[test]
fn the_public_key_of_the_standard() {
    let spki = key().public_key();
    assert_eq!(spki.len(), 91);
    assert_eq!(spki[26..], bytes::<65>(POINT));
    let algorithm = "3059301306072a8648ce3d020106082a811ccf5501822d034200";
    assert_eq!(spki[..26], bytes::<26>(algorithm));
}

/// Annex A.2: the message, its `e`, and the signature.
#[test]
fn the_signature_of_the_standard() {
    let r = "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3";
    let s = "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";
    let e = bytes::<32>("f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640");
    let signature = [&[0x30, 70, 2, 33, 0][..], &bytes::<32>(r), &[2, 33, 0]].concat();
    let signature = [signature.as_slice(), &bytes::<32>(s)].concat();
    let key = key();
    let verify = |message, signature: &[u8]| {
        let verified = key.verify(SigningAlgorithm::Sm2Dsa, message, signature);
        verified.unwrap()
    };
    assert!(verify(Message::Raw(b"message digest"), &signature));
    assert!(verify(Message::Digest(&e), &signature));
    assert!(!verify(Message::Raw(b"message digesT"), &signature));
    assert!(!verify(
        Message::Digest(b"message digest, 32 bytes of text"),
        &signature
    ));
    for at in 0..signature.len() {
        let mut changed = signature.clone();
        changed[at] ^= 1;
        assert!(!verify(Message::Digest(&e), &changed), "{at}");
        assert!(!verify(Message::Digest(&e), &signature[..at]), "{at}");
    }
}

#[test]
fn a_message_and_its_digest_are_signed_alike() {
    let e = bytes::<32>("f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640");
    let (raw, digest) = (Message::Raw(b"message digest"), Message::Digest(&e));
    let (key, random) = (key(), Seeded::new(1));
    for (signed, verified) in [(raw, digest), (digest, raw)] {
        let sign = || key.sign(SigningAlgorithm::Sm2Dsa, signed, &random).unwrap();
        let signature = sign();
        let verify = |key: &Sm2Key| key.verify(SigningAlgorithm::Sm2Dsa, verified, &signature);
        assert_eq!(verify(&key), Ok(true));
        assert_eq!(verify(&made(2)), Ok(false));
        assert_ne!(signature, sign(), "signatures are hedged");
    }
    for length in [0, 31, 33] {
        let digest = Message::Digest(&[7; 33][..length]);
        let signed = key.sign(SigningAlgorithm::Sm2Dsa, digest, &random);
        assert_eq!(signed, Err(KeyError::Length));
    }
    let mu = key.sign(
        SigningAlgorithm::Sm2Dsa,
        Message::ExternalMu(&[0; 64]),
        &random,
    );
    assert_eq!(mu, Err(KeyError::Unsuitable));
}

/// Annex C.2: the number `k`, and C1, C3 and C2.
#[test]
fn the_ciphertext_of_the_standard() {
    let k = scalar(&bytes(K)).unwrap();
    let x = bytes::<32>("04ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73");
    let y = bytes::<32>("e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0");
    let c3 = bytes::<32>("59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766");
    let c2 = bytes::<19>("21886ca989ca9c7d58087307ca93092d651efa");
    let whole = [
        &[0x30, 124, 2, 32][..],
        &x,
        &[2, 33, 0],
        &y,
        &[4, 32],
        &c3,
        &[4, 19],
        &c2,
    ]
    .concat();
    let key = key();
    let sealed = encryption::seal(&key.public, &k, b"encryption standard");
    assert_eq!(sealed.as_ref(), Some(&whole));
    let opened = key.decrypt(&whole);
    assert_eq!(opened.unwrap().as_slice(), b"encryption standard");
    for at in 0..whole.len() {
        for difference in [1, 0x80] {
            let mut changed = whole.clone();
            changed[at] ^= difference;
            assert!(key.decrypt(&changed).is_none(), "{at}");
        }
        assert!(key.decrypt(&whole[..at]).is_none(), "{at}");
    }
    assert!(key.decrypt(&[whole.as_slice(), &[0]].concat()).is_none());
    assert!(made(1).decrypt(&whole).is_none());
}

#[test]
fn what_openssl_writes_is_read() {
    let pkcs8 = bytes::<138>(OPENSSL_KEY);
    let key = Sm2Key::from_pkcs8(&pkcs8).unwrap();
    assert_eq!(key.pkcs8().as_slice(), pkcs8);
    let opened = key.decrypt(&bytes::<121>(OPENSSL_CIPHERTEXT)).unwrap();
    assert_eq!(opened.as_slice(), b"attack at dawn");
    let signature = bytes::<70>(OPENSSL_SIGNATURE);
    let message = Message::Raw(b"attack at dawn");
    let verified = key.verify(SigningAlgorithm::Sm2Dsa, message, &signature);
    assert_eq!(verified, Ok(true));
}

/// Numbers with a zero too many or lengths in a longer form say the same, and are refused.
#[test]
fn each_value_has_one_form() {
    let key = Sm2Key::from_pkcs8(&bytes::<138>(OPENSSL_KEY)).unwrap();
    let ciphertext = bytes::<121>(OPENSSL_CIPHERTEXT);
    let signature = bytes::<70>(OPENSSL_SIGNATURE);
    let verify = |signature: &[u8]| {
        let message = Message::Raw(b"attack at dawn");
        let verified = key.verify(SigningAlgorithm::Sm2Dsa, message, signature);
        verified.unwrap()
    };
    assert!(verify(&signature) && key.decrypt(&ciphertext).is_some());
    // Both begin with an INTEGER of 32 bytes that needs no zero.
    let padded = |whole: &[u8]| {
        let content = [&[2, 33, 0], &whole[4..]].concat();
        der::tagged(der::SEQUENCE, &content)
    };
    assert!(!verify(&padded(&signature)));
    assert!(key.decrypt(&padded(&ciphertext)).is_none());
    let longer = |whole: &[u8]| [&[0x30, 0x81], &whole[1..]].concat();
    assert!(!verify(&longer(&signature)));
    assert!(key.decrypt(&longer(&ciphertext)).is_none());
}

#[test]
fn nothing_is_sent_in_clear() {
    let (key, random) = (key(), Seeded::new(3));
    for _ in 0..60 {
        let sealed = key.encrypt(b"x", &random).unwrap();
        assert_ne!(sealed.last(), Some(&b'x'));
        assert_eq!(key.decrypt(&sealed).unwrap().as_slice(), b"x");
    }
    assert_eq!(key.encrypt(b"", &random), Err(KeyError::Length));
}

#[test]
fn only_points_of_the_curve_are_peers() {
    let (one, two) = (made(1), made(2));
    let good = two.public_key();
    assert_eq!(one.agree(&good), two.agree(&one.public_key()));
    let compressed = two.public.to_sec1_point(true);
    let infinity = encoding::spki(&[0]);
    let zeros = encoding::spki(&[[4; 1].as_slice(), &[0; 64]].concat());
    let hybrid = [&good[..26], &[6], &good[27..]].concat();
    let mut peers = vec![
        encoding::spki(compressed.as_bytes()),
        infinity,
        zeros,
        hybrid,
        good[26..].to_vec(),
        Vec::new(),
    ];
    for at in 0..good.len() {
        let mut changed = good.clone();
        changed[at] ^= 1;
        peers.push(changed);
        peers.push(good[..at].to_vec());
    }
    for peer in peers {
        assert_eq!(one.agree(&peer), Err(KeyError::PublicKey), "{peer:?}");
    }
}

#[test]
fn private_keys_are_read_from_what_others_write() {
    let key = made(4);
    let number = key.number();
    let reads = |pkcs8: &[u8]| match Sm2Key::from_pkcs8(pkcs8) {
        Ok(read) => read.number() == number && read.public_key() == key.public_key(),
        Err(error) => {
            assert_eq!(error, KeyError::Unsuitable);
            false
        }
    };
    let written = key.pkcs8();
    assert_eq!(written.len(), 138);
    assert!(reads(&written));
    for length in 0..written.len() {
        assert!(!reads(&written[..length]), "{length}");
    }
    for at in 0..written.len() {
        let mut changed = written.to_vec();
        changed[at] ^= 1;
        assert!(!reads(&changed), "{at}");
    }
    // The public key is left out by some, the curve is named once more by others.
    let curve = der::tagged(0xa0, &bytes::<10>("06082a811ccf5501822d"));
    let other = der::tagged(0xa0, &bytes::<10>("06082a8648ce3d030107"));
    let algorithm = &written[6..27];
    let number = der::tagged(der::OCTET_STRING, &number);
    for (optional, is_read) in [
        (&[][..], true),
        (&curve, true),
        (&other, false),
        (&[5, 0], false),
    ] {
        let key = [&[2, 1, 1], number.as_slice(), optional].concat();
        let key = der::tagged(der::OCTET_STRING, &der::tagged(der::SEQUENCE, &key));
        let whole = [&[2, 1, 0], algorithm, key.as_slice()].concat();
        assert_eq!(
            reads(&der::tagged(der::SEQUENCE, &whole)),
            is_read,
            "{optional:?}"
        );
    }
}

/// Zero, the order less 1, which cannot sign, and what is not below the order.
#[test]
fn numbers_out_of_range_are_no_keys() {
    let order = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";
    let order = bytes::<32>(order);
    let less = |by: u8| {
        let mut number = order;
        number[31] -= by;
        Sm2Key::parse(&number).err()
    };
    assert_eq!(less(2), None);
    assert_eq!(less(1), Some(KeyError::Unsuitable));
    assert_eq!(less(0), Some(KeyError::Unsuitable));
    for number in [&[0; 32][..], &[0xff; 32], &[1; 31], &[1; 33], &[]] {
        assert_eq!(Sm2Key::parse(number).err(), Some(KeyError::Unsuitable));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_encrypted_opens_and_nothing_else(
        plaintext in prop::collection::vec(any::<u8>(), 1..1100),
        seed in any::<u32>(),
        at in any::<prop::sample::Index>(),
        difference in 1..=u8::MAX,
    ) {
        let key = made(u64::from(seed));
        let sealed = key.encrypt(&plaintext, &Seeded::new(u64::from(seed) + 1)).unwrap();
        let opened = key.decrypt(&sealed).unwrap();
        prop_assert_eq!(opened.as_slice(), plaintext.as_slice());
        let mut changed = sealed.clone();
        changed[at.index(sealed.len())] ^= difference;
        prop_assert!(key.decrypt(&changed).is_none());
    }

    #[test]
    fn no_bytes_make_the_readers_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let key = key();
        prop_assert!(key.decrypt(&bytes).is_none());
        prop_assert_eq!(key.agree(&bytes), Err(KeyError::PublicKey));
        prop_assert!(Sm2Key::from_pkcs8(&bytes).is_err());
        let verified = key.verify(SigningAlgorithm::Sm2Dsa, Message::Raw(b"x"), &bytes);
        prop_assert_eq!(verified, Ok(false));
    }
}
