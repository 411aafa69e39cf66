use super::*;
use crate::random::testing::{Broken, Seeded};

const CHEAP: Cost = Cost {
    memory_kib: 64,
    passes: 1,
    lanes: 4,
};
const KEY: Unlock<'_> = Unlock::KeyFile(&[9; 32]);
const PHRASE: Unlock<'_> = Unlock::Passphrase("correct horse battery staple");

fn same(left: &Keyring, right: &Keyring) -> bool {
    left.to_bytes() == right.to_bytes()
}

fn error<T>(result: Result<T, SealError>) -> SealError {
    result.err().unwrap()
}

#[test]
fn opens_with_what_sealed_it_alone() {
    for (unlock, wrong, absent) in [
        (KEY, Unlock::KeyFile(&[8; 32]), PHRASE),
        (PHRASE, Unlock::Passphrase("incorrect horse"), KEY),
    ] {
        let (keyring, file) = create(unlock, CHEAP, &Seeded::new(1)).unwrap();
        assert!(same(&open(&file, unlock).unwrap(), &keyring));
        assert_eq!(error(open(&file, wrong)), SealError::WrongKey);
        assert_eq!(error(open(&file, absent)), SealError::NoSuchSeal);
    }
}

#[test]
fn weak_inputs_are_refused() {
    let random = Seeded::new(1);
    let short = create(Unlock::KeyFile(&[1; 31]), CHEAP, &random);
    assert_eq!(error(short), SealError::ShortKey);
    let empty = create(Unlock::Passphrase(""), CHEAP, &random);
    assert_eq!(error(empty), SealError::Passphrase);
    let failed = create(KEY, CHEAP, &Broken);
    assert_eq!(
        error(failed),
        SealError::Failed(SealFailure::Random(RandomFailure))
    );
    let absurd = Cost {
        memory_kib: u32::MAX,
        passes: 1,
        lanes: 1,
    };
    assert_eq!(error(create(PHRASE, absurd, &random)), SealError::Damaged);
}

#[test]
fn every_damaged_bit_is_reported_as_damage() {
    let (_, file) = create(KEY, CHEAP, &Seeded::new(2)).unwrap();
    for at in 0..file.len() {
        let mut changed = file.clone();
        changed[at] ^= 0x10;
        assert_eq!(error(open(&changed, KEY)), SealError::Damaged, "byte {at}");
        assert_eq!(
            error(open(&file[..at], KEY)),
            SealError::Damaged,
            "cut at {at}"
        );
    }
}

/// The checksum has no secret, so an attacker repairs it; then the envelopes must notice.
#[test]
fn a_forged_file_with_a_right_checksum_does_not_open() {
    let (_, file) = create(KEY, CHEAP, &Seeded::new(2)).unwrap();
    let content_len = file.len() - HASH_LEN;
    for at in 0..content_len {
        let mut changed = file[..content_len].to_vec();
        changed[at] ^= 1;
        let hash = digest::digest(&digest::SHA256, &changed);
        changed.extend_from_slice(hash.as_ref());
        assert!(open(&changed, KEY).is_err(), "byte {at}");
    }
}

#[test]
fn several_seals_open_one_keyring() {
    let random = Seeded::new(3);
    let (keyring, first) = create(KEY, CHEAP, &random).unwrap();
    let both = add_seal(&first, KEY, PHRASE, CHEAP, &random).unwrap();
    assert!(same(&open(&both, KEY).unwrap(), &keyring));
    assert!(same(&open(&both, PHRASE).unwrap(), &keyring));

    let other = Unlock::KeyFile(&[7; 40]);
    let replaced = replace_seal(&both, KEY, other, CHEAP, &random).unwrap();
    assert!(same(&open(&replaced, other).unwrap(), &keyring));
    assert!(same(&open(&replaced, PHRASE).unwrap(), &keyring));
    assert_eq!(error(open(&replaced, KEY)), SealError::WrongKey);

    let not_ours = add_seal(&both, Unlock::KeyFile(&[1; 32]), KEY, CHEAP, &random);
    assert_eq!(error(not_ours), SealError::WrongKey);
}

#[test]
fn seals_are_bounded() {
    let random = Seeded::new(4);
    let (_, mut file) = create(KEY, CHEAP, &random).unwrap();
    for _ in 1..MAX_SEALS {
        file = add_seal(&file, KEY, KEY, CHEAP, &random).unwrap();
    }
    assert_eq!(
        error(add_seal(&file, KEY, KEY, CHEAP, &random)),
        SealError::TooManySeals
    );
}

#[test]
fn rotation_keeps_every_seal() {
    let random = Seeded::new(5);
    let (keyring, file) = create(KEY, CHEAP, &random).unwrap();
    let file = add_seal(&file, KEY, PHRASE, CHEAP, &random).unwrap();
    let sealed = keyring
        .record_key("a", "s")
        .seal(b"", b"x", &random)
        .unwrap();
    let (rotated, file) = rotate(&file, KEY, &random).unwrap();
    assert_eq!(rotated.version(), 2);
    let reopened = open(&file, PHRASE).unwrap();
    assert!(same(&reopened, &rotated));
    assert!(reopened.record_key("a", "s").open(b"", &sealed).is_ok());
}

#[test]
fn the_default_cost_is_what_the_threat_model_asks() {
    let cost = Cost::default();
    assert!(cost.memory_kib >= 256 * 1024 && cost.passes >= 3 && cost.lanes == 4);
    assert_eq!(Cost::from_bytes(&cost.to_bytes()), cost);
}
