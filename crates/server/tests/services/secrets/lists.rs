//! ListSecrets and BatchGetSecretValue.

use platform::testing::Harness;
use serde_json::{Value, json};

use crate::secrets::house::{allowing, code, done, house, make, token};

async fn names(harness: &Harness, input: Value) -> Vec<String> {
    let (mut all, mut input) = (Vec::new(), input);
    loop {
        let page = done(harness, "root", "ListSecrets", input.clone()).await;
        let listed = page["SecretList"].as_array().expect("a list");
        let names = listed.iter().filter_map(|it| it["Name"].as_str());
        all.extend(names.map(str::to_owned));
        match page.get("NextToken") {
            Some(token) => input["NextToken"] = token.clone(),
            None => return all,
        }
    }
}

async fn filtered(harness: &Harness, key: &str, values: &[&str]) -> Vec<String> {
    names(
        harness,
        json!({ "Filters": [{ "Key": key, "Values": values }] }),
    )
    .await
}

#[tokio::test]
async fn pages_follow_the_order_of_creation() {
    let harness = house().await;
    let mut made = Vec::new();
    for number in 0..130 {
        let name = format!("s{:03}", (number * 37) % 130);
        done(&harness, "root", "CreateSecret", json!({ "Name": name })).await;
        made.push(name);
    }
    for name in ["s000", "s074"] {
        let input = json!({ "SecretId": name, "ForceDeleteWithoutRecovery": true });
        done(&harness, "root", "DeleteSecret", input).await;
        made.retain(|known| known != name);
    }
    assert_eq!(names(&harness, json!({})).await, made);
    assert_eq!(names(&harness, json!({ "MaxResults": 7 })).await, made);
    // Pages are full whatever filters leave out, but for the last one.
    let mut input = json!({
        "MaxResults": 7, "Filters": [{ "Key": "name", "Values": ["!s00", "!s05"] }],
    });
    let admitted = made.iter().filter(|name| {
        let left_out = ["s00", "s05"];
        !left_out.iter().any(|prefix| name.starts_with(prefix))
    });
    let admitted: Vec<String> = admitted.cloned().collect();
    assert_eq!(names(&harness, input.clone()).await, admitted);
    for page in admitted.chunks(7) {
        let answer = done(&harness, "root", "ListSecrets", input.clone()).await;
        let listed = answer["SecretList"].as_array().map(Vec::len);
        assert_eq!(listed, Some(page.len()));
        input["NextToken"] = answer["NextToken"].clone();
    }
    made.reverse();
    let input = json!({ "MaxResults": 7, "SortOrder": "desc" });
    assert_eq!(names(&harness, input).await, made);
    made.sort();
    for most in [1, 7, 100] {
        let input = json!({ "MaxResults": most, "SortBy": "name" });
        assert_eq!(names(&harness, input).await, made);
    }
    let input = json!({ "SortBy": "last-changed-date", "SortOrder": "desc" });
    assert_eq!(names(&harness, input).await.len(), 128);
    for token in ["x", "-1"] {
        let input = json!({ "NextToken": token });
        let code = code(&harness, "root", "ListSecrets", input).await;
        assert_eq!(code, "InvalidNextTokenException");
    }
}

#[tokio::test]
async fn filters_find_what_they_say() {
    let harness = house().await;
    for (name, description, key, value) in [
        ("prod/db", "The Database", "Env", "Production"),
        ("prod/api", "an API key", "Team", "db"),
        ("test/db", "the other one", "env", "Test"),
    ] {
        let input = json!({
            "Name": name, "Description": description, "Tags": [{ "Key": key, "Value": value }],
        });
        done(&harness, "root", "CreateSecret", input).await;
    }
    let (db, api, test) = ("prod/db", "prod/api", "test/db");
    for (key, values, expected) in [
        ("name", vec!["prod"], vec![db, api]),
        ("name", vec!["Prod"], vec![]),
        ("name", vec!["!prod"], vec![test]),
        ("name", vec!["prod", "!prod/api"], vec![db]),
        ("name", vec!["prod/db", "test"], vec![db, test]),
        ("description", vec!["THE"], vec![db, test]),
        ("description", vec!["database"], vec![]),
        ("tag-key", vec!["Env"], vec![db]),
        ("tag-value", vec!["Prod"], vec![db]),
        ("all", vec!["DB"], vec![db, api, test]),
        ("all", vec!["env db"], vec![db, test]),
        ("all", vec!["!api"], vec![db, test]),
        ("primary-region", vec!["eu-west"], vec![db, api, test]),
        ("owning-service", vec!["rds"], vec![]),
    ] {
        assert_eq!(
            filtered(&harness, key, &values).await,
            expected,
            "{key} {values:?}"
        );
    }
    let both = json!({ "Filters": [
        { "Key": "name", "Values": ["prod"] }, { "Key": "tag-key", "Values": ["Team"] },
    ] });
    assert_eq!(names(&harness, both).await, [api]);
    let input = json!({ "Filters": [{ "Key": "name" }] });
    let code = code(&harness, "root", "ListSecrets", input).await;
    assert_eq!(code, "InvalidParameterException");
}

#[tokio::test]
async fn a_batch_decides_about_each_secret() {
    let harness = house().await;
    let arn = make(&harness, "a/1", "one").await;
    make(&harness, "a/2", "two").await;
    make(&harness, "b", "three").await;
    let batch = allowing(&["secretsmanager:BatchGetSecretValue"], "*");
    let one = allowing(&["secretsmanager:GetSecretValue"], &arn);
    harness.user("one", &[&batch, &one]);
    let input = json!({ "SecretIdList": [arn, "a/2", "none"] });
    let got = done(&harness, "one", "BatchGetSecretValue", input.clone()).await;
    assert_eq!(got["SecretValues"][0]["SecretString"], "one");
    assert_eq!(got["SecretValues"].as_array().map(Vec::len), Some(1));
    assert_eq!(got["Errors"].as_array().map(Vec::len), Some(2));
    for error in got["Errors"].as_array().expect("errors") {
        assert_eq!(error["ErrorCode"], "AccessDeniedException");
    }
    let got = done(&harness, "root", "BatchGetSecretValue", input).await;
    assert_eq!(got["Errors"][0]["ErrorCode"], "ResourceNotFoundException");
    let by_filter = json!({
        "Filters": [{ "Key": "name", "Values": ["a/"] }], "MaxResults": 1,
    });
    // Filters need the permission to list.
    let denied = code(&harness, "one", "BatchGetSecretValue", by_filter.clone()).await;
    assert_eq!(denied, "AccessDeniedException");
    let mut input = by_filter;
    let first = done(&harness, "root", "BatchGetSecretValue", input.clone()).await;
    assert_eq!(first["SecretValues"][0]["SecretString"], "one");
    input["NextToken"] = first["NextToken"].clone();
    let second = done(&harness, "root", "BatchGetSecretValue", input).await;
    assert_eq!(second["SecretValues"][0]["VersionId"], token(0));
    assert_eq!(second["SecretValues"][0]["SecretString"], "two");
    for input in [json!({}), json!({ "SecretIdList": ["b"], "MaxResults": 1 })] {
        let code = code(&harness, "root", "BatchGetSecretValue", input).await;
        assert_eq!(code, "InvalidParameterException");
    }
}
