//! `AssumeRoleWithSAML`: what a role may want of an assertion, and the sessions that begin.

use platform::testing::ACCOUNT;
use serde_json::Value;

use crate::house::{APP, house, probes, sts};
use crate::identity_provider::{ENDPOINT, ISSUER, Over, attribute, form};
use crate::saml::{ASSUME, IDP, QUALIFIER, federate, own, present, refused, said, trusting};

const ALL: &str = r#"["sts:AssumeRoleWithSAML","sts:TagSession","sts:SetSourceIdentity"]"#;

#[tokio::test]
async fn trust_policies_decide_on_the_keys_of_the_assertion() {
    let house = house().await;
    let idp = federate(&house);
    let more = [
        attribute("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", &["staff", "member"]),
        attribute("urn:oid:1.3.6.1.4.1.5923.1.1.1.3", &["dc=corp", "dc=other"]),
        attribute(
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
            &["a@corp"],
        ),
    ]
    .concat();
    let signed = idp.sign(&said(&more), Over::Response);
    for (operator, key, value, allowed) in [
        ("StringEquals", "SAML:aud", ENDPOINT, true),
        ("StringEquals", "SAML:iss", ISSUER, true),
        ("StringEquals", "saml:sub", "alice", true),
        ("StringEquals", "saml:sub", "bob", false),
        ("StringEquals", "saml:sub_type", "persistent", true),
        ("StringEquals", "saml:sub_type", "transient", false),
        ("StringEquals", "saml:namequalifier", QUALIFIER, true),
        ("StringEquals", "saml:doc", "111122223333/Corp", true),
        ("StringEquals", "saml:doc", "444455556666/Corp", false),
        (
            "ForAnyValue:StringEquals",
            "saml:eduPersonAffiliation",
            "member",
            true,
        ),
        (
            "ForAnyValue:StringEquals",
            "saml:eduPersonAffiliation",
            "guest",
            false,
        ),
        ("StringEquals", "saml:eduPersonOrgDN", "dc=corp", true),
        (
            "ForAnyValue:StringEquals",
            "saml:eduPersonOrgDN",
            "dc=other",
            false,
        ),
        ("StringEquals", "saml:mail", "a@corp", true),
        ("StringEquals", "saml:cn", "alice", false),
        (
            "StringEquals",
            "sts:RoleSessionName",
            "alice@example.com",
            true,
        ),
    ] {
        trusting(
            &house,
            ASSUME,
            &format!(r#"{{"{operator}":{{"{key}":"{value}"}}}}"#),
        );
        let answer = present(&house, &signed).await;
        assert_eq!(
            answer.status == 200,
            allowed,
            "{key} {value} {}",
            answer.text
        );
        if !allowed {
            assert_eq!(answer.code.as_deref(), Some("AccessDenied"));
        }
    }
    trusting(&house, r#""sts:AssumeRoleWithWebIdentity""#, "{}");
    refused(
        &house,
        &signed,
        "AccessDenied",
        "Not authorized to perform sts:AssumeRoleWithSAML<",
    )
    .await;
}

#[tokio::test]
async fn tags_and_source_identities_come_from_the_assertion() {
    let house = house().await;
    let idp = federate(&house);
    let more = own("PrincipalTag:Team", &["red"])
        + &own("TransitiveTagKeys", &["Team"])
        + &own("SourceIdentity", &["alice"]);
    let signed = idp.sign(&said(&more), Over::Assertion);
    trusting(
        &house,
        ALL,
        r#"{"StringEquals":{"aws:RequestTag/Team":"red","sts:SourceIdentity":"alice"},"ForAllValues:StringEquals":{"sts:TransitiveTagKeys":"Team"}}"#,
    );
    let answer = present(&house, &signed).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.element("SourceIdentity"), "alice");
    assert!(!answer.element("PackedPolicySize").is_empty());
    trusting(&house, ASSUME, "{}");
    refused(
        &house,
        &signed,
        "AccessDenied",
        "Not authorized to perform sts:TagSession<",
    )
    .await;
    trusting(
        &house,
        r#"["sts:AssumeRoleWithSAML","sts:TagSession"]"#,
        "{}",
    );
    refused(
        &house,
        &signed,
        "AccessDenied",
        "Not authorized to perform sts:SetSourceIdentity<",
    )
    .await;
    trusting(&house, ALL, "{}");
    let identity =
        "Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\"";
    for (more, code, text) in [
        (
            own("SourceIdentity", &["AWS:x"]),
            "InvalidIdentityToken",
            identity,
        ),
        (
            own("SourceIdentity", &["a", "b"]),
            "InvalidIdentityToken",
            identity,
        ),
        (
            own("PrincipalTag:Team", &["a", "b"]),
            "InvalidIdentityToken",
            "exactly one value",
        ),
        (
            own("PrincipalTag:", &["a"]),
            "InvalidIdentityToken",
            "invalid",
        ),
        (
            own("PrincipalTag:Team", &["a;b"]),
            "InvalidIdentityToken",
            "invalid",
        ),
        (
            own("PrincipalTag:Team", &["a".repeat(257).as_str()]),
            "InvalidIdentityToken",
            "invalid",
        ),
        (
            own("PrincipalTag:aws:x", &["a"]),
            "ValidationError",
            "reserved",
        ),
        (
            own("TransitiveTagKeys", &["Team"]),
            "InvalidParameterValue",
            "transitive",
        ),
        (
            own("SessionDuration", &["899"]),
            "InvalidIdentityToken",
            "SessionDuration",
        ),
        (
            own("SessionDuration", &["x"]),
            "InvalidIdentityToken",
            "SessionDuration",
        ),
    ] {
        refused(&house, &idp.sign(&said(&more), Over::Assertion), code, text).await;
    }
}

/// The shortest of what is asked for, what the provider says and its own session counts.
#[tokio::test]
async fn sessions_last_no_longer_than_the_provider_says() {
    let house = house().await;
    let idp = federate(&house);
    let ends = "SessionNotOnOrAfter=\"2026-01-01T00:10:00.900Z\" AuthnInstant";
    for (duration, session, asked, expected) in [
        (None, None, "", "2026-01-01T01:00:00Z"),
        (None, None, "&DurationSeconds=900", "2026-01-01T00:15:00Z"),
        (Some("1800"), None, "", "2026-01-01T00:30:00Z"),
        (Some("43200"), None, "", "2026-01-01T01:00:00Z"),
        (
            Some("1800"),
            None,
            "&DurationSeconds=900",
            "2026-01-01T00:15:00Z",
        ),
        (
            Some("1800"),
            Some(ends),
            "&DurationSeconds=900",
            "2026-01-01T00:10:00Z",
        ),
    ] {
        let more = duration.map(|seconds| own("SessionDuration", &[seconds]));
        let text = said(&more.unwrap_or_default());
        let text = text.replace("AuthnInstant", session.unwrap_or("AuthnInstant"));
        // The attributes of an element are in order of their names.
        let over = if session.is_some() {
            Over::Response
        } else {
            Over::Assertion
        };
        let text = sorted(&text);
        let form = form([APP, IDP], idp.sign(&text, over)) + asked;
        let answer = sts(&house, "anonymous", &form).await;
        assert_eq!(answer.element("Expiration"), expected, "{}", answer.text);
    }
    let form = form([APP, IDP], idp.sign(&said(""), Over::Assertion));
    let long = sts(&house, "anonymous", &(form + "&DurationSeconds=3601")).await;
    assert!(
        long.text.contains("exceeds the MaxSessionDuration"),
        "{}",
        long.text
    );
}

/// Puts `AuthnInstant` before `SessionNotOnOrAfter`.
fn sorted(text: &str) -> String {
    let Some((before, after)) = text.split_once("SessionNotOnOrAfter=") else {
        return text.to_owned();
    };
    let (value, after) = after.split_once(' ').expect("a value");
    let (instant, after) = after.split_once('>').expect("an end");
    format!("{before}{instant} SessionNotOnOrAfter={value}>{after}")
}

#[tokio::test]
async fn session_policies_limit_and_must_be_policies() {
    let house = house().await;
    let idp = federate(&house);
    let form = form([APP, IDP], idp.sign(&said(""), Over::Assertion));
    let answer = sts(&house, "anonymous", &format!("{form}&Policy=nothing")).await;
    assert_eq!(answer.code.as_deref(), Some("MalformedPolicyDocument"));
    let none =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
    let answer = sts(&house, "anonymous", &format!("{form}&Policy={none}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    house.session("limited", &answer);
    assert!(probes(&house, "limited").await.is_err());
}

#[tokio::test]
async fn sessions_keep_who_vouched() {
    let house = house().await;
    let idp = federate(&house);
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"Federated":"{IDP}"}},"Action":{ASSUME}}}}}"#
    );
    for (key, value, allowed) in [
        ("saml:sub", "alice", true),
        ("saml:sub", "bob", false),
        ("saml:sub_type", "persistent", true),
        ("saml:namequalifier", QUALIFIER, true),
        ("saml:iss", ISSUER, false),
        ("aws:FederatedProvider", IDP, true),
    ] {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"kms:*","Resource":"*","Condition":{{"StringEquals":{{"{key}":"{value}"}}}}}}}}"#
        );
        house.identities.role(APP, &trust, &[&policy]);
        let answer = present(&house, &idp.sign(&said(""), Over::Both)).await;
        house.session("saml", &answer);
        assert_eq!(probes(&house, "saml").await.is_ok(), allowed, "{key}");
    }
}

