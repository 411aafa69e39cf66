//! Who may do what.

use platform::Clock as _;
use serde_json::{Value, json};

use crate::secrets::house::{OWN, allowing, code, done, get, house, make, put, refused, token};

fn under(action: &str, condition: Value) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition,
        }],
    })
    .to_string()
}

#[tokio::test]
async fn secrets_are_found_by_name_and_arn() {
    let harness = house().await;
    let arn = make(&harness, "app/db", "v0").await;
    let partial = arn.get(..arn.len() - 7).expect("an ARN").to_owned();
    assert_eq!(arn.rsplit('-').next().map(str::len), Some(6));
    for id in ["app/db", &arn, &partial] {
        assert_eq!(get(&harness, "root", id).await, "v0");
    }
    make(&harness, "my-secret", "v0").await;
    // It ends like a whole ARN of another secret.
    let like = format!("arn:aws:secretsmanager:eu-west-2:{OWN}:secret:my-secret");
    for id in [
        like,
        format!("{partial}-AAAAAA"),
        arn.replace("eu-west-2", "eu-west-1"),
    ] {
        let code = code(
            &harness,
            "root",
            "GetSecretValue",
            json!({ "SecretId": id }),
        )
        .await;
        assert_eq!(code, "ResourceNotFoundException", "{id}");
    }
    let (code, text) = refused(&harness, "root", "CreateSecret", json!({ "Name": "a b" })).await;
    assert_eq!(code, "ValidationException");
    assert!(
        text.starts_with("Invalid name. Must be a valid name"),
        "{text}"
    );
}

#[tokio::test]
async fn whoever_may_not_look_does_not_learn_what_there_is() {
    let harness = house().await;
    make(&harness, "known", "v0").await;
    harness.user("nobody", &[]);
    let mut texts = Vec::new();
    for name in ["known", "other"] {
        let input = json!({ "SecretId": name });
        let (code, text) = refused(&harness, "nobody", "GetSecretValue", input).await;
        assert_eq!(code, "AccessDeniedException");
        texts.push(text.replace(name, "NAME"));
    }
    assert_eq!(texts[0], texts[1]);
    let prefix = format!("arn:aws:secretsmanager:eu-west-2:{OWN}:secret:kn*");
    harness.user(
        "prefix",
        &[&allowing(&["secretsmanager:GetSecretValue"], &prefix)],
    );
    let denied = json!({ "SecretId": "other" });
    assert_eq!(
        code(&harness, "prefix", "GetSecretValue", denied).await,
        "AccessDeniedException"
    );
    let absent = json!({ "SecretId": "kn" });
    let absent = code(&harness, "prefix", "GetSecretValue", absent).await;
    assert_eq!(absent, "ResourceNotFoundException");
}

