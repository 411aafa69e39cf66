//! `AssumeRole`: who may, and what comes of it.

use platform::testing::ACCOUNT;

use crate::house::{
    ALLOW_ALL, APP, ASSUME, OTHER, allow, assume, begin, code, device, house, probes, sts, trust,
    user_arn,
};

#[tokio::test]
async fn hands_out_credentials_of_the_role() {
    let house = house().await;
    house.user("alice", &[]);
    let trusting = trust(&user_arn("alice"), ASSUME, "");
    house.identities.role(APP, &trusting, &[ALLOW_ALL]);
    let answer = begin(&house, "alice", "app", &assume(APP, "")).await;
    let arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/app/s1");
    assert_eq!(answer.element("Arn"), arn);
    let id = answer.element("AssumedRoleId");
    assert_eq!(id, "AROA00000000000000001:s1");
    assert_eq!(answer.element("Expiration"), "2026-01-01T01:00:00Z");
    assert!(answer.element("AccessKeyId").starts_with("ASIA"));
    assert_eq!(answer.element("SecretAccessKey").len(), 40);
    let size = answer.element("SessionToken").len().to_string();
    assert_eq!(answer.element("SessionTokenSize"), size);
    assert!(!answer.text.contains("PackedPolicySize"));
    assert!(!answer.text.contains("SourceIdentity"));

    let identity = sts(&house, "app", "Action=GetCallerIdentity").await;
    assert_eq!(identity.element("Arn"), arn);
    assert_eq!(identity.element("UserId"), id);
    assert_eq!(identity.element("Account"), ACCOUNT);
    assert!(probes(&house, "app").await.is_ok());
    assert!(probes(&house, "alice").await.is_err());
}

/// In its own account a role that trusts the user is enough, one that trusts the account leaves it
/// to the user's policies; from another account both have to agree.
#[tokio::test]
async fn trust_and_identity_policies_agree_as_documented() {
    let house = house().await;
    house.user("alice", &[]);
    house.user("bob", &[&allow("sts:AssumeRole", APP)]);
    house.user(
        "eve",
        &[&allow("sts:AssumeRole", "arn:aws:iam::*:role/app")],
    );
    house.user_of(OTHER, "far", &[&allow("sts:AssumeRole", "*")]);
    house.user_of(OTHER, "idle", &[]);
    let form = assume(APP, "");
    let outcomes = async |principal: &str| {
        let trusting = trust(principal, ASSUME, "");
        house.identities.role(APP, &trusting, &[]);
        let mut allowed = Vec::new();
        for who in ["alice", "bob", "eve", "far", "idle"] {
            if code(&house, who, &form).await.is_none() {
                allowed.push(who);
            }
        }
        allowed
    };
    assert_eq!(outcomes(&user_arn("alice")).await, ["alice"]);
    assert_eq!(outcomes(ACCOUNT).await, ["bob"]);
    assert_eq!(outcomes(OTHER).await, ["far"]);
    let far = format!("arn:aws:iam::{OTHER}:user/far");
    assert_eq!(outcomes(&far).await, ["far"]);
    let idle = format!("arn:aws:iam::{OTHER}:user/idle");
    assert!(outcomes(&idle).await.is_empty());
    assert_eq!(outcomes("*").await, ["alice", "bob", "eve", "far"]);
}

#[tokio::test]
async fn a_role_that_is_not_there_refuses_like_any_other() {
    let house = house().await;
    house.user("bob", &[ALLOW_ALL]);
    let trusting = trust(OTHER, ASSUME, "");
    let far = format!("arn:aws:iam::{OTHER}:role/app");
    house.identities.role(&far, &trusting, &[]);
    house.identities.role(APP, &trusting, &[]);
    let absent = [
        format!("arn:aws:iam::{ACCOUNT}:role/none"),
        format!("arn:aws:iam::{OTHER}:role/none"),
        "arn:aws:iam::111122223333:role/app".to_owned(),
        user_arn("bob"),
        "arn:aws:s3:::no-role-at-all".to_owned(),
    ];
    for role in absent.iter().map(String::as_str).chain([far.as_str(), APP]) {
        let answer = sts(&house, "bob", &assume(&role.replace(' ', "+"), "")).await;
        let expected = format!(
            "User: {} is not authorized to perform: sts:AssumeRole on resource: {role}<",
            user_arn("bob")
        );
        assert_eq!(
            (answer.status, answer.code.as_deref()),
            (403, Some("AccessDenied"))
        );
        assert!(answer.text.contains(&expected), "{}", answer.text);
    }
}

