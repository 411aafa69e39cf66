//! Attestation documents: COSE, CBOR and the certificates in them. Nobody who fuzzes has the key of
//! AWS's root, so that nothing may be believed.
#![no_main]

use crypto::attestation::{Evidence, Roots};
use libfuzzer_sys::fuzz_target;
use wire::attestation::Signed;

/// 2026-01-01T00:00:00Z.
const NOW: i64 = 1_767_225_600;

fuzz_target!(|input: &[u8]| {
    let _ = crypto::RecipientKey::parse(input);
    let _ = Roots::new(vec![input.to_vec()]);
    let Ok(signed) = Signed::parse(input) else {
        return;
    };
    let verified = signed.verified(|evidence| {
        let roots = Roots::aws().expect("a root");
        let evidence = Evidence {
            certificate: evidence.certificate,
            bundle: evidence.bundle,
            message: evidence.message,
            signature: evidence.signature,
        };
        roots.check(&evidence, NOW)
    });
    assert!(
        verified.is_err(),
        "a document that nobody signed is believed"
    );
});
