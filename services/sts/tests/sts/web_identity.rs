//! `AssumeRoleWithWebIdentity`: tokens of issuers that tests make up, signed with their own keys.

use crypto::jws::SigningKey;
use platform::OidcProvider;
use platform::testing::{ACCOUNT, Answer, Harness, START};
use serde_json::{Value, json};

use crate::house::{ALLOW_ALL, APP, OTHER, house, probes, sts};

const GITHUB: &str = "token.actions.githubusercontent.com";
const EKS: &str = "oidc.eks.eu-west-2.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE";

/// An issuer with two keys.
struct Issuer {
    host: &'static str,
    rsa: SigningKey,
    ec: SigningKey,
}

impl Issuer {
    /// An issuer that `house` knows as a provider for the client `sts.amazonaws.com`.
    fn known(house: &Harness, host: &'static str) -> Self {
        let issuer = Self {
            host,
            rsa: SigningKey::generate_rsa().unwrap_or_else(|_| panic!("a key")),
            ec: SigningKey::generate_p384().unwrap_or_else(|_| panic!("a key")),
        };
        house.identities.oidc(OidcProvider {
            arn: issuer.arn(),
            url: issuer.url(),
            client_ids: vec!["sts.amazonaws.com".to_owned(), "other".to_owned()],
            thumbprints: Vec::new(),
        });
        let keys = [
            issuer.jwk("rsa-1", &issuer.rsa),
            issuer.jwk("ec-1", &issuer.ec),
        ];
        let set = json!({ "keys": keys }).to_string();
        house.identities.key_set(&issuer.url(), &set);
        issuer
    }

    fn url(&self) -> String {
        format!("https://{}", self.host)
    }

    fn arn(&self) -> String {
        format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{}", self.host)
    }

    fn jwk(&self, kid: &str, key: &SigningKey) -> Value {
        let members = key.public().unwrap_or_else(|_| panic!("members"));
        let mut jwk = json!({ "kid": kid, "use": "sig" });
        for (name, value) in members {
            jwk[name] = value.into();
        }
        jwk
    }

    /// The claims of a token that holds, with `more`.
    fn claims(&self, subject: &str, more: Value) -> Value {
        let now = START.secs();
        let mut claims = json!({
            "iss": self.url(), "sub": subject, "aud": "sts.amazonaws.com",
            "iat": now, "nbf": now, "exp": now + 600,
        });
        if let Value::Object(more) = more {
            for (name, value) in more {
                claims[name] = value;
            }
        }
        claims
    }

    fn token(&self, claims: &Value) -> String {
        sign(
            &self.rsa,
            &json!({ "alg": "RS256", "kid": "rsa-1" }),
            claims,
        )
    }
}

fn sign(key: &SigningKey, header: &Value, claims: &Value) -> String {
    let (header, claims) = (header.to_string(), claims.to_string());
    let signed = key.sign(header.as_bytes(), claims.as_bytes());
    signed.unwrap_or_else(|_| panic!("a token"))
}

/// Makes the role that trusts `provider` for `actions`, under `condition`.
fn trusting(house: &Harness, provider: &str, actions: &str, condition: &str) {
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"Federated":"{provider}"}},"Action":{actions},"Condition":{condition}}}}}"#
    );
    house.identities.role(APP, &trust, &[ALLOW_ALL]);
}

const ASSUME: &str = r#""sts:AssumeRoleWithWebIdentity""#;
const ALL: &str = r#"["sts:AssumeRoleWithWebIdentity","sts:TagSession","sts:SetSourceIdentity"]"#;

fn form(role: &str, token: &str) -> String {
    format!(
        "Action=AssumeRoleWithWebIdentity&RoleArn={role}&RoleSessionName=s1&WebIdentityToken={token}"
    )
}

async fn assume(house: &Harness, token: &str) -> Answer {
    sts(house, "anonymous", &form(APP, token)).await
}

