//! `AssumeRoleWithSAML`: what a response has to say, and what the role has to allow.

use platform::SamlProvider;
use platform::testing::{ACCOUNT, Answer, Harness, START};

use crate::house::{ALLOW_ALL, APP, OTHER, house, probes, sts};
use crate::identity_provider::{
    ENDPOINT, ISSUER, IdentityProvider, Over, attribute, form, response,
};

pub(crate) const IDP: &str = "arn:aws:iam::111122223333:saml-provider/Corp";
const UUID: &str = "SAMLPEXAMPLE";
const OWN: &str = "https://aws.amazon.com/SAML/Attributes/";
/// `printf 'https://idp.example/saml111122223333/Corp' | openssl dgst -sha1 -binary | base64`
pub(crate) const QUALIFIER: &str = "7n+PTR1WQ1GrTBW3PD1/0dvkFjc=";
pub(crate) const ASSUME: &str = r#""sts:AssumeRoleWithSAML""#;

/// A provider that `house` knows, and a role that trusts it.
pub(crate) fn federate(house: &Harness) -> IdentityProvider {
    let idp = IdentityProvider::new();
    house.identities.saml(known(&idp));
    trusting(house, ASSUME, "{}");
    idp
}

fn known(idp: &IdentityProvider) -> SamlProvider {
    SamlProvider {
        arn: IDP.to_owned(),
        metadata: idp.metadata(),
        uuid: UUID.to_owned(),
        valid_until_millis: i64::MAX,
        encryption_required: false,
    }
}

/// Makes the role that trusts the provider for `actions`, under `condition`.
pub(crate) fn trusting(house: &Harness, actions: &str, condition: &str) {
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"Federated":"{IDP}"}},"Action":{actions},"Condition":{condition}}}}}"#
    );
    house.identities.role(APP, &trust, &[ALLOW_ALL]);
}

/// A response that holds, unsigned, with more attributes.
pub(crate) fn said(more: &str) -> String {
    response(START, [APP, IDP], more)
}

pub(crate) fn own(name: &str, values: &[&str]) -> String {
    attribute(&format!("{OWN}{name}"), values)
}

/// Presents a signed response.
pub(crate) async fn present(house: &Harness, signed: &str) -> Answer {
    sts(house, "anonymous", &form([APP, IDP], signed)).await
}

pub(crate) async fn refused(house: &Harness, signed: &str, code: &str, text: &str) {
    let answer = present(house, signed).await;
    assert_eq!(answer.code.as_deref(), Some(code), "{}", answer.text);
    let plain = answer.text.replace("&apos;", "'").replace("&quot;", "\"");
    assert!(plain.contains(text), "{text}: {plain}");
    assert!(!plain.contains("SecretAccessKey"));
}

/// Signs what `house`'s provider says after `from` became `to`; it must have been there.
fn changed(idp: &IdentityProvider, from: &str, to: &str) -> String {
    let text = said("");
    assert!(text.contains(from), "{from}");
    idp.sign(&text.replace(from, to), Over::Assertion)
}

#[tokio::test]
async fn a_subject_assumes_the_role_that_trusts_its_provider() {
    let house = house().await;
    let idp = federate(&house);
    for over in [Over::Assertion, Over::Response, Over::Both] {
        let answer = present(&house, &idp.sign(&said(""), over)).await;
        assert_eq!(answer.status, 200, "{over:?} {}", answer.text);
        let arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/app/alice@example.com");
        for (name, value) in [
            ("Subject", "alice"),
            ("SubjectType", "persistent"),
            ("Issuer", ISSUER),
            ("Audience", ENDPOINT),
            ("NameQualifier", QUALIFIER),
            ("Arn", &arn),
            ("Expiration", "2026-01-01T01:00:00Z"),
            ("PackedPolicySize", ""),
            ("SourceIdentity", ""),
        ] {
            assert_eq!(answer.element(name), value, "{name}");
        }
        assert!(
            answer
                .element("AssumedRoleId")
                .ends_with(":alice@example.com")
        );
        house.session("saml", &answer);
        let identity = sts(&house, "saml", "Action=GetCallerIdentity").await;
        assert_eq!(identity.element("Arn"), arn);
        assert!(probes(&house, "saml").await.is_ok());
    }
}

