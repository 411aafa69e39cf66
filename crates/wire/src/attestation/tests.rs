//! Documents that are well formed in every way but one, and in every way.

use proptest::prelude::*;

use super::*;

/// A head and what follows it.
fn cbor(major: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    reader::write_bytes_head(&mut out, content.len());
    out[0] = (out[0] & 0x1F) | (major << 5);
    out.extend_from_slice(content);
    out
}

fn bytes(content: &[u8]) -> Vec<u8> {
    cbor(2, content)
}

fn text(content: &str) -> Vec<u8> {
    cbor(3, content.as_bytes())
}

/// An array or a map of items that are already written.
fn of(major: u8, length: u8, items: &[Vec<u8>]) -> Vec<u8> {
    [&[(major << 5) | length][..], &items.concat()].concat()
}

type Written = Vec<(&'static str, Vec<u8>)>;

fn fields() -> Written {
    let registers = [vec![0], bytes(&[7; 48]), vec![0x18, 31], bytes(&[8; 32])];
    vec![
        ("module_id", text("i-0-enc1")),
        ("digest", text("SHA384")),
        (
            "timestamp",
            [&[0x1B][..], &(1_u64 << 40).to_be_bytes()].concat(),
        ),
        ("pcrs", of(5, 2, &registers)),
        ("certificate", bytes(b"certificate")),
        ("cabundle", of(4, 2, &[bytes(b"root"), bytes(b"between")])),
        ("public_key", bytes(b"key")),
        ("user_data", vec![0xF6]),
        ("nonce", bytes(b"")),
    ]
}

fn payload(fields: &Written) -> Vec<u8> {
    let items: Vec<_> = fields
        .iter()
        .flat_map(|(name, value)| [text(name), value.clone()])
        .collect();
    of(5, u8::try_from(fields.len()).unwrap(), &items)
}

fn signed(payload: &[u8]) -> Vec<u8> {
    of(
        4,
        4,
        &[bytes(ES384), vec![0xA0], bytes(payload), bytes(&[5; 96])],
    )
}

fn parse(fields: &Written) -> Result<Signed, Malformed> {
    Signed::parse(&signed(&payload(fields)))
}

/// What the document says, whatever the evidence.
fn read(bytes: &[u8]) -> Result<Document, Malformed> {
    Signed::parse(bytes)?.verified(|_| Ok(()))
}

#[test]
fn a_document_is_read_with_its_evidence() {
    let payload = payload(&fields());
    for tag in [&[][..], &[0xD2]] {
        let bytes = [tag, &signed(&payload)].concat();
        let check = |evidence: &Evidence<'_>| {
            assert_eq!(evidence.certificate, b"certificate");
            assert_eq!(evidence.bundle, [b"root".to_vec(), b"between".to_vec()]);
            assert_eq!(evidence.signature, [5; 96]);
            let context = b"\x84\x6ASignature1\x44\xA1\x01\x38\x22\x40";
            assert_eq!(evidence.message[..18], context[..]);
            assert!(evidence.message.ends_with(&payload));
            assert_eq!(evidence.message.len(), 18 + 2 + payload.len());
            Ok::<_, Malformed>(())
        };
        let document = Signed::parse(&bytes).unwrap().verified(check).unwrap();
        let expected = Document {
            platform: Platform::NitroEnclave,
            module_id: "i-0-enc1".to_owned(),
            timestamp_millis: 1 << 40,
            registers: BTreeMap::from([(0, vec![7; 48]), (31, vec![8; 32])]),
            public_key: Some(b"key".to_vec()),
        };
        assert_eq!(document, expected);
    }
    let refused = Signed::parse(&signed(&payload)).unwrap();
    assert_eq!(refused.verified(|_| Err("no")), Err("no"));
}

