//! Records of the store. An input is read as a sealed record, which it must not pass for, and as
//! an unsealed one: whatever decodes is written again and decodes to the same.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crypto::{Keyring, Random, RandomFailure, RecordKey};
use libfuzzer_sys::fuzz_target;
use serde::{Deserialize, Serialize};
use store::record::{decode, encode};
use store::{DecodeError, Migrate, OldFormat, Record};

/// One of everything that records are made of.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Sample {
    text: String,
    bytes: Vec<u8>,
    number: i64,
    flag: bool,
    maybe: Option<Choice>,
    entries: BTreeMap<String, u64>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Choice {
    Nothing,
    Pair(String, u32),
    Named { values: Vec<String> },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Older {
    text: String,
}

impl OldFormat for Older {
    const FORMAT: u8 = 1;
}

impl Migrate for Sample {
    type Previous = Older;

    fn migrate(Older { text }: Older) -> Self {
        let (bytes, entries) = (Vec::new(), BTreeMap::new());
        Self {
            text,
            bytes,
            number: 0,
            flag: false,
            maybe: None,
            entries,
        }
    }
}

impl Record for Sample {
    const TABLE: &'static str = "fuzz.samples";
    const SERVICE: &'static str = "fuzz";
    const FORMAT: u8 = 2;

    fn decode_older(format: u8, bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::decode_previous(format, bytes)
    }
}

struct Sevens;

impl Random for Sevens {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailure> {
        out.fill(7);
        Ok(())
    }
}

static KEY: LazyLock<RecordKey> = LazyLock::new(|| {
    let keyring = Keyring::generate(&Sevens).unwrap_or_else(|_| panic!("no keyring"));
    keyring.record_key("111122223333", "fuzz")
});

fuzz_target!(|input: &[u8]| {
    assert!(KEY.open(b"place", input).is_err(), "a forged record opens");
    let Ok((key, record)) = decode::<Sample>(input) else {
        return;
    };
    let written = encode(&key, &record)
        .unwrap_or_else(|_| panic!("a record that was read cannot be written"));
    assert!(decode(&written) == Ok((key, record)));
});