#[tokio::test]
async fn conditions_say_what_a_request_says() {
    let harness = house().await;
    let tagged = json!({
        "Name": "tagged", "SecretString": "v0", "ClientRequestToken": token(0),
        "Tags": [{ "Key": "Team", "Value": "red" }],
    });
    let made = done(&harness, "root", "CreateSecret", tagged).await;
    make(&harness, "plain", "v0").await;
    put(&harness, "tagged", 1, "v1").await;
    let kms = allowing(&["kms:*"], "*");
    let equals = |key: &str, value: &Value| json!({ "StringEquals": { key: value } });
    let reading = "secretsmanager:GetSecretValue";
    let current = json!({ "SecretId": "tagged" });
    let previous = json!({ "SecretId": "tagged", "VersionStage": "AWSPREVIOUS" });
    let first = json!({ "SecretId": "tagged", "VersionId": token(0) });
    let plain = json!({ "SecretId": "plain" });
    for (at, (key, value, allowed, denied)) in [
        (
            "secretsmanager:VersionStage",
            json!("AWSCURRENT"),
            &current,
            &previous,
        ),
        (
            "secretsmanager:VersionId",
            json!(token(0)),
            &first,
            &current,
        ),
        (
            "secretsmanager:ResourceTag/Team",
            json!("red"),
            &current,
            &plain,
        ),
        ("aws:ResourceTag/Team", json!("red"), &current, &plain),
        (
            "secretsmanager:SecretId",
            made["ARN"].clone(),
            &current,
            &plain,
        ),
        (
            "secretsmanager:SecretPrimaryRegion",
            json!("eu-west-2"),
            &current,
            &json!({
                "SecretId": "arn:aws:secretsmanager:eu-west-2:444455556666:secret:a-AbCdEf",
            }),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let who = format!("reader{at}");
        harness.user(&who, &[&kms, &under(reading, equals(key, &value))]);
        done(&harness, &who, "GetSecretValue", allowed.clone()).await;
        let code = code(&harness, &who, "GetSecretValue", denied.clone()).await;
        assert_eq!(code, "AccessDeniedException", "{key}");
    }
    let named = under(
        "secretsmanager:CreateSecret",
        equals("secretsmanager:Name", &json!("n")),
    );
    harness.user("maker", &[&named]);
    done(&harness, "maker", "CreateSecret", json!({ "Name": "n" })).await;
    let other = code(&harness, "maker", "CreateSecret", json!({ "Name": "m" })).await;
    assert_eq!(other, "AccessDeniedException");
    let blocked = json!({ "Bool": { "secretsmanager:BlockPublicPolicy": "true" } });
    harness.user(
        "blocker",
        &[&under("secretsmanager:PutResourcePolicy", blocked)],
    );
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Principal": { "AWS": OWN },
            "Action": "secretsmanager:GetSecretValue", "Resource": "*" }],
    });
    let mut input = json!({ "SecretId": "plain", "ResourcePolicy": policy.to_string() });
    let without = code(&harness, "blocker", "PutResourcePolicy", input.clone()).await;
    assert_eq!(without, "AccessDeniedException");
    input["BlockPublicPolicy"] = json!(true);
    done(&harness, "blocker", "PutResourcePolicy", input).await;
}

#[tokio::test]
async fn tags_are_set_and_taken_away_but_not_ones_own_permission() {
    let harness = house().await;
    make(&harness, "s", "v0").await;
    let tag = |key: &str, value: &str| json!({ "SecretId": "s", "Tags": [{ "Key": key, "Value": value }] });
    done(&harness, "root", "TagResource", tag("Team", "red")).await;
    let own = json!({ "StringEquals": { "aws:ResourceTag/Team": "red" } });
    harness.user("red", &[&under("secretsmanager:*", own)]);
    done(&harness, "red", "TagResource", tag("a", "b")).await;
    for (operation, input) in [
        ("TagResource", tag("Team", "blue")),
        (
            "UntagResource",
            json!({ "SecretId": "s", "TagKeys": ["Team"] }),
        ),
    ] {
        let code = code(&harness, "red", operation, input).await;
        assert_eq!(code, "AccessDeniedException", "{operation}");
    }
    let untag = json!({ "SecretId": "s", "TagKeys": ["a"] });
    done(&harness, "red", "UntagResource", untag).await;
    let described = done(
        &harness,
        "red",
        "DescribeSecret",
        json!({ "SecretId": "s" }),
    )
    .await;
    assert_eq!(
        described["Tags"],
        json!([{ "Key": "Team", "Value": "red" }])
    );
    let code = code(&harness, "root", "TagResource", tag("AWS:x", "y")).await;
    assert_eq!(code, "InvalidParameterException");
}

#[tokio::test]
async fn the_last_access_is_told_to_the_day() {
    let harness = house().await;
    make(&harness, "s", "v0").await;
    let id = json!({ "SecretId": "s" });
    let before = done(&harness, "root", "DescribeSecret", id.clone()).await;
    assert!(before.get("LastAccessedDate").is_none());
    get(&harness, "root", "s").await;
    let after = done(&harness, "root", "DescribeSecret", id).await;
    let day = harness.clock.now().millis / 86_400_000 * 86_400;
    assert_eq!(after["LastAccessedDate"].as_i64(), Some(day));
}