#[tokio::test]
async fn what_is_no_arn_is_told_so() {
    let house = house().await;
    house.user("bob", &[ALLOW_ALL]);
    for arn in [
        "nothing-valid-in-here",
        "arn::b:::something/test-role",
        "arn:a::::something/test-role",
        "arn:a:::something/test-role",
        "arn:a:a::aaaaaaaaaa:",
    ] {
        let answer = sts(&house, "bob", &assume(arn, "")).await;
        assert_eq!(answer.code.as_deref(), Some("ValidationError"), "{arn}");
        let message = format!("<Message>{arn} is invalid</Message>");
        assert!(answer.text.contains(&message), "{}", answer.text);
    }
    let empty = sts(&house, "bob", &assume("", "")).await;
    let places: Vec<_> = ["pattern: ", "greater than or equal to 20"]
        .iter()
        .map(|text| empty.text.find(text))
        .collect();
    assert!(
        places[0].is_some() && places[0] < places[1],
        "{}",
        empty.text
    );
}

#[tokio::test]
async fn root_users_assume_no_role() {
    let house = house().await;
    house.identities.role(APP, &trust("*", ASSUME, ""), &[]);
    let answer = sts(&house, "root", &assume(APP, "")).await;
    assert_eq!(answer.code.as_deref(), Some("AccessDenied"));
    let message = "Roles may not be assumed by root accounts.";
    assert!(answer.text.contains(message), "{}", answer.text);
}

