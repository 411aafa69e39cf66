//! `GetWebIdentityToken`: what the tokens say, and that the published keys verify them.

use crypto::jws::{Algorithm, PublicKey, Token};
use platform::testing::{ACCOUNT, Harness, START};
use serde_json::{Value, json};

use crate::house::{APP, ASSUME, allow, assume, begin, code, house, sts, trust, user_arn};

const ISSUER: &str = "https://11111111-2222-4333-8444-555555555555.tokens.sts.global.api.aws";

fn form(algorithm: &str, more: &str) -> String {
    format!(
        "Action=GetWebIdentityToken&Audience.member.1=api.example&SigningAlgorithm={algorithm}{more}"
    )
}

/// The claims of a token, once a published key verified it.
async fn verified(house: &Harness, text: &str) -> Option<Value> {
    let now = platform::Clock::now(&*house.clock);
    let set = service_sts::key_set(house.pipeline.store(), now).await;
    let set = set.unwrap_or_else(|_| panic!("a key set"));
    let set: Value = serde_json::from_str(&set).expect("JSON");
    let token = Token::parse(text).expect("a token");
    let header: Value = serde_json::from_slice(&token.header).expect("JSON");
    let mut keys = set["keys"].as_array().expect("keys").iter();
    let key = keys.find(|key| key["kid"] == header["kid"])?;
    let member = |name: &str| key[name].as_str().unwrap_or_default().to_owned();
    assert_eq!(key["alg"], header["alg"]);
    let public = match key["kty"].as_str() {
        Some("RSA") => PublicKey::rsa(&member("n"), &member("e")),
        _ => PublicKey::ec(&member("crv"), &member("x"), &member("y")),
    };
    let algorithm = Algorithm::parse(header["alg"].as_str()?)?;
    let holds = token.is_signed_by(algorithm, &public.expect("a key"));
    holds.then(|| serde_json::from_slice(&token.payload).expect("JSON"))
}

#[tokio::test]
async fn tells_who_calls_and_is_verified_by_the_published_keys() {
    let house = house().await;
    house.identities.issuer(ACCOUNT, ISSUER);
    house.user("alice", &[&allow("sts:*", "*")]);
    for algorithm in ["RS256", "ES384"] {
        let more = "&Tags.member.1.Key=aws:job&Tags.member.1.Value=7";
        let answer = sts(&house, "alice", &form(algorithm, more)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.element("Expiration"), "2026-01-01T00:05:00Z");
        let claims = verified(&house, &answer.element("WebIdentityToken")).await;
        let claims = claims.expect("a token that holds");
        let now = START.secs();
        assert_eq!(claims["iss"], ISSUER);
        assert_eq!(claims["sub"], user_arn("alice"));
        assert_eq!(claims["aud"], "api.example");
        assert_eq!(
            (&claims["iat"], &claims["exp"]),
            (&json!(now), &json!(now + 300))
        );
        assert!(claims["jti"].is_string());
        let about = &claims["https://sts.amazonaws.com/"];
        assert_eq!(about["aws_account"], ACCOUNT);
        assert_eq!(about["principal_id"], claims["sub"]);
        assert_eq!(about["original_session_exp"], Value::Null);
        assert_eq!(about["source_region"], "us-east-1");
        assert_eq!(about["request_tags"], json!({ "aws:job": "7" }));
    }
}

