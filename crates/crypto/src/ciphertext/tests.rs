use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::material::MaterialSpec;
use crate::random::testing::{Broken, Seeded};

const KEY_ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

fn material(seed: u64) -> KeyMaterial {
    KeyMaterial::generate(MaterialSpec::Symmetric, &Seeded::new(seed)).unwrap()
}

fn origin(material: &KeyMaterial) -> Origin<'static> {
    Origin {
        account: "111122223333",
        region: "eu-central-1",
        key_id: KEY_ID,
        material_id: material.id(KEY_ID).unwrap(),
    }
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn sealed(context: &[(String, String)], plaintext: &[u8]) -> (KeyMaterial, Vec<u8>) {
    let material = material(1);
    let blob = encrypt(
        &material,
        &origin(&material),
        context,
        plaintext,
        &Seeded::new(2),
    )
    .unwrap();
    (material, blob)
}

#[test]
fn names_its_key_and_stays_within_the_api_limit() {
    let (material, blob) = sealed(&[], &[7; 4096]);
    assert!(blob.len() < 6144);
    let parsed = parse(&blob).unwrap();
    assert_eq!(parsed.origin(), &origin(&material));
    assert!(parsed.decrypt(&material, &[]).unwrap().ct_eq(&[7; 4096]));
}

#[test]
fn any_flipped_bit_fails() {
    let context = pairs(&[("purpose", "test")]);
    let (material, blob) = sealed(&context, b"attack at dawn");
    for at in 0..blob.len() {
        for bit in 0..8 {
            let mut changed = blob.clone();
            changed[at] ^= 1 << bit;
            let opened = parse(&changed).and_then(|it| it.decrypt(&material, &context));
            assert!(opened.is_none(), "byte {at} bit {bit}");
        }
        assert!(parse(&blob[..at]).is_none(), "cut at {at}");
    }
    assert!(parse(&[&blob[..], b"x"].concat()).is_none());
}

#[test]
fn one_ciphertext_never_opens_under_two_keys() {
    let (_, blob) = sealed(&[], b"x");
    for seed in 10..40 {
        assert!(
            parse(&blob)
                .unwrap()
                .decrypt(&material(seed), &[])
                .is_none()
        );
    }
}

/// Under AES-GCM alone one blob can be made to open under two keys. Here the commitment of the
/// first key stands in the header, and moving in that of the second breaks the first.
#[test]
fn the_commitment_is_checked() {
    let (material, blob) = sealed(&[], b"x");
    let parsed = parse(&blob).unwrap();
    let forged = Ciphertext {
        commitment: &[0; COMMITMENT_LEN],
        ..parsed
    };
    assert!(forged.decrypt(&material, &[]).is_none());
    let other = MessageKey::derive(self::material(2).kdf().unwrap(), LABEL, parsed.nonce).unwrap();
    assert_ne!(other.commitment, *parsed.commitment);
}

#[test]
fn the_context_is_unambiguous() {
    let tricky = [
        pairs(&[]),
        pairs(&[("", "")]),
        pairs(&[("a", "b,c")]),
        pairs(&[("a", "b"), ("c", "")]),
        pairs(&[("a", "b")]),
        pairs(&[("A", "b")]),
        pairs(&[("ab", "")]),
        pairs(&[("", "ab")]),
        pairs(&[("é", "b")]),
        pairs(&[("e\u{301}", "b")]),
    ];
    for (i, made) in tricky.iter().enumerate() {
        let (material, blob) = sealed(made, b"x");
        for (j, tried) in tricky.iter().enumerate() {
            let opened = parse(&blob).unwrap().decrypt(&material, tried);
            assert_eq!(opened.is_some(), i == j, "{made:?} with {tried:?}");
        }
    }
}

#[test]
fn malformed_origins_are_neither_written_nor_read() {
    let material = material(1);
    let good = origin(&material);
    let mrk = Origin {
        key_id: "mrk-1234abcd12ab34cd56ef1234567890ab",
        ..good
    };
    let random = Seeded::new(3);
    let blob = encrypt(&material, &mrk, &[], b"x", &random).unwrap();
    assert_eq!(parse(&blob).unwrap().origin(), &mrk);
    for bad in [
        Origin {
            account: "11112222333",
            ..good
        },
        Origin {
            account: "11112222333x",
            ..good
        },
        Origin { region: "", ..good },
        Origin {
            region: "EU-central-1",
            ..good
        },
        Origin {
            key_id: "1234abcd-12ab-34cd-56ef-1234567890a",
            ..good
        },
        Origin {
            key_id: "1234abcd-12ab-34cd-56ef-1234567890aG",
            ..good
        },
        Origin {
            key_id: "mrk-1234abcd12ab34cd56ef1234567890a",
            ..good
        },
        Origin {
            key_id: "alias/x",
            ..good
        },
    ] {
        assert!(
            encrypt(&material, &bad, &[], b"x", &random).is_err(),
            "{bad:?}"
        );
    }
    assert!(encrypt(&material, &good, &[], b"x", &Broken).is_err());
}