#[tokio::test]
async fn formats_of_names_and_endpoints_are_those_that_aws_knows() {
    let house = house().await;
    let idp = federate(&house);
    let format = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
    let email = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
    let unspecified = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
    for (from, to, shown) in [
        (
            format,
            "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
            "transient",
        ),
        (format, email, email),
        (&format!(" Format=\"{format}\"")[..], "", unspecified),
    ] {
        let answer = present(&house, &changed(&idp, from, to)).await;
        assert_eq!(answer.element("SubjectType"), shown, "{}", answer.text);
    }
    let regional = "https://eu-west-2.signin.aws.amazon.com/saml";
    let own = format!("{regional}/acs/{UUID}");
    for endpoint in [regional, &own, &format!("{ENDPOINT}/acs/{UUID}")] {
        let text = said("").replace(ENDPOINT, endpoint);
        let text = text.replace("urn:amazon:webservices", endpoint);
        let answer = present(&house, &idp.sign(&text, Over::Assertion)).await;
        assert_eq!(answer.element("Audience"), endpoint, "{}", answer.text);
    }
    for endpoint in [
        "http://signin.aws.amazon.com/saml",
        "https://signin.aws.amazon.com/saml/",
        "https://signin.aws.amazon.com",
        "https://signin.aws.amazon.com.evil.example/saml",
        "https://evil.example/.signin.aws.amazon.com/saml",
        "https://a.b.signin.aws.amazon.com/saml",
        "https://.signin.aws.amazon.com/saml",
        "https://x@signin.aws.amazon.com/saml",
        "https://signin.aws.amazon.com/saml/acs/SAMLPOTHER",
        "https://signin.aws.amazon.com/saml/acs/",
    ] {
        let text = changed(
            &idp,
            &format!("Recipient=\"{ENDPOINT}"),
            &format!("Recipient=\"{endpoint}"),
        );
        refused(&house, &text, "InvalidIdentityToken", "sign-in endpoint").await;
        let text = changed(&idp, "urn:amazon:webservices", endpoint);
        refused(&house, &text, "InvalidIdentityToken", "required audience").await;
    }
}

#[tokio::test]
async fn what_is_said_must_hold() {
    let house = house().await;
    let idp = federate(&house);
    let at = |seconds: i64| {
        let time = wire::Timestamp::from_secs(START.secs() + seconds);
        time.format(wire::shape::TimestampFormat::Iso8601)
    };
    let (issued, end) = (at(-1), at(120));
    let (old, young) = (at(-300), at(-299));
    let restriction = "<saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience></saml:AudienceRestriction>";
    let other = restriction.replace("urn:amazon:webservices", "urn:other");
    let confirmation = "<saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"></saml:SubjectConfirmation></saml:Subject>";
    let invalid = "InvalidIdentityToken";
    let expired = "ExpiredTokenException";
    let instant = |time: &str| format!("ID=\"_assertion\" IssueInstant=\"{time}\"");
    for (from, to, code, text) in [
        (
            &instant(&issued)[..],
            &instant(&old)[..],
            expired,
            "Token must be redeemed within 5 minutes of issuance",
        ),
        (
            &instant(&issued),
            &instant(&at(301)),
            invalid,
            "not valid yet",
        ),
        (
            &format!("NotBefore=\"{issued}"),
            &format!("NotBefore=\"{}", at(301)),
            invalid,
            "not valid yet",
        ),
        (
            &format!("\" NotOnOrAfter=\"{end}"),
            &format!("\" NotOnOrAfter=\"{}", at(0)),
            expired,
            "Response has expired",
        ),
        (
            &format!("Data NotOnOrAfter=\"{end}"),
            &format!("Data NotOnOrAfter=\"{}", at(0)),
            expired,
            "Response has expired",
        ),
        (
            &format!("AuthnInstant=\"{issued}\""),
            &format!(
                "AuthnInstant=\"{issued}\" SessionNotOnOrAfter=\"{}\"",
                at(0)
            ),
            expired,
            "Response has expired",
        ),
        (
            &format!("Data NotOnOrAfter=\"{end}\""),
            "Data",
            invalid,
            "NotOnOrAfter and Recipient",
        ),
        (
            &format!(" Recipient=\"{ENDPOINT}\""),
            "",
            invalid,
            "NotOnOrAfter and Recipient",
        ),
        (
            "cm:bearer",
            "cm:sender-vouches",
            invalid,
            "sign-in endpoint",
        ),
        (
            "</saml:Subject>",
            confirmation,
            invalid,
            "exactly one SubjectConfirmation",
        ),
        (
            restriction,
            "",
            invalid,
            "Response does not contain the required audience.",
        ),
        (
            restriction,
            &other,
            invalid,
            "Response does not contain the required audience.",
        ),
        (
            restriction,
            &format!("{restriction}{other}"),
            invalid,
            "Response does not contain the required audience.",
        ),
        (
            "https://idp.example/saml<",
            "https://evil.example/saml<",
            invalid,
            "Issuer not present in specified provider",
        ),
        (
            "status:Success",
            "status:Responder",
            "IDPRejectedClaim",
            "authentication failed",
        ),
        (">alice<", "><", invalid, "NameID"),
        (
            "/RoleSessionName\"",
            "/Other\"",
            invalid,
            "RoleSessionName is required in AuthnResponse",
        ),
        (
            "alice@example.com",
            "Alice Doe",
            invalid,
            "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
        ),
        (
            "alice@example.com",
            "a",
            invalid,
            "RoleSessionName in AuthnResponse must match",
        ),
        (
            "<saml:Audience>",
            "<saml:Audience>x</saml:Audience><saml:Audience>",
            "",
            "",
        ),
        (&instant(&issued), &instant(&young), "", ""),
    ] {
        let signed = changed(&idp, from, to);
        if code.is_empty() {
            let answer = present(&house, &signed).await;
            assert_eq!(answer.status, 200, "{to} {}", answer.text);
        } else {
            refused(&house, &signed, code, text).await;
        }
    }
}