async fn refused(house: &Harness, token: &str, code: &str, text: &str) {
    let answer = assume(house, token).await;
    assert_eq!(answer.code.as_deref(), Some(code), "{}", answer.text);
    assert!(
        answer.text.replace("&apos;", "'").contains(text),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn github_and_eks_subjects_assume_the_roles_that_trust_them() {
    for (host, subject, condition) in [
        (
            GITHUB,
            "repo:octo/app:ref:refs/heads/main",
            r#"{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"},"StringLike":{"token.actions.githubusercontent.com:sub":"repo:octo/app:*"}}"#,
        ),
        (
            EKS,
            "system:serviceaccount:prod:web",
            r#"{"StringEquals":{"oidc.eks.eu-west-2.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE:sub":"system:serviceaccount:prod:web"}}"#,
        ),
    ] {
        let house = house().await;
        let issuer = Issuer::known(&house, host);
        trusting(&house, &issuer.arn(), ASSUME, condition);
        let answer = assume(&house, &issuer.token(&issuer.claims(subject, json!({})))).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.element("SubjectFromWebIdentityToken"), subject);
        assert_eq!(answer.element("Provider"), issuer.url());
        assert_eq!(answer.element("Audience"), "sts.amazonaws.com");
        let arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/app/s1");
        assert_eq!(answer.element("Arn"), arn);
        house.session("web", &answer);
        let identity = sts(&house, "web", "Action=GetCallerIdentity").await;
        assert_eq!(identity.element("Arn"), arn);
        assert!(probes(&house, "web").await.is_ok());

        let other = issuer.token(&issuer.claims("repo:evil/app:ref:refs/heads/main", json!({})));
        refused(
            &house,
            &other,
            "AccessDenied",
            "Not authorized to perform sts:AssumeRoleWithWebIdentity",
        )
        .await;
    }
}

#[tokio::test]
async fn both_kinds_of_keys_sign() {
    let house = house().await;
    let issuer = Issuer::known(&house, EKS);
    trusting(&house, &issuer.arn(), ASSUME, "{}");
    let claims = issuer.claims("sub", json!({}));
    for header in [
        json!({ "alg": "ES384", "kid": "ec-1" }),
        json!({ "alg": "ES384" }),
    ] {
        let answer = assume(&house, &sign(&issuer.ec, &header, &claims)).await;
        assert_eq!(answer.status, 200, "{header} {}", answer.text);
    }
}

#[tokio::test]
async fn no_token_is_believed_whose_signature_does_not_hold() {
    let house = house().await;
    let issuer = Issuer::known(&house, EKS);
    trusting(&house, &issuer.arn(), ASSUME, "{}");
    let claims = issuer.claims("sub", json!({}));
    let good = issuer.token(&claims);
    assert_eq!(assume(&house, &good).await.status, 200);

    let thief = SigningKey::generate_rsa().unwrap_or_else(|_| panic!("a key"));
    let header = json!({ "alg": "RS256", "kid": "rsa-1" });
    let parts: Vec<&str> = good.split('.').collect();
    let none = sign(&thief, &json!({ "alg": "none" }), &claims);
    let none_parts: Vec<&str> = none.split('.').collect();
    let other_claims = issuer.token(&issuer.claims("somebody else", json!({})));
    let other_parts: Vec<&str> = other_claims.split('.').collect();
    for token in [
        sign(&thief, &header, &claims),
        sign(
            &thief,
            &json!({ "alg": "RS256", "kid": "unknown" }),
            &claims,
        ),
        sign(
            &thief,
            &json!({ "alg": "RS256", "kid": "rsa-1", "jwk": issuer.jwk("x", &thief), "jku": "https://evil.example" }),
            &claims,
        ),
        sign(&issuer.ec, &header, &claims),
        sign(
            &issuer.rsa,
            &json!({ "alg": "RS256", "kid": "ec-1" }),
            &claims,
        ),
        sign(
            &issuer.rsa,
            &json!({ "alg": "HS256", "kid": "rsa-1" }),
            &claims,
        ),
        sign(
            &issuer.rsa,
            &json!({ "alg": "RS256", "kid": "rsa-1", "crit": ["b64"], "b64": false }),
            &claims,
        ),
        format!("{}.{}.", none_parts[0], none_parts[1]),
        none.clone(),
        format!("{}.{}.{}", parts[0], other_parts[1], parts[2]),
        format!("{}.{}", parts[0], parts[1]),
        "nothing".to_owned(),
    ] {
        refused(&house, &token, "InvalidIdentityToken", "").await;
    }
}

#[tokio::test]
async fn claims_must_hold() {
    let house = house().await;
    let issuer = Issuer::known(&house, EKS);
    trusting(&house, &issuer.arn(), ASSUME, "{}");
    let now = START.secs();
    let expired = format!(
        "Token expired: current date/time {now} must be before the expiration date/time{now}"
    );
    for (more, code, text) in [
        (
            json!({ "exp": now }),
            "ExpiredTokenException",
            expired.as_str(),
        ),
        (json!({ "exp": null }), "InvalidIdentityToken", "exp"),
        (
            json!({ "exp": "9999999999" }),
            "InvalidIdentityToken",
            "exp",
        ),
        (json!({ "iat": now + 301 }), "InvalidIdentityToken", ""),
        (json!({ "nbf": now + 301 }), "InvalidIdentityToken", ""),
        (
            json!({ "aud": "somebody" }),
            "InvalidIdentityToken",
            "Incorrect token audience",
        ),
        (json!({ "aud": [] }), "InvalidIdentityToken", "aud"),
        (
            json!({ "azp": "somebody" }),
            "InvalidIdentityToken",
            "Incorrect token audience",
        ),
        (
            json!({ "sub": "" }),
            "InvalidIdentityToken",
            "Missing a required claim: sub",
        ),
        (
            json!({ "iss": "https://nowhere.example" }),
            "InvalidIdentityToken",
            "No OpenIDConnect provider found in your account for https://nowhere.example",
        ),
        (
            json!({ "iss": EKS }),
            "InvalidIdentityToken",
            "Issuer must be a valid URL",
        ),
        (
            json!({ "https://aws.amazon.com/source_identity": "aws:x" }),
            "IDPRejectedClaim",
            "",
        ),
    ] {
        let token = issuer.token(&issuer.claims("sub", more));
        refused(&house, &token, code, text).await;
    }
    let answer = assume(
        &house,
        &issuer.token(&issuer.claims("sub", json!({ "aud": ["x", "other"] }))),
    )
    .await;
    assert_eq!(answer.element("Audience"), "other");
}

#[tokio::test]
async fn keys_and_providers_are_those_of_the_account() {
    let house = house().await;
    let issuer = Issuer::known(&house, EKS);
    trusting(&house, &issuer.arn(), ASSUME, "{}");
    let token = issuer.token(&issuer.claims("sub", json!({})));
    let far = sts(
        &house,
        "anonymous",
        &form(&format!("arn:aws:iam::{OTHER}:role/app"), &token),
    )
    .await;
    assert!(
        far.text
            .contains("No OpenIDConnect provider found in your account"),
        "{}",
        far.text
    );
    for role in [
        "arn:aws:iam::111122223333:role/none",
        "arn:aws:iam::111122223333:role/app",
    ] {
        let absent = sts(&house, "anonymous", &form(role, &token)).await;
        assert_eq!(absent.code.as_deref(), Some("AccessDenied"));
        assert!(
            absent
                .text
                .contains("Not authorized to perform sts:AssumeRoleWithWebIdentity<"),
            "{}",
            absent.text
        );
    }
    let other = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/other.example");
    trusting(&house, &other, ASSUME, "{}");
    refused(&house, &token, "AccessDenied", "Not authorized").await;

    house.identities.key_set(&issuer.url(), "{}");
    refused(
        &house,
        &token,
        "InvalidIdentityToken",
        "Couldn't retrieve verification key",
    )
    .await;
    house.identities.oidc(OidcProvider {
        arn: format!("arn:aws:iam::{ACCOUNT}:oidc-provider/silent.example"),
        url: "https://silent.example".to_owned(),
        client_ids: Vec::new(),
        thumbprints: Vec::new(),
    });
    let silent = issuer.token(&issuer.claims("sub", json!({ "iss": "https://silent.example" })));
    refused(&house, &silent, "IDPCommunicationError", "").await;
}

#[tokio::test]
async fn tags_and_source_identities_come_from_the_token() {
    let house = house().await;
    let issuer = Issuer::known(&house, EKS);
    let condition =
        r#"{"StringEquals":{"aws:RequestTag/team":"red","sts:SourceIdentity":"alice"}}"#;
    trusting(&house, &issuer.arn(), ALL, condition);
    let nested = json!({
        "https://aws.amazon.com/tags": { "principal_tags": { "Team": ["red"] }, "transitive_tag_keys": ["Team"] },
        "https://aws.amazon.com/source_identity": "alice",
    });
    let flat = json!({
        "https://aws.amazon.com/tags/principal_tags/Team": "red",
        "https://aws.amazon.com/tags/transitive_tag_keys": ["Team"],
        "https://aws.amazon.com/source_identity": "alice",
    });
    for more in [nested.clone(), flat] {
        let answer = assume(&house, &issuer.token(&issuer.claims("sub", more))).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.element("SourceIdentity"), "alice");
        assert!(!answer.element("PackedPolicySize").is_empty());
    }
    trusting(&house, &issuer.arn(), ASSUME, "{}");
    let token = issuer.token(&issuer.claims("sub", nested));
    refused(
        &house,
        &token,
        "AccessDenied",
        "Not authorized to perform sts:TagSession",
    )
    .await;
}

