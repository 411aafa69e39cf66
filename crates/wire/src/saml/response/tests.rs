//! Responses that are read, and the attacks by which a signed element is wrapped in another
//! (Somorovsky et al., "On Breaking SAML: Be Whoever You Want to Be", XSW1 to XSW8).

use proptest::prelude::*;

use super::*;

const HEAD: &str = r#"<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:d="http://www.w3.org/2000/09/xmldsig#" ID="r" Version="2.0">"#;
const STATUS: &str =
    r#"<p:Status><p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></p:Status>"#;
const TAIL: &str = "</p:Response>";

/// A signature over the element of this id.
fn signature(id: &str) -> String {
    format!(
        r##"<d:Signature><d:SignedInfo><d:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><d:SignatureMethod Algorithm="m"/><d:Reference URI="{id}"><d:Transforms><d:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><d:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></d:Transforms><d:DigestMethod Algorithm="h"/><d:DigestValue>AQ==</d:DigestValue></d:Reference></d:SignedInfo><d:SignatureValue>AgM
 =</d:SignatureValue></d:Signature>"##
    )
}

/// An assertion about `subject`, with `more` after its issuer.
fn assertion(id: &str, subject: &str, more: &str) -> String {
    format!(
        r#"<a:Assertion ID="{id}" Version="2.0" IssueInstant="2026-01-01T00:00:00.500Z"><a:Issuer>idp</a:Issuer>{more}<a:Subject><a:NameID Format="f">{subject}</a:NameID><a:SubjectConfirmation Method="m"><a:SubjectConfirmationData NotOnOrAfter="2026-01-01T00:05:00Z" Recipient="r"/></a:SubjectConfirmation></a:Subject><a:Conditions NotBefore="2026-01-01T00:00:00Z" NotOnOrAfter="2026-01-01T00:05:00Z"><a:AudienceRestriction><a:Audience> one </a:Audience><a:Audience>two</a:Audience></a:AudienceRestriction><a:OneTimeUse/></a:Conditions><a:AuthnStatement SessionNotOnOrAfter="2026-01-01T09:00:00Z"/><a:AttributeStatement><a:Attribute Name="n"><a:AttributeValue>v</a:AttributeValue><a:AttributeValue><a:NameID>w</a:NameID></a:AttributeValue></a:Attribute><a:Attribute Name="n"><a:AttributeValue/></a:Attribute></a:AttributeStatement></a:Assertion>"#
    )
}

fn document(inner: &str) -> String {
    format!("{HEAD}{STATUS}{inner}{TAIL}")
}

/// The assertion of a response, whatever its signature is worth.
fn read(text: &str) -> Result<(Signature, Assertion), ResponseError> {
    let mut signature = None;
    let assertion = Response::parse(text)?.verified(|found| {
        signature = Some(Signature {
            algorithm: found.algorithm.clone(),
            value: found.value.clone(),
            signed: found.signed.clone(),
            digest_algorithm: found.digest_algorithm.clone(),
            digest: found.digest.clone(),
            content: found.content.clone(),
        });
        true
    });
    Ok((signature.expect("asked"), assertion.expect("verified")))
}

fn signed_assertion() -> String {
    document(&assertion("x", "alice", &signature("#x")))
}

