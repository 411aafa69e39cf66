//! KMS ciphertext blobs. An input is read as a blob, and as a list of changes to a genuine blob:
//! no change may leave it one that opens.
#![no_main]

use std::sync::LazyLock;

use crypto::ciphertext::{self, Origin};
use crypto::{KeyMaterial, MaterialSpec, Random, RandomFailure};
use libfuzzer_sys::fuzz_target;

const PLAINTEXT: &[u8] = b"attack at dawn";
const KEY_ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

struct Sevens;

impl Random for Sevens {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailure> {
        out.fill(7);
        Ok(())
    }
}

static MATERIAL: LazyLock<KeyMaterial> = LazyLock::new(|| {
    KeyMaterial::generate(MaterialSpec::Symmetric, &Sevens)
        .unwrap_or_else(|_| panic!("no material"))
});

static GENUINE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let origin = Origin {
        account: "111122223333",
        region: "eu-west-2",
        key_id: KEY_ID,
        material_id: MATERIAL
            .id(KEY_ID)
            .unwrap_or_else(|_| panic!("no identifier")),
    };
    ciphertext::encrypt(&MATERIAL, &origin, &[], PLAINTEXT, &Sevens)
        .unwrap_or_else(|_| panic!("no ciphertext"))
});

fuzz_target!(|input: &[u8]| {
    assert!(opens(&GENUINE), "the genuine ciphertext does not open");
    for blob in [input.to_vec(), changed(input)] {
        assert!(
            blob == *GENUINE || !opens(&blob),
            "a forged ciphertext opens"
        );
    }
});

fn opens(blob: &[u8]) -> bool {
    let Some(read) = ciphertext::parse(blob) else {
        return false;
    };
    let account = read.origin().account;
    assert!(account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()));
    match read.decrypt(&MATERIAL, &[]) {
        Some(plaintext) => {
            assert!(plaintext.expose() == PLAINTEXT);
            true
        }
        None => false,
    }
}

/// The genuine blob with the changes that `input` spells: two bytes each, a place and a
/// difference. The last odd byte, if there is one, is how much is cut off the end.
fn changed(input: &[u8]) -> Vec<u8> {
    let mut blob = GENUINE.clone();
    let (changes, cut) = input.as_chunks::<2>();
    for [place, difference] in changes {
        let place = usize::from(*place) % blob.len();
        blob[place] ^= difference;
    }
    let cut = cut.first().map_or(0, |cut| usize::from(*cut));
    blob.truncate(blob.len().saturating_sub(cut));
    blob
}
