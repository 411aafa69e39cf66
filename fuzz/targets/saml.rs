//! SAML metadata and responses: XML, its canonical form, and the certificates and signatures in it.
#![no_main]

use crypto::xmldsig::{self, Signed};
use libfuzzer_sys::fuzz_target;
use wire::saml::{self, Response};

fuzz_target!(|input: &[u8]| {
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    let _ = saml::parse(text);
    let Ok(response) = Response::parse(text) else {
        return;
    };
    let mut content = String::new();
    let assertion = response.verified(|signature| {
        let signed = Signed {
            algorithm: &signature.algorithm,
            message: &signature.signed,
            signature: &signature.value,
        };
        let is_signed = xmldsig::is_signed_by(&signed, input);
        assert!(!is_signed, "a document is its own certificate");
        content = String::from_utf8(signature.content.clone()).expect("text");
        true
    });
    let assertion = assertion.expect("what is verified is read");
    // What is read stands in what is signed, letter by letter.
    let escaped = assertion.subject.replace('&', "&amp;").replace('<', "&lt;");
    let escaped = escaped.replace('>', "&gt;").replace('\r', "&#xD;");
    assert!(
        content.contains(&format!(">{escaped}</")),
        "unsigned subject"
    );
});
