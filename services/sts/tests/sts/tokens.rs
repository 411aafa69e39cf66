//! Session tokens as they come over the wire, and access keys.

use platform::testing::{ACCOUNT, key_of, secret_of};

use crate::house::{ALLOW_ALL, APP, ASSUME, OTHER, allow, assume, begin, code, house, sts, trust};

const WHO: &str = "Action=GetCallerIdentity";

#[tokio::test]
async fn sec_s8_a_token_counts_with_its_own_key_until_its_end() {
    let house = house().await;
    house.user("alice", &[]);
    let one = begin(&house, "alice", "one", "Action=GetSessionToken").await;
    let two = begin(&house, "alice", "two", "Action=GetSessionToken").await;
    let of = |answer: &platform::testing::Answer, name: &str| answer.element(name);
    let (id, secret, token) = (
        of(&one, "AccessKeyId"),
        of(&one, "SecretAccessKey"),
        of(&one, "SessionToken"),
    );
    let other = of(&two, "SessionToken");
    let middle = token.len() / 2;
    let altered = format!(
        "{}{}{}",
        &token[..middle],
        if &token[middle..=middle] == "A" {
            "B"
        } else {
            "A"
        },
        &token[middle + 1..]
    );
    let cut = &token[..token.len() - 4];
    let (kept, kept_secret) = (key_of("alice"), secret_of(&key_of("alice")));
    for (name, credentials) in [
        ("altered", [id.as_str(), &secret, &altered]),
        ("swapped", [&id, &secret, &other]),
        ("cut", [&id, &secret, cut]),
        ("dropped", [&id, &secret, ""]),
        ("a kept key with a token", [&kept, &kept_secret, &token]),
    ] {
        house.forge("forged", credentials);
        let answer = sts(&house, "forged", WHO).await;
        assert_eq!(
            answer.code.as_deref(),
            Some("InvalidClientTokenId"),
            "{name}"
        );
        assert!(!answer.text.contains(ACCOUNT));
    }
    house.forge("wrong", [&id, &of(&two, "SecretAccessKey"), &token]);
    let wrong = code(&house, "wrong", WHO).await;
    assert_eq!(wrong.as_deref(), Some("SignatureDoesNotMatch"));

    house.clock.advance(43_199);
    assert_eq!(code(&house, "one", WHO).await, None);
    house.clock.advance(1);
    assert_eq!(
        code(&house, "one", WHO).await.as_deref(),
        Some("ExpiredToken")
    );
}

#[tokio::test]
async fn sec_i5_a_session_ends_with_its_role_and_not_with_the_name() {
    let house = house().await;
    house.user("alice", &[]);
    house
        .identities
        .role(APP, &trust("*", ASSUME, ""), &[ALLOW_ALL]);
    begin(&house, "alice", "app", &assume(APP, "")).await;
    assert_eq!(code(&house, "app", WHO).await, None);
    house.identities.remove_role(APP);
    let gone = code(&house, "app", WHO).await;
    assert_eq!(gone.as_deref(), Some("InvalidClientTokenId"));
    house
        .identities
        .role(APP, &trust("*", ASSUME, ""), &[ALLOW_ALL]);
    let recreated = code(&house, "app", WHO).await;
    assert_eq!(recreated.as_deref(), Some("InvalidClientTokenId"));
}

#[tokio::test]
async fn an_access_key_tells_its_account_to_who_may_ask() {
    let house = house().await;
    house.user("nobody", &[]);
    house.user("auditor", &[&allow("sts:GetAccessKeyInfo", "*")]);
    house.user_of(OTHER, "far", &[]);
    let session = begin(&house, "far", "session", "Action=GetSessionToken").await;
    let form = |id: &str| format!("Action=GetAccessKeyInfo&AccessKeyId={id}");
    for id in [key_of("far"), session.element("AccessKeyId")] {
        let answer = sts(&house, "auditor", &form(&id)).await;
        assert_eq!(answer.element("Account"), OTHER, "{}", answer.text);
        let refused = code(&house, "nobody", &form(&id)).await;
        assert_eq!(refused.as_deref(), Some("AccessDenied"));
    }
    for id in ["AKIAAAAAAAAAAAAAAAAA", "ASIAAAAAAAAAAAAAAAAA"] {
        let unknown = code(&house, "auditor", &form(id)).await;
        assert_eq!(unknown.as_deref(), Some("ValidationError"), "{id}");
        let refused = code(&house, "nobody", &form(id)).await;
        assert_eq!(refused.as_deref(), Some("AccessDenied"));
    }
}

#[tokio::test]
async fn the_region_is_that_of_the_scope() {
    let house = house().await;
    let kms = |region: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"sts:GetAccessKeyInfo","Resource":"*","Condition":{{"StringEquals":{{"aws:RequestedRegion":"{region}"}}}}}}}}"#
        )
    };
    house.user("east", &[&kms("us-east-1")]);
    house.user("west", &[&kms("eu-west-2")]);
    let form = format!("Action=GetAccessKeyInfo&AccessKeyId={}", key_of("east"));
    for (region, east, west) in [("us-east-1", 200, 403), ("eu-west-2", 403, 200)] {
        for (who, expected) in [("east", east), ("west", west)] {
            let request = platform::testing::form_request();
            let body = format!("{form}&Version=2011-06-15").into_bytes();
            let answer = house.send(region, who, request, body).await;
            assert_eq!(answer.status, expected, "{region} {who}: {}", answer.text);
        }
    }
}