#[test]
fn everything_that_an_assertion_says_is_read() {
    let (signature, assertion) = read(&signed_assertion()).expect("a response");
    let at = |text| Timestamp::parse_iso8601(text).expect("a time");
    let until = Some(at("2026-01-01T00:05:00Z"));
    let expected = Assertion {
        issuer: "idp".to_owned(),
        issued: at("2026-01-01T00:00:00.500Z"),
        subject: "alice".to_owned(),
        subject_format: Some("f".to_owned()),
        confirmations: vec![Confirmation {
            method: "m".to_owned(),
            recipient: Some("r".to_owned()),
            not_before: None,
            not_on_or_after: until,
        }],
        not_before: Some(at("2026-01-01T00:00:00Z")),
        not_on_or_after: until,
        audiences: vec![vec!["one".to_owned(), "two".to_owned()]],
        session_ends: Some(at("2026-01-01T09:00:00Z")),
        attributes: vec![("n".to_owned(), ["v", "w", ""].map(str::to_owned).to_vec())],
    };
    assert_eq!(assertion, expected);
    assert_eq!(
        (&signature.algorithm[..], &signature.value[..]),
        ("m", &[2, 3][..])
    );
    assert_eq!(
        (&signature.digest_algorithm[..], &signature.digest[..]),
        ("h", &[1][..])
    );
    let content = String::from_utf8(signature.content).expect("text");
    assert!(
        content
            .starts_with(r#"<a:Assertion xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" ID="x""#)
    );
    assert!(content.contains("alice") && !content.contains("Signature"));
    let signed = String::from_utf8(signature.signed).expect("text");
    assert!(signed.starts_with(r#"<d:SignedInfo xmlns:d="http://www.w3.org/2000/09/xmldsig#">"#));
}

#[test]
fn a_signature_of_the_response_is_over_all_of_it() {
    for (own, inner) in [("#r", ""), ("", ""), ("#r", &signature("#x")[..])] {
        let text = document(&(signature(own) + &assertion("x", "alice", inner)));
        let (signature, _) = read(&text).expect("a response");
        let content = String::from_utf8(signature.content).expect("text");
        assert!(content.starts_with("<p:Response") && content.contains("status:Success"));
        assert_eq!(content.contains("<d:Signature"), !inner.is_empty());
    }
}

#[test]
fn sec_s22_a_comment_cuts_no_name_short() {
    let text = document(&assertion("x", "admin<!-- -->@evil", &signature("#x")));
    let (signature, assertion) = read(&text).expect("a response");
    assert_eq!(assertion.subject, "admin@evil");
    let content = String::from_utf8(signature.content).expect("text");
    assert!(content.contains(">admin@evil<"));
}

/// Nothing but the parent of a signature is what it is over.
#[test]
fn sec_s20_signatures_name_their_parents() {
    let alice = |uri: &str| document(&assertion("x", "alice", &signature(uri)));
    for text in [
        alice("#r"),
        alice(""),
        alice("#"),
        alice("x"),
        alice("#y"),
        alice("#xpointer(id('x'))"),
        alice("http://other.example/#x"),
        document(&(signature("#x") + &assertion("x", "alice", ""))),
        document(&assertion("x", "alice", "")),
    ] {
        assert_eq!(read(&text).err(), Some(ResponseError::Unsigned), "{text}");
    }
}

#[test]
fn sec_s21_signatures_of_other_forms_are_refused() {
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let enveloped =
        r#"<d:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>"#;
    let canonical = format!(r#"<d:Transform Algorithm="{exclusive}"/>"#);
    let swapped = format!("{canonical}{enveloped}");
    let both = format!("{enveloped}{canonical}");
    let prefixes = "p ".repeat(17);
    let listed = format!(
        r#"<d:Transform Algorithm="{exclusive}"><c:InclusiveNamespaces xmlns:c="{exclusive}" PrefixList="{prefixes}"/></d:Transform>"#
    );
    for (from, to) in [
        (enveloped, ""),
        (&canonical, ""),
        (&canonical, &listed),
        (&both, &swapped),
        (
            enveloped,
            r#"<d:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>"#,
        ),
        (
            &canonical,
            r#"<d:Transform Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>"#,
        ),
        (&canonical, &format!("{canonical}{canonical}")),
        ("<d:SignatureValue>", "<d:Object/><d:SignatureValue>"),
        (
            "</d:SignedInfo>",
            "<d:Reference URI=\"#r\"/></d:SignedInfo>",
        ),
        ("</d:SignedInfo>", "<d:Other/></d:SignedInfo>"),
        (
            r#"<d:SignatureMethod Algorithm="m"/>"#,
            r#"<d:SignatureMethod Algorithm="m"><d:HMACOutputLength>1</d:HMACOutputLength></d:SignatureMethod>"#,
        ),
        ("<d:DigestValue>AQ==", "<d:DigestValue>AR=="),
        (" URI=\"#x\"", ""),
    ] {
        let text = signed_assertion();
        assert!(text.contains(from), "{from}");
        let text = text.replacen(from, to, 1);
        assert_eq!(read(&text).err(), Some(ResponseError::Unsigned), "{text}");
    }
}

/// XSW1 and XSW2 wrap a signed response, XSW3 to XSW8 a signed assertion.
#[test]
fn sec_s20_wrapped_signatures_are_refused() {
    let response = document(&assertion("x", "alice", ""));
    let evil = |more: &str| assertion("evil", "mallory", more);
    let alice = assertion("x", "alice", &signature("#x"));
    let bare = assertion("x", "alice", "");
    let with = |inside: &str| {
        let signature = signature("#x");
        signature.replace("</d:Signature>", &format!("{inside}</d:Signature>"))
    };
    let object = |inner: &str| with(&format!("<d:Object>{inner}</d:Object>"));
    let wraps = [
        // XSW1: the signed response within the signature of the forged one.
        document(
            &(signature("#r").replace("</d:Signature>", &format!("{response}</d:Signature>"))
                + &evil("")),
        ),
        // XSW2: the signed response before a detached signature.
        document(&format!("{response}{}{}", signature("#r"), evil(""))),
        // XSW3: the forged assertion before the signed one.
        document(&format!("{}{alice}", evil(""))),
        document(&format!("{alice}{}", evil(""))),
        // XSW4: the signed assertion within the forged one.
        document(&evil(&alice)),
        // XSW5: the signature moved to the forged one, the signed one behind it.
        document(&format!("{}{bare}", evil(&signature("#x")))),
        // XSW6: the signed one within the moved signature.
        document(&evil(&with(&bare))),
        // XSW7: the signed one within extensions.
        document(&format!("<p:Extensions>{alice}</p:Extensions>{}", evil(""))),
        // XSW8: the signed one within an object of the signature.
        document(&evil(&object(&bare))),
        // The signed one as advice, and beneath what nobody reads.
        document(&evil(&format!("<a:Advice>{alice}</a:Advice>"))),
        document(&format!("<x><y>{alice}</y></x>{}", evil(""))),
        // A signature beside the place where signatures are.
        document(&format!("{}<x>{}</x>", evil(""), signature("#evil"))),
        document(&evil(&(signature("#evil") + &signature("#evil")))),
    ];
    for text in wraps {
        assert!(read(&text).is_err(), "{text}");
    }
}

#[test]
fn sec_s20_identifiers_are_unique() {
    let twice = [
        document(&assertion("r", "alice", &signature("#r"))),
        signed_assertion().replace("<a:NameID", "<a:NameID ID=\"x\""),
        signed_assertion().replace("<a:NameID", "<a:NameID id=\"x\""),
        signed_assertion().replace("<a:NameID", "<a:NameID xml:id=\"x\""),
        signed_assertion().replace("<d:Signature>", "<d:Signature Id=\"x\">"),
    ];
    for text in twice {
        assert_eq!(read(&text).err(), Some(ResponseError::Malformed), "{text}");
    }
}

#[test]
fn what_is_no_response_with_one_assertion_is_refused() {
    let good = signed_assertion();
    for (from, to) in [
        ("ID=\"r\" Version=\"2.0\"", "ID=\"r\" Version=\"1.1\""),
        (
            "Version=\"2.0\" IssueInstant",
            "Version=\"1.1\" IssueInstant",
        ),
        ("IssueInstant=\"2026-01-01T00:00:00.500Z\"", ""),
        ("IssueInstant=\"2026", "IssueInstant=\"x"),
        ("NotBefore=\"2026", "NotBefore=\"x"),
        ("SessionNotOnOrAfter=\"2026", "SessionNotOnOrAfter=\"x"),
        ("<a:OneTimeUse/>", "<a:Condition/>"),
        ("<a:Conditions ", "<a:Conditions/><a:Conditions "),
        ("<a:Issuer>idp</a:Issuer>", ""),
        (
            "<a:Issuer>idp</a:Issuer>",
            "<a:Issuer>idp</a:Issuer><a:Issuer>other</a:Issuer>",
        ),
        (
            "</a:NameID><a:SubjectC",
            "</a:NameID><a:NameID>m</a:NameID><a:SubjectC",
        ),
        ("alice", "<b>alice</b>"),
        ("SAML:2.0:protocol", "SAML:1.1:protocol"),
        ("SAML:2.0:assertion", "SAML:1.1:assertion"),
        (STATUS, ""),
        (HEAD, "<!DOCTYPE x>"),
    ] {
        assert!(good.contains(from), "{from}");
        let text = good.replacen(from, to, 1);
        assert_eq!(read(&text).err(), Some(ResponseError::Malformed), "{text}");
    }
    for (from, to) in [
        ("<a:Subject>", "<a:EncryptedID/><a:Subject>"),
        ("<a:Attribute ", "<a:EncryptedAttribute/><a:Attribute "),
        (STATUS, "<a:EncryptedAssertion/>"),
    ] {
        let text = good.replacen(from, to, 1);
        assert_eq!(read(&text).err(), Some(ResponseError::Encrypted), "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_is_too_strange(at in 0..signed_assertion().len(), put in "[<>&\"/a:= #]{0,4}") {
        let text = signed_assertion();
        let (before, after) = text.split_at(at);
        let _ = read(&format!("{before}{put}{after}"));
        let _ = read(before);
    }

    /// Whatever is read of a document, what is signed contains it.
    #[test]
    fn what_is_read_is_what_is_signed(at in 0..signed_assertion().len(), put in "[a-z ]") {
        let text = signed_assertion();
        let (before, after) = text.split_at(at);
        let changed = format!("{before}{put}{}", after.get(1..).unwrap_or_default());
        if let Ok((signature, assertion)) = read(&changed) {
            let content = String::from_utf8(signature.content).expect("text");
            for said in [assertion.subject, assertion.issuer] {
                let is_signed = content.contains(&format!(">{said}<"));
                prop_assert!(is_signed, "{}", said);
            }
        }
    }
}
