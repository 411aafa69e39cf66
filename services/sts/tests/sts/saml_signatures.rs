//! `AssumeRoleWithSAML`: no response is believed whose signature does not hold for what is read.

use platform::testing::Harness;
use proptest::test_runner::{Config, TestRunner};

use crate::house::{APP, house, sts};
use crate::identity_provider::{IdentityProvider, Over, form};
use crate::saml::{IDP, federate, present, refused, said};

const INVALID: &str = "InvalidIdentityToken";
const UNSIGNED: &str = "Response signature invalid";

/// The part of a text from `begin` up to and with `end`.
fn part<'a>(text: &'a str, begin: &str, end: &str) -> &'a str {
    let from = text.find(begin).expect("a beginning");
    let to = text[from..].find(end).expect("an end");
    &text[from..from + to + end.len()]
}

fn assertion(text: &str) -> &str {
    part(text, "<saml:Assertion", "</saml:Assertion>")
}

#[tokio::test]
async fn sec_s21_only_keys_of_the_metadata_sign() {
    let house = house().await;
    let idp = federate(&house);
    let thief = IdentityProvider::new();
    let along = |text: &str, whose: &IdentityProvider| {
        let key = format!("{}</ds:Signature>", whose.key_info());
        text.replace("</ds:Signature>", &key)
    };
    for over in [Over::Assertion, Over::Response, Over::Both] {
        let stolen = thief.sign(&said(""), over);
        refused(&house, &stolen, INVALID, UNSIGNED).await;
        // Neither its own certificate nor the provider's make a thief's signature good.
        refused(&house, &along(&stolen, &thief), INVALID, UNSIGNED).await;
        refused(&house, &along(&stolen, &idp), INVALID, UNSIGNED).await;
    }
    let good = idp.sign(&said(""), Over::Assertion);
    let answer = present(&house, &along(&good, &thief)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let unsigned = said("")
        .replace("{RESPONSE}", "")
        .replace("{ASSERTION}", "");
    refused(&house, &unsigned, INVALID, UNSIGNED).await;
}

#[tokio::test]
async fn sec_s21_weak_methods_are_refused() {
    let house = house().await;
    let idp = federate(&house);
    let good = idp.sign(&said(""), Over::Assertion);
    for (from, to) in [
        (
            "2001/04/xmldsig-more#rsa-sha256",
            "2000/09/xmldsig#rsa-sha1",
        ),
        ("xmldsig-more#rsa-sha256", "xmldsig-more#hmac-sha256"),
        ("xmldsig-more#rsa-sha256", "xmldsig-more#ecdsa-sha256"),
        ("2001/04/xmlenc#sha256", "2000/09/xmldsig#sha1"),
        ("xmlenc#sha256", "xmlenc#sha512"),
    ] {
        assert!(good.contains(from));
        refused(&house, &good.replace(from, to), INVALID, UNSIGNED).await;
    }
}

/// A name that a comment divides is one name, whoever signed it.
#[tokio::test]
async fn sec_s22_comments_do_not_cut_names() {
    let house = house().await;
    let idp = federate(&house);
    let text = said("").replace(">alice<", ">alice.evil<");
    let signed = idp.sign(&text, Over::Assertion);
    // Comments are not signed, so anybody can put them in.
    let divided = signed.replace(">alice.evil<", ">alice<!-- -->.evil<");
    let answer = present(&house, &divided).await;
    assert_eq!(answer.element("Subject"), "alice.evil", "{}", answer.text);
}

/// The forms of "On Breaking SAML: Be Whoever You Want to Be", around real signatures.
#[tokio::test]
async fn sec_s20_wrapped_signatures_are_refused() {
    let house = house().await;
    let idp = federate(&house);
    let unsigned = said("")
        .replace("{RESPONSE}", "")
        .replace("{ASSERTION}", "");
    let evil = unsigned.replace(">alice<", ">mallory<");
    for over in [Over::Assertion, Over::Response] {
        let good = idp.sign(&said(""), over);
        assert_eq!(present(&house, &good).await.status, 200);
        for id in ["_assertion", "_evil"] {
            for wrapped in wraps(&good, &evil.replace("_assertion", id)) {
                let answer = present(&house, &wrapped).await;
                assert_eq!(answer.code.as_deref(), Some(INVALID), "{wrapped}");
            }
        }
    }
}

/// A signed response in the places where another one might hide it.
fn wraps(good: &str, evil: &str) -> Vec<String> {
    let signature = part(good, "<ds:Signature", "</ds:Signature>");
    let (mine, forged) = (assertion(good), assertion(evil));
    let bare = good.replace(signature, "");
    let end = "</ds:Signature>";
    let within = |inner: &str| signature.replace(end, &format!("{inner}{end}"));
    let object = |inner: &str| within(&format!("<ds:Object>{inner}</ds:Object>"));
    let first = |inner: &str| evil.replace("<samlp:Status>", &format!("{inner}<samlp:Status>"));
    let inside = |inner: &str| {
        let subject = format!("{inner}<saml:Subject>");
        evil.replace("<saml:Subject>", &subject)
    };
    vec![
        first(&within(&bare)),
        first(&object(&bare)),
        first(&format!("{bare}{signature}")),
        first(good),
        first(signature),
        first(mine),
        evil.replace(forged, &format!("{forged}{mine}")),
        inside(mine),
        inside(signature),
        inside(&within(assertion(&bare))),
        inside(&object(assertion(&bare))),
        inside(&object(&bare)),
        first(&format!("<samlp:Extensions>{mine}</samlp:Extensions>")),
        inside(&format!("<saml:Advice>{mine}</saml:Advice>")),
        good.replace(
            mine,
            &mine.replace("<saml:Subject>", &format!("{forged}<saml:Subject>")),
        ),
        good.replace(">alice<", ">mallory<"),
    ]
}

#[tokio::test]
async fn what_is_no_response_is_refused() {
    let house = house().await;
    let idp = federate(&house);
    let good = idp.sign(&said(""), Over::Assertion);
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>";
    let deep = format!("{}{}", "<a>".repeat(20_000), "</a>".repeat(8));
    for text in [
        "nothing",
        &format!("{bomb}{good}"),
        &format!("<?php?>{good}"),
        &deep,
        &good.replace(">alice<", ">&a;<"),
        &good.replace("SAML:2.0:assertion", "SAML:1.0:assertion"),
    ] {
        refused(&house, text, INVALID, "Invalid SAML response").await;
    }
    let encrypted = good.replace(assertion(&good), "<saml:EncryptedAssertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"></saml:EncryptedAssertion>");
    refused(
        &house,
        &encrypted,
        INVALID,
        "Encrypted assertions are not supported",
    )
    .await;
    let form = form([APP, IDP], "x");
    let form = form.replace("SAMLAssertion=", "SAMLAssertion=!!!!");
    let answer = sts(&house, "anonymous", &form).await;
    assert!(
        answer.text.contains("Invalid base64 SAMLResponse"),
        "{}",
        answer.text
    );
}

/// Every bit of a signed response counts. Around a signed assertion there are bits that say nothing:
/// whatever they are, what is read stays the same.
#[test]
fn sec_s20_flipped_bits_change_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let house = runtime.block_on(house());
    let idp = federate(&house);
    for over in [Over::Response, Over::Assertion, Over::Both] {
        let good = idp.sign(&said(""), over).into_bytes();
        let answer = runtime.block_on(read(&house, &good));
        assert!(answer.is_some());
        let kept = answer.filter(|_| over != Over::Response);
        let config = Config {
            failure_persistence: None,
            ..Config::with_cases(300)
        };
        let checked = TestRunner::new(config).run(&(0..good.len() * 8), |bit| {
            let mut flipped = good.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let answer = runtime.block_on(read(&house, &flipped));
            proptest::prop_assert!(answer.is_none() || answer == kept, "{:?} {}", over, bit);
            Ok(())
        });
        checked.expect("refused, or the same");
    }
}

/// What the answer says of the assertion; none if it is refused.
async fn read(house: &Harness, response: &[u8]) -> Option<Vec<String>> {
    let answer = sts(house, "anonymous", &form([APP, IDP], response)).await;
    let names = [
        "Subject",
        "SubjectType",
        "Issuer",
        "Audience",
        "Arn",
        "Expiration",
    ];
    let said = names.iter().map(|name| answer.element(name));
    (answer.status == 200).then(|| said.collect())
}