#[test]
fn what_is_optional_may_be_absent_or_null() {
    let mut fields = fields();
    fields.truncate(6);
    let document = read(&signed(&payload(&fields))).unwrap();
    assert_eq!(document.public_key, None);
    fields.push(("public_key", vec![0xF6]));
    let document = read(&signed(&payload(&fields))).unwrap();
    assert_eq!(document.public_key, None);
    fields[3].0 = "nitrotpm_pcrs";
    let document = read(&signed(&payload(&fields))).unwrap();
    assert_eq!(document.platform, Platform::NitroTpm);
}

#[test]
fn every_required_field_is_missed_and_none_may_come_twice() {
    for at in 0..6 {
        let mut fewer = fields();
        fewer.remove(at);
        assert!(parse(&fewer).is_err(), "{at}");
    }
    for at in 0..9 {
        let mut twice = fields();
        twice.push(twice[at].clone());
        assert!(parse(&twice).is_err(), "{at}");
    }
    let mut both = fields();
    both.push(("nitrotpm_pcrs", both[3].1.clone()));
    assert!(parse(&both).is_err());
    let mut unknown = fields();
    unknown.push(("pcr", vec![0xF6]));
    assert!(parse(&unknown).is_err());
}

#[test]
fn values_outside_of_the_published_limits_are_refused() {
    let register = |index: &[u8], length| of(5, 1, &[index.to_vec(), bytes(&vec![0; length])]);
    let twice = of(5, 2, &[vec![0], bytes(&[1; 48]), vec![0], bytes(&[1; 48])]);
    let many = of(5, 0x18, &[vec![33]]);
    let too_long = bytes(&[0; 1025]);
    for (at, value) in [
        (0, text("")),
        (0, bytes(b"i-0")),
        (0, cbor(3, &[0xFF])),
        (1, text("SHA256")),
        (2, vec![0]),
        (2, vec![0x20]),
        (2, text("1")),
        (3, of(5, 0, &[])),
        (3, register(&[0x18, 32], 48)),
        (3, register(&[0], 0)),
        (3, register(&[0], 47)),
        (3, register(&[0], 65)),
        (3, register(&text("0"), 48)),
        (3, twice),
        (3, many),
        (4, bytes(b"")),
        (4, too_long.clone()),
        (4, vec![0xF6]),
        (5, of(4, 0, &[])),
        (5, of(4, 1, &[bytes(b"")])),
        (5, of(4, 1, std::slice::from_ref(&too_long))),
        (5, of(4, 1, &[vec![0xF6]])),
        (5, bytes(b"root")),
        // As many certificates as can be counted, and none there.
        (5, [&[0x9B][..], &u64::MAX.to_be_bytes()].concat()),
        (6, bytes(b"")),
        (6, too_long),
        (7, bytes(&[0; 513])),
        (8, bytes(&[0; 513])),
        (8, text("nonce")),
    ] {
        let mut fields = fields();
        fields[at].1 = value;
        assert!(
            parse(&fields).is_err(),
            "{} {:?}",
            fields[at].0,
            fields[at].1
        );
    }
    for (at, length) in [(4, 1024), (6, 1024), (7, 512), (8, 512)] {
        let mut fields = fields();
        fields[at].1 = bytes(&vec![1; length]);
        assert!(parse(&fields).is_ok(), "{}", fields[at].0);
    }
}

/// Nitro writes the map of a document open, its registers and certificates counted.
#[test]
fn arrays_and_maps_may_be_open() {
    let counted = read(&signed(&payload(&fields()))).unwrap();
    let opened = |counted: &[u8], open: u8| [&[open][..], &counted[1..], &[0xFF]].concat();
    let mut all = fields();
    all[3].1 = opened(&all[3].1, 0xBF);
    all[5].1 = opened(&all[5].1, 0x9F);
    let whole = opened(&payload(&all), 0xBF);
    assert_eq!(read(&signed(&whole)), Ok(counted));
    assert!(read(&signed(&whole[..whole.len() - 1])).is_err());
    assert!(read(&signed(&[&whole[..], &[0xFF]].concat())).is_err());
    for (at, empty) in [(3, [0xBF, 0xFF]), (5, [0x9F, 0xFF])] {
        let mut fields = fields();
        fields[at].1 = empty.to_vec();
        assert!(parse(&fields).is_err());
    }
    let payload = payload(&fields());
    let parts = [
        bytes(ES384),
        vec![0xBF, 0xFF],
        bytes(&payload),
        bytes(&[5; 96]),
    ];
    assert!(Signed::parse(&of(4, 4, &parts)).is_err());
}