#[tokio::test]
async fn sessions_are_their_role_and_their_tokens_end_with_them() {
    let house = house().await;
    house.identities.issuer(ACCOUNT, ISSUER);
    house.user("alice", &[]);
    let tags = |role: &mut platform::Role| role.tags = vec![("team".to_owned(), "red".to_owned())];
    let policy = allow("sts:GetWebIdentityToken", "*");
    house
        .identities
        .role_with(APP, &trust("*", ASSUME, ""), &[&policy], tags);
    begin(&house, "alice", "app", &assume(APP, "&DurationSeconds=900")).await;
    let answer = sts(&house, "app", &form("ES384", "&DurationSeconds=900")).await;
    let claims = verified(&house, &answer.element("WebIdentityToken"))
        .await
        .expect("a token");
    assert_eq!(claims["sub"], APP);
    let about = &claims["https://sts.amazonaws.com/"];
    assert_eq!(about["principal_tags"], json!({ "team": "red" }));
    assert_eq!(about["principal_id"], APP);
    assert_eq!(about["original_session_exp"], "2026-01-01T00:15:00Z");
    let late = sts(&house, "app", &form("ES384", "&DurationSeconds=901")).await;
    let code = late.code.as_deref();
    assert_eq!(code, Some("SessionDurationEscalationException"));
    let message = "Requested token expiry time must be before the original session";
    assert!(late.text.contains(message), "{}", late.text);
}

#[tokio::test]
async fn needs_permission_and_an_account_that_enabled_it() {
    let house = house().await;
    let only = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:GetWebIdentityToken","Resource":"*","Condition":{"ForAllValues:StringEquals":{"sts:IdentityTokenAudience":"api.example"},"StringEquals":{"sts:SigningAlgorithm":"ES384"},"NumericLessThanEquals":{"sts:DurationSeconds":"300"}}}}"#;
    house.user("alice", &[only]);
    house.user("nobody", &[]);
    let disabled = sts(&house, "alice", &form("ES384", "")).await;
    assert_eq!(
        disabled.code.as_deref(),
        Some("OutboundWebIdentityFederationDisabledException")
    );
    let message = "<Message>OutboundWebIdentityFederation is disabled.</Message>";
    assert!(disabled.text.contains(message), "{}", disabled.text);
    let refused = code(&house, "nobody", &form("ES384", "")).await;
    assert_eq!(
        refused.as_deref(),
        Some("AccessDenied"),
        "and learns nothing"
    );
    house.identities.issuer(ACCOUNT, ISSUER);
    assert_eq!(code(&house, "alice", &form("ES384", "")).await, None);
    for (algorithm, more, expected) in [
        ("RS256", "", "AccessDenied"),
        ("ES384", "&DurationSeconds=301", "AccessDenied"),
        ("ES384", "&Audience.member.2=other", "AccessDenied"),
        (
            "ES384",
            "&Tags.member.1.Key=a&Tags.member.1.Value=b",
            "AccessDenied",
        ),
        ("HS256", "", "ValidationError"),
        (
            "ES384",
            "&Tags.member.1.Key=a&Tags.member.1.Value=1&Tags.member.2.Key=A&Tags.member.2.Value=2",
            "InvalidParameterValue",
        ),
        ("ES384", "&DurationSeconds=59", "ValidationError"),
        ("ES384", "&DurationSeconds=3601", "ValidationError"),
    ] {
        let refused = code(&house, "alice", &form(algorithm, more)).await;
        assert_eq!(refused.as_deref(), Some(expected), "{algorithm} {more}");
    }
}

#[tokio::test]
async fn keys_are_rotated_and_outlive_their_tokens() {
    const DAY: i64 = 24 * 3600;
    let house = house().await;
    house.identities.issuer(ACCOUNT, ISSUER);
    house.user("alice", &[&allow("sts:*", "*")]);
    let mut tokens = Vec::new();
    for days in [0, 89, 1] {
        house.clock.advance(days * DAY);
        let answer = sts(&house, "alice", &form("ES384", "")).await;
        tokens.push(answer.element("WebIdentityToken"));
    }
    let kid = |token: &str| {
        let token = Token::parse(token).expect("a token");
        let header: Value = serde_json::from_slice(&token.header).expect("JSON");
        header["kid"].as_str().expect("a kid").to_owned()
    };
    assert_eq!(kid(&tokens[0]), kid(&tokens[1]));
    assert_ne!(kid(&tokens[1]), kid(&tokens[2]));
    assert!(verified(&house, &tokens[1]).await.is_some());
    house.clock.advance(DAY);
    assert!(
        verified(&house, &tokens[1]).await.is_none(),
        "no longer published"
    );
    assert!(verified(&house, &tokens[2]).await.is_some());
}