#[tokio::test]
async fn a_role_is_for_whom_the_provider_lists_it_for() {
    let house = house().await;
    let idp = federate(&house);
    let denied = "Not authorized to perform sts:AssumeRoleWithSAML<";
    let listed = format!("{APP},{IDP}");
    for pair in [
        format!("{APP},{IDP}x"),
        format!("{APP}x,{IDP}"),
        APP.to_owned(),
        String::new(),
        format!("{APP},{APP}"),
    ] {
        refused(
            &house,
            &changed(&idp, &listed, &pair),
            "AccessDenied",
            denied,
        )
        .await;
    }
    for pair in [format!("{IDP},{APP}"), format!("\n {APP} , {IDP} \n")] {
        let answer = present(&house, &changed(&idp, &listed, &pair)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let none = "arn:aws:iam::111122223333:role/none";
    let far = &format!("arn:aws:iam::{OTHER}:role/app")[..];
    house.identities.role(
        far,
        &format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"Federated":"{IDP}"}},"Action":{ASSUME}}}}}"#),
        &[ALLOW_ALL],
    );
    for role in [none, far] {
        let signed = idp.sign(&response(START, [role, IDP], ""), Over::Assertion);
        let answer = sts(&house, "anonymous", &form([role, IDP], &signed)).await;
        assert_eq!(answer.code.as_deref(), Some("AccessDenied"));
        assert!(answer.text.contains(denied), "{}", answer.text);
    }
    let signed = idp.sign(&said(""), Over::Assertion);
    for absent in [
        "arn:aws:iam::111122223333:saml-provider/None",
        "arn:aws:iam::111122223333:role/x",
    ] {
        let answer = sts(&house, "anonymous", &form([APP, absent], &signed)).await;
        let text = answer.text.replace("&apos;", "'");
        assert!(text.contains("Specified provider doesn't exist"), "{text}");
    }
}

#[tokio::test]
async fn providers_count_while_they_are_valid() {
    for (change, text) in [
        (
            (|provider| provider.valid_until_millis = START.millis) as fn(&mut SamlProvider),
            "expired",
        ),
        (
            |provider| provider.encryption_required = true,
            "requires encrypted assertions",
        ),
        (
            |provider| provider.metadata = String::new(),
            "Issuer not present",
        ),
    ] {
        let house = house().await;
        let idp = IdentityProvider::new();
        let mut provider = known(&idp);
        change(&mut provider);
        house.identities.saml(provider);
        trusting(&house, ASSUME, "{}");
        let signed = idp.sign(&said(""), Over::Assertion);
        refused(&house, &signed, "InvalidIdentityToken", text).await;
    }
}