#[test]
fn the_same_plaintext_never_gives_the_same_blob() {
    let material = material(1);
    let random = Seeded::new(4);
    let mut seen = std::collections::HashSet::new();
    for _ in 0..1000 {
        let blob = encrypt(&material, &origin(&material), &[], b"x", &random).unwrap();
        assert!(seen.insert(blob));
    }
}

/// A nonce that repeats under one key gives both messages away. These are whole and spread out:
/// each of their bytes takes every value about as often as chance has it.
#[test]
fn sec_c4_nonces_are_never_constant_and_never_repeat() {
    const MESSAGES: usize = 100_000;
    let material = material(1);
    let random = Seeded::new(6);
    let mut seen = std::collections::HashSet::with_capacity(MESSAGES);
    let mut counts = [[0u32; 256]; NONCE_LEN];
    for _ in 0..MESSAGES {
        let blob = encrypt(&material, &origin(&material), &[], b"", &random).unwrap();
        let nonce = *parse(&blob).unwrap().nonce;
        for (counts, byte) in counts.iter_mut().zip(nonce) {
            counts[usize::from(byte)] += 1;
        }
        assert!(seen.insert(nonce), "{nonce:02x?} repeats");
    }
    let expected = MESSAGES as f64 / 256.0;
    for (place, counts) in counts.iter().enumerate() {
        let squares = counts
            .iter()
            .map(|&count| (f64::from(count) - expected).powi(2));
        let chi_squared = squares.sum::<f64>() / expected;
        // 255 degrees of freedom: beyond 400 lies less than one case in 10^7.
        assert!(chi_squared < 400.0, "byte {place}: {chi_squared}");
    }
}

/// Prints what a call costs; bounds it generously, since test builds are slow and machines noisy.
#[test]
fn cost_of_a_call() {
    let material = material(1);
    let random = Seeded::new(5);
    let context = pairs(&[("purpose", "measure")]);
    #[expect(clippy::disallowed_methods, reason = "a measurement")]
    let start = std::time::Instant::now();
    let rounds = 2000;
    for _ in 0..rounds {
        let blob = encrypt(&material, &origin(&material), &context, &[1; 64], &random).unwrap();
        assert!(parse(&blob).unwrap().decrypt(&material, &context).is_some());
    }
    let each = start.elapsed() / (2 * rounds);
    println!("one encrypt or decrypt: {each:?}");
    assert!(each < Duration::from_micros(200));
}

proptest! {
    #[test]
    fn equal_maps_and_only_those_decrypt(
        made in prop::collection::btree_map("[ab,:]{0,3}", "[ab,:]{0,3}", 0..4),
        tried in prop::collection::btree_map("[ab,:]{0,3}", "[ab,:]{0,3}", 0..4),
        plaintext in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let list = |map: &BTreeMap<String, String>| -> Vec<(String, String)> {
            map.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
        };
        let (material, blob) = sealed(&list(&made), &plaintext);
        let parsed = parse(&blob).unwrap();
        let mut reordered = list(&made);
        reordered.reverse();
        let opened = parsed.decrypt(&material, &reordered);
        prop_assert!(opened.is_some_and(|opened| opened.ct_eq(&plaintext)));
        prop_assert_eq!(parsed.decrypt(&material, &list(&tried)).is_some(), made == tried);
    }

    #[test]
    fn parse_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse(&bytes);
        let framed = [&[FORMAT][..], b"111122223333", &bytes].concat();
        let _ = parse(&framed);
    }

    #[test]
    fn parse_survives_any_damage(
        at in any::<prop::sample::Index>(),
        patch in prop::collection::vec(any::<u8>(), 1..8),
    ) {
        let (material, mut blob) = sealed(&[], b"some plaintext");
        let start = at.index(blob.len());
        let before = blob.clone();
        for (to, from) in blob.iter_mut().skip(start).zip(&patch) {
            *to = *from;
        }
        let opened = parse(&blob).and_then(|it| it.decrypt(&material, &[]));
        prop_assert_eq!(opened.is_some(), blob == before);
    }
}
