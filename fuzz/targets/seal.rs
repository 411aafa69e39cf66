//! The two files that unlock a data directory: the key file and the sealed keyring.
#![no_main]

use crypto::keyfile;
use crypto::seal::{self, Unlock};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let _ = keyfile::parse(input);
    let opened = seal::open(input, Unlock::KeyFile(&[7; 32]));
    assert!(opened.is_err(), "a forged keyring opens");
});