#[tokio::test]
async fn the_record_names_who_was_vouched_for() {
    let house = house().await;
    let idp = federate(&house);
    let form = form([APP, IDP], idp.sign(&said(""), Over::Assertion));
    assert_eq!(sts(&house, "anonymous", &form).await.status, 200);
    assert_eq!(present(&house, "nothing").await.status, 400);
    let mut reader = house.pipeline.store().journal_reader(1);
    let mut events = Vec::new();
    while let Some(entry) = reader.next().expect("a journal in memory") {
        events.push(String::from_utf8(entry.payload).expect("text"));
    }
    let [good, bad] = events.as_slice() else {
        panic!("two events");
    };
    let assertion = form.split("SAMLAssertion=").nth(1).expect("an assertion");
    assert!(!good.contains(&assertion[..64]));
    let event: Value = serde_json::from_str(good).expect("JSON");
    let identity = &event["userIdentity"];
    assert_eq!(identity["type"], "SAMLUser");
    assert_eq!(identity["principalId"], format!("{QUALIFIER}:alice"));
    assert_eq!(identity["userName"], "alice");
    assert_eq!(identity["identityProvider"], QUALIFIER);
    assert_eq!(event["recipientAccountId"], ACCOUNT);
    assert_eq!(event["requestParameters"]["principalArn"], IDP);
    assert_eq!(event["responseElements"]["subject"], "alice");
    let event: Value = serde_json::from_str(bad).expect("JSON");
    assert_eq!(event["userIdentity"]["type"], "Unknown");
    assert_eq!(event["errorCode"], "InvalidIdentityTokenException");
}