#[tokio::test]
async fn sessions_keep_who_vouched() {
    let house = house().await;
    let issuer = Issuer::known(&house, EKS);
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"kms:*","Resource":"*","Condition":{{"StringEquals":{{"aws:FederatedProvider":"{}","{EKS}:sub":"sub-1"}}}}}}}}"#,
        issuer.arn()
    );
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"Federated":"{}"}},"Action":{ASSUME}}}}}"#,
        issuer.arn()
    );
    house.identities.role(APP, &trust, &[&policy]);
    for (subject, allowed) in [("sub-1", true), ("sub-2", false)] {
        let answer = assume(&house, &issuer.token(&issuer.claims(subject, json!({})))).await;
        house.session("web", &answer);
        assert_eq!(probes(&house, "web").await.is_ok(), allowed, "{subject}");
    }
}

#[tokio::test]
async fn the_record_names_who_was_vouched_for() {
    let house = house().await;
    let issuer = Issuer::known(&house, EKS);
    trusting(&house, &issuer.arn(), ASSUME, "{}");
    let token = issuer.token(&issuer.claims("sub-1", json!({})));
    let begun = assume(&house, &token).await;
    assert_eq!(begun.status, 200);
    assert_eq!(assume(&house, "nothing").await.status, 400);
    house.session("web", &begun);
    house.query("web", "sts", "Action=GetCallerIdentity").await;
    let mut reader = house.pipeline.store().journal_reader(1);
    let mut events = Vec::new();
    while let Some(entry) = reader.next().expect("a journal in memory") {
        events.push(String::from_utf8(entry.payload).expect("text"));
    }
    let [good, bad, session] = events.as_slice() else {
        panic!("three events");
    };
    assert!(!good.contains(&token));
    let event: Value = serde_json::from_str(good).expect("JSON");
    assert_eq!(event["userIdentity"]["type"], "WebIdentityUser");
    assert_eq!(event["userIdentity"]["identityProvider"], issuer.arn());
    assert_eq!(event["userIdentity"]["userName"], "sub-1");
    assert_eq!(event["recipientAccountId"], ACCOUNT);
    assert_eq!(
        event["responseElements"]["subjectFromWebIdentityToken"],
        "sub-1"
    );
    let event: Value = serde_json::from_str(bad).expect("JSON");
    assert_eq!(event["userIdentity"]["type"], "Unknown");
    assert_eq!(event["errorCode"], "InvalidIdentityTokenException");
    let event: Value = serde_json::from_str(session).expect("JSON");
    assert_eq!(event["userIdentity"]["type"], "AssumedRole");
    let vouched = json!({ "federatedProvider": issuer.arn(), "attributes": {} });
    let context = &event["userIdentity"]["sessionContext"];
    assert_eq!(context["webIdFederationData"], vouched);
}

/// All other operations want a signature, and a signature that is there must hold.
#[tokio::test]
async fn sec_s3_only_what_carries_no_signature_goes_without() {
    let house = house().await;
    let issuer = Issuer::known(&house, EKS);
    trusting(&house, &issuer.arn(), ASSUME, "{}");
    let token = issuer.token(&issuer.claims("sub-1", json!({})));
    let plain = sts(&house, "anonymous", "Action=GetSessionToken").await;
    assert_eq!(plain.code.as_deref(), Some("MissingAuthenticationToken"));
    house.user("alice", &[]);
    assert_eq!(sts(&house, "alice", &form(APP, &token)).await.status, 200);
    house.forge("forger", [&platform::testing::key_of("alice"), "wrong", ""]);
    let forged = sts(&house, "forger", &form(APP, &token)).await;
    assert_eq!(forged.code.as_deref(), Some("SignatureDoesNotMatch"));
    let limited = sts(
        &house,
        "anonymous",
        &(form(APP, &token) + "&DurationSeconds=3601"),
    )
    .await;
    assert!(
        limited.text.contains("exceeds the MaxSessionDuration"),
        "{}",
        limited.text
    );
}