#[test]
fn the_envelope_has_one_form() {
    let payload = payload(&fields());
    let signature = bytes(&[5; 96]);
    let header = bytes(ES384);
    let parts = |header: &[u8], open: &[u8], payload: &[u8], signature: &[u8]| {
        let parts = [header, open, payload, signature].map(<[u8]>::to_vec);
        Signed::parse(&of(4, 4, &parts)).map(|_| ())
    };
    let written = bytes(&payload);
    assert_eq!(parts(&header, &[0xA0], &written, &signature), Ok(()));
    // ES256, no algorithm, an open header, no payload, a signature of another length.
    assert!(parts(&bytes(&[0xA1, 1, 0x26]), &[0xA0], &written, &signature).is_err());
    assert!(parts(&bytes(&[0xA0]), &[0xA0], &written, &signature).is_err());
    assert!(parts(&header, &[0xA1, 4, 0x41, 0], &written, &signature).is_err());
    assert!(parts(&header, &[0xA0], &[0xF6], &signature).is_err());
    assert!(parts(&header, &[0xA0], &bytes(b""), &signature).is_err());
    assert!(parts(&header, &[0xA0], &written, &bytes(&[5; 95])).is_err());
    assert!(parts(&header, &[0xA0], &written, &bytes(&[5; 97])).is_err());
    let whole = signed(&payload);
    assert!(Signed::parse(&[&whole[..], &[0]].concat()).is_err());
    assert!(Signed::parse(&[&[0xD1], &whole[..]].concat()).is_err());
    assert!(Signed::parse(&[&[0xD2, 0xD2], &whole[..]].concat()).is_err());
    assert!(Signed::parse(&signed(&[&payload[..], &[0]].concat())).is_err());
    for length in 0..whole.len() {
        assert!(Signed::parse(&whole[..length]).is_err(), "{length}");
    }
}

#[test]
fn long_forms_and_deep_nests_are_refused() {
    let mut long = fields();
    // The text `SHA384`, its length in one byte more than needed.
    long[1].1 = [&[0x78, 6][..], b"SHA384"].concat();
    assert!(parse(&long).is_err());
    long[1].1 = [&[0x7F][..], &text("SHA384"), &[0xFF]].concat();
    assert!(parse(&long).is_err());
    // What nests is no document, however deep.
    assert!(Signed::parse(&vec![0x81; 200_000]).is_err());
    assert!(Signed::parse(&vec![0xD2; 200_000]).is_err());
    long = fields();
    long[0].1 = vec![0x81; 16_000];
    assert!(parse(&long).is_err());
}

proptest! {
    #[test]
    fn no_bytes_are_too_strange(input in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Signed::parse(&input);
        prop_assert!(read(&signed(&[&[0xA6], &input[..]].concat())).is_err());
    }

    /// Whatever is read is read from the payload that the signature is over.
    #[test]
    fn no_change_is_missed(at in 0..400_usize, with in 1..=255_u8) {
        let whole = signed(&payload(&fields()));
        let mut changed = whole.clone();
        let at = at % whole.len();
        changed[at] ^= with;
        let evidence = |bytes: &[u8]| {
            let signed = Signed::parse(bytes).ok()?;
            Some((signed.message, signed.signature))
        };
        prop_assert_ne!(evidence(&changed), evidence(&whole));
    }
}
