//! PEM, and the private keys in it: as texts that are uploaded.
//!
//! Every block that is read must be written and read again to the same bytes, and a key that is
//! accepted must have a public half.
#![no_main]

use crypto::private_key::{PrivateKeyForm, public_half};
use crypto::{md5_fingerprint, sha1_thumbprint};
use libfuzzer_sys::fuzz_target;
use wire::pem;

const FORMS: [PrivateKeyForm; 3] = [
    PrivateKeyForm::Pkcs8,
    PrivateKeyForm::Rsa,
    PrivateKeyForm::Ec,
];

fuzz_target!(|input: &[u8]| {
    check_key(input);
    let written = pem::encoded("A KEY", input);
    let read = pem::blocks(&written).unwrap_or_else(|_| panic!("what was written is not read"));
    assert!(read.len() == 1 && read[0].label == "A KEY" && read[0].der.as_slice() == input);
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    let Ok(blocks) = pem::blocks(text) else {
        return;
    };
    assert!(!blocks.is_empty(), "no block, and no error");
    for block in blocks {
        let again = pem::blocks(&pem::encoded(&block.label, &block.der));
        let again = again.unwrap_or_else(|_| panic!("a block does not survive being written"));
        assert!(again.len() == 1, "one block became several");
        assert!(again[0].label == block.label && again[0].der == block.der);
        check_key(&block.der);
    }
});

fn check_key(der: &[u8]) {
    assert!(sha1_thumbprint(der).len() == 40);
    let _ = md5_fingerprint(der);
    for form in FORMS {
        if let Ok(half) = public_half(form, der) {
            assert!(!half.bytes().is_empty(), "a key without a public half");
        }
    }
}
