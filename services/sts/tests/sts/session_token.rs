//! `GetSessionToken`.

use platform::testing::{ACCOUNT, Device};

use crate::house::{ALLOW_ALL, allow, begin, code, device, house, probes, sts, user_arn};

const FORM: &str = "Action=GetSessionToken";

#[tokio::test]
async fn the_session_is_the_user_itself() {
    let house = house().await;
    house.user("alice", &[&allow("kms:*", "*")]);
    house.user(
        "bob",
        &[r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#],
    );
    let answer = begin(&house, "alice", "session", FORM).await;
    assert_eq!(answer.element("Expiration"), "2026-01-01T12:00:00Z");
    let identity = sts(&house, "session", "Action=GetCallerIdentity").await;
    assert_eq!(identity.element("Arn"), user_arn("alice"));
    assert!(identity.element("UserId").starts_with("AIDA"));
    assert!(probes(&house, "session").await.is_ok());
    assert_eq!(
        code(&house, "bob", FORM).await,
        None,
        "policies do not control authentication"
    );
}

#[tokio::test]
async fn root_users_get_an_hour() {
    let house = house().await;
    for (more, end) in [
        ("", "01:00:00"),
        ("&DurationSeconds=900", "00:15:00"),
        ("&DurationSeconds=129600", "01:00:00"),
    ] {
        let answer = sts(&house, "root", &format!("{FORM}{more}")).await;
        assert_eq!(answer.element("Expiration"), format!("2026-01-01T{end}Z"));
    }
    house.user("alice", &[]);
    let answer = sts(&house, "alice", &format!("{FORM}&DurationSeconds=129600")).await;
    assert_eq!(answer.element("Expiration"), "2026-01-02T12:00:00Z");
    let refused = code(&house, "alice", &format!("{FORM}&DurationSeconds=129601")).await;
    assert_eq!(refused.as_deref(), Some("ValidationError"));
}

#[tokio::test]
async fn a_second_factor_goes_with_the_session() {
    let house = house().await;
    let with = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"60"}}}}"#;
    house.user("alice", &[with]);
    house.identities.device(device("alice"));
    begin(&house, "alice", "plain", FORM).await;
    let form = format!("{FORM}&SerialNumber=arn:aws:iam::{ACCOUNT}:mfa/alice&TokenCode=123456");
    begin(&house, "alice", "proved", &form).await;
    assert!(probes(&house, "alice").await.is_err());
    assert!(probes(&house, "plain").await.is_err());
    assert!(probes(&house, "proved").await.is_ok());
    house.clock.advance(61);
    assert!(
        probes(&house, "proved").await.is_err(),
        "the second factor is too old"
    );
    let wrong = code(&house, "alice", &form.replace("123456", "111111")).await;
    assert_eq!(wrong.as_deref(), Some("AccessDenied"));
}

#[tokio::test]
async fn root_users_have_second_factors_too() {
    let house = house().await;
    house.identities.device(Device {
        owner: format!("arn:aws:iam::{ACCOUNT}:root"),
        serial: format!("arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"),
        code: "424242".to_owned(),
    });
    let form = format!(
        "{FORM}&SerialNumber=arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device&TokenCode=424242"
    );
    assert_eq!(code(&house, "root", &form).await, None);
}

/// STS API reference, GetSessionToken, "Permissions".
#[tokio::test]
async fn sec_s7_a_session_calls_nothing_of_sts_but_two_operations() {
    let house = house().await;
    house.user("alice", &[ALLOW_ALL]);
    begin(&house, "alice", "session", FORM).await;
    for operation in [
        "GetSessionToken",
        "GetFederationToken&Name=bob",
        "GetAccessKeyInfo&AccessKeyId=AKIAAAAAAAAAAAAAAAAA",
        "DecodeAuthorizationMessage&EncodedMessage=x",
    ] {
        let answer = sts(&house, "session", &format!("Action={operation}")).await;
        assert_eq!(
            answer.code.as_deref(),
            Some("AccessDenied"),
            "{operation}: {}",
            answer.text
        );
    }
    let answer = sts(&house, "session", FORM).await;
    assert!(
        answer
            .text
            .contains("Cannot call GetSessionToken with session credentials")
    );
}

#[tokio::test]
async fn tokens_can_be_asked_to_be_large() {
    let house = house().await;
    house.user("alice", &[]);
    let answer = begin(
        &house,
        "alice",
        "large",
        &format!("{FORM}&MinimumSessionTokenSize=4096"),
    )
    .await;
    let size: usize = answer
        .element("SessionTokenSize")
        .parse()
        .expect("a number");
    assert!((4096..4110).contains(&size), "{size}");
    assert_eq!(answer.element("SessionToken").len(), size);
    assert_eq!(answer.element("SessionTokenUtilization"), "25");
    assert_eq!(
        code(&house, "large", "Action=GetCallerIdentity").await,
        None
    );
    let refused = code(
        &house,
        "alice",
        &format!("{FORM}&MinimumSessionTokenSize=4097"),
    )
    .await;
    assert_eq!(refused.as_deref(), Some("ValidationError"));
}