#[tokio::test]
async fn conditions_see_what_the_request_says() {
    let house = house().await;
    house.user("alice", &[]);
    let rows = [
        (
            r#"{"StringEquals":{"sts:ExternalId":"e-1"}}"#,
            "&ExternalId=e-1",
            "&ExternalId=e-2",
        ),
        (r#"{"StringLike":{"sts:RoleSessionName":"s?"}}"#, "", "zz9"),
        (
            r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#,
            "&SerialNumber=arn:aws:iam::111122223333:mfa/alice&TokenCode=123456",
            "",
        ),
        (
            r#"{"NumericLessThan":{"aws:MultiFactorAuthAge":"10"}}"#,
            "&SerialNumber=arn:aws:iam::111122223333:mfa/alice&TokenCode=123456",
            "",
        ),
        (
            r#"{"StringEquals":{"aws:ResourceTag/Stage":"prod"}}"#,
            "",
            "-",
        ),
        (
            r#"{"StringEquals":{"iam:ResourceTag/stage":"prod"}}"#,
            "",
            "-",
        ),
    ];
    house.identities.device(device("alice"));
    for (condition, good, bad) in rows {
        let trusting = trust(&user_arn("alice"), ASSUME, condition);
        let tag = |role: &mut platform::Role| {
            role.tags = vec![("Stage".to_owned(), "prod".to_owned())];
        };
        house.identities.role_with(APP, &trusting, &[], tag);
        assert_eq!(
            code(&house, "alice", &assume(APP, good)).await,
            None,
            "{condition}"
        );
        if bad == "-" {
            house.identities.role(APP, &trusting, &[]);
        }
        let form = match bad {
            "zz9" => assume(APP, "").replace("s1", "zz9"),
            "-" => assume(APP, good),
            more => assume(APP, more),
        };
        let refused = code(&house, "alice", &form).await;
        assert_eq!(refused.as_deref(), Some("AccessDenied"), "{condition}");
    }
}

#[tokio::test]
async fn a_second_factor_that_is_shown_must_hold() {
    let house = house().await;
    house.user("alice", &[]);
    house.user("bob", &[]);
    house.identities.device(device("bob"));
    house.identities.role(APP, &trust("*", ASSUME, ""), &[]);
    let bob = "&SerialNumber=arn:aws:iam::111122223333:mfa/bob";
    let rows = [
        ("bob", format!("{bob}&TokenCode=123456"), None),
        (
            "bob",
            format!("{bob}&TokenCode=654321"),
            Some("with invalid MFA one time pass code."),
        ),
        (
            "alice",
            format!("{bob}&TokenCode=123456"),
            Some("with invalid MFA one time pass code."),
        ),
        (
            "bob",
            bob.to_owned(),
            Some(", must provide both MFA serial number and one time pass code."),
        ),
        (
            "bob",
            "&TokenCode=123456".to_owned(),
            Some(", must provide both MFA serial number"),
        ),
    ];
    for (who, more, why) in rows {
        let answer = sts(&house, who, &assume(APP, &more)).await;
        match why {
            None => assert_eq!(answer.status, 200, "{}", answer.text),
            Some(why) => {
                assert_eq!(answer.code.as_deref(), Some("AccessDenied"));
                let separator = if why.starts_with(',') { "" } else { " " };
                let message = format!("MultiFactorAuthentication failed{separator}{why}");
                assert!(answer.text.contains(&message), "{}", answer.text);
            }
        }
    }
}

#[tokio::test]
async fn sessions_last_as_long_as_the_role_allows() {
    let house = house().await;
    house.user("alice", &[]);
    let long = |role: &mut platform::Role| role.max_session_seconds = 7200;
    house
        .identities
        .role_with(APP, &trust("*", ASSUME, ""), &[ALLOW_ALL], long);
    for (seconds, end) in [("900", "00:15:00"), ("7200", "02:00:00"), ("", "01:00:00")] {
        let more = if seconds.is_empty() {
            String::new()
        } else {
            format!("&DurationSeconds={seconds}")
        };
        let answer = sts(&house, "alice", &assume(APP, &more)).await;
        assert_eq!(answer.element("Expiration"), format!("2026-01-01T{end}Z"));
    }
    for (seconds, why) in [
        (
            "899",
            "at &apos;durationSeconds&apos; failed to satisfy constraint",
        ),
        (
            "43201",
            "at &apos;durationSeconds&apos; failed to satisfy constraint",
        ),
        (
            "7201",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ),
    ] {
        let answer = sts(
            &house,
            "alice",
            &assume(APP, &format!("&DurationSeconds={seconds}")),
        )
        .await;
        assert_eq!(answer.code.as_deref(), Some("ValidationError"), "{seconds}");
        let text = answer.text.replace('\'', "&apos;");
        assert!(text.contains(why), "{text}");
    }
}

#[tokio::test]
async fn context_assertions_of_others_are_refused() {
    let house = house().await;
    house.user("alice", &[]);
    house.identities.role(APP, &trust("*", ASSUME, ""), &[]);
    let more = "&ProvidedContexts.member.1.ProviderArn=arn:aws:iam::aws:contextProvider/IdentityCenter&ProvidedContexts.member.1.ContextAssertion=assertion";
    let answer = sts(&house, "alice", &assume(APP, more)).await;
    assert_eq!(
        answer.code.as_deref(),
        Some("ValidationError"),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn the_record_shows_who_assumed_what_and_no_secret() {
    let house = house().await;
    house.user("alice", &[]);
    house.identities.device(device("alice"));
    house.identities.role(APP, &trust("*", ASSUME, ""), &[]);
    let more = "&SerialNumber=arn:aws:iam::111122223333:mfa/alice&TokenCode=123456";
    let answer = sts(&house, "alice", &assume(APP, more)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let mut reader = house.pipeline.store().journal_reader(1);
    let mut last = None;
    while let Some(entry) = reader.next().expect("a journal in memory") {
        last = Some(String::from_utf8(entry.payload).expect("text"));
    }
    let text = last.expect("an event");
    let event: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(event["eventName"], "AssumeRole");
    assert_eq!(event["readOnly"], true);
    assert_eq!(event["requestParameters"]["roleArn"], APP);
    assert_eq!(event["resources"][0]["ARN"], APP);
    assert_eq!(event["resources"][0]["type"], "AWS::IAM::Role");
    let credentials = &event["responseElements"]["credentials"];
    assert_eq!(credentials["accessKeyId"], answer.element("AccessKeyId"));
    for hidden in ["SecretAccessKey", "SessionToken"] {
        assert!(!text.contains(&answer.element(hidden)), "{hidden}");
    }
    assert!(!text.contains("123456\""), "{text}");
}
