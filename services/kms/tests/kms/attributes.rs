//! Permissions that follow tags and aliases: the names of condition keys distinguish no case,
//! values do, and a key has many aliases or none ("ABAC for AWS KMS").

use crate::house::{Kms, Value, arn, json, statement, text};

/// A key of root's with a tag and aliases; its id.
async fn key(kms: &Kms, aliases: &[&str]) -> String {
    let tags = json!([{ "TagKey": "Team", "TagValue": "Blue" }]);
    let made = kms.ok("root", "CreateKey", json!({ "Tags": tags })).await;
    let id = text(&made["KeyMetadata"]["KeyId"]);
    for name in aliases {
        let input = json!({ "AliasName": name, "TargetKeyId": id });
        kms.ok("root", "CreateAlias", input).await;
    }
    id
}

/// Whether a user may describe the key under `name` when a condition has to hold.
async fn is_allowed(kms: &Kms, name: &str, condition: &Value) -> bool {
    let policy = statement(&json!({
        "Effect": "Allow", "Action": "kms:DescribeKey", "Resource": "*", "Condition": condition,
    }));
    kms.harness.user("user", &[&policy]);
    let answer = kms
        .call("user", "DescribeKey", json!({ "KeyId": name }))
        .await;
    let code = answer.code.as_deref();
    assert!(code.is_none() || code == Some("AccessDeniedException"));
    code.is_none()
}

#[tokio::test]
async fn names_of_condition_keys_have_no_case_and_values_do() {
    let kms = Kms::new().await;
    let id = key(&kms, &["alias/App"]).await;
    for (name, condition, expected) in [
        (&*id, json!({ "aws:ResourceTag/Team": "Blue" }), true),
        (&id, json!({ "aws:resourcetag/TEAM": "Blue" }), true),
        (&id, json!({ "aws:ResourceTag/Team": "blue" }), false),
        (&id, json!({ "aws:ResourceTag/Teams": "Blue" }), false),
        (
            "alias/App",
            json!({ "kms:RequestAlias": "alias/App" }),
            true,
        ),
        (
            "alias/App",
            json!({ "KMS:requestalias": "alias/App" }),
            true,
        ),
        (
            "alias/App",
            json!({ "kms:RequestAlias": "alias/app" }),
            false,
        ),
        ("alias/App", json!({ "kms:RequestAlias": "App" }), false),
    ] {
        let condition = json!({ "StringEquals": condition });
        let allowed = is_allowed(&kms, name, &condition).await;
        assert_eq!(allowed, expected, "{name} {condition}");
    }
    let ignoring = json!({ "StringEqualsIgnoreCase": { "kms:RequestAlias": "ALIAS/APP" } });
    assert!(is_allowed(&kms, "alias/App", &ignoring).await);
    // The alias ARN names the same alias as its name.
    let by_arn = arn("x").replace("key/x", "alias/App");
    let condition = json!({ "StringEquals": { "kms:RequestAlias": "alias/App" } });
    assert!(is_allowed(&kms, &by_arn, &condition).await);
}

#[tokio::test]
async fn aliases_of_a_key_are_a_set() {
    let kms = Kms::new().await;
    let both = key(&kms, &["alias/app-1", "alias/web-1"]).await;
    let one = key(&kms, &["alias/app-2"]).await;
    let none = key(&kms, &[]).await;
    let any = json!({ "ForAnyValue:StringLike": { "kms:ResourceAliases": "alias/app-*" } });
    let all = json!({ "ForAllValues:StringLike": { "kms:ResourceAliases": "alias/app-*" } });
    let but = json!({ "ForAnyValue:StringNotLike": { "kms:ResourceAliases": "alias/app-*" } });
    let not = json!({ "ForAllValues:StringNotLike": { "kms:ResourceAliases": "alias/app-*" } });
    // Of an empty set every statement about all is true and none about any.
    for (condition, expected) in [
        (&any, [true, true, false]),
        (&all, [false, true, true]),
        (&but, [true, false, false]),
        (&not, [false, false, true]),
    ] {
        for (id, expected) in [&both, &one, &none].into_iter().zip(expected) {
            let allowed = is_allowed(&kms, id, condition).await;
            assert_eq!(allowed, expected, "{condition} {id}");
        }
    }
}
