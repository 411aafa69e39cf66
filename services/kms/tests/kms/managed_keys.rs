//! Keys that AWS makes: AWS managed keys, and AWS owned keys.

use std::sync::Arc;

use platform::Clock as _;
use platform::testing::Harness;
use service_kms::rotate_due;

use crate::house::{
    ACCOUNT, Kms, NO_KEY, REGION, Value, alias_arn, allow, base64, json, text, user_arn,
};

const SSM: &str = "alias/aws/ssm";

impl Kms {
    /// Uses the key of Parameter Store as somebody without any permission on keys; the ciphertext.
    async fn use_ssm(&self) -> String {
        self.harness.user("writer", &[]);
        let input = json!({ "KeyId": SSM });
        let answer = self.through("writer", "ssm", "Encrypt", input).await;
        text(&answer.expect("an answer")["CiphertextBlob"])
    }

    async fn key_count(&self) -> usize {
        let listed = self.ok("root", "ListKeys", json!({})).await;
        listed["Keys"].as_array().expect("a list").len()
    }

    /// The list's entry of an alias.
    async fn listed_alias(&self, name: &str) -> Value {
        let listed = self
            .ok("root", "ListAliases", json!({ "Limit": 100 }))
            .await;
        let aliases = listed["Aliases"].as_array().expect("a list");
        let found = aliases.iter().find(|alias| alias["AliasName"] == name);
        found.expect("the alias").clone()
    }

    fn names_of_events(&self) -> Vec<String> {
        let mut reader = self.harness.pipeline.store().journal_reader(1);
        let mut names = Vec::new();
        while let Some(entry) = reader.next().expect("a journal in memory") {
            let event: Value = serde_json::from_slice(&entry.payload).expect("JSON");
            names.push(text(&event["eventName"]));
        }
        names
    }
}

#[tokio::test]
async fn kms_10_an_aws_managed_key_is_made_at_its_first_use_through_the_service() {
    let kms = Kms::with_caller().await;
    let input = json!({ "KeyId": SSM, "Plaintext": "eA==" });
    assert_eq!(
        kms.code("root", "Encrypt", input.clone()).await,
        "NotFoundException"
    );
    let other = kms.through("root", "s3", "Encrypt", input.clone()).await;
    assert_eq!(other.expect_err("a refusal"), "NotFoundException");
    let before = kms.listed_alias(SSM).await;
    assert_eq!(
        before,
        json!({ "AliasName": SSM, "AliasArn": alias_arn(SSM) })
    );
    assert_eq!(kms.key_count().await, 0);

    let blob = kms.use_ssm().await;
    let events = kms.names_of_events();
    let made = ["CreateKey", "Encrypt", "DecodeAuthorizationMessage"];
    assert_eq!(events[events.len() - 3..], made);
    let key = kms.described(SSM).await;
    for (member, value) in [
        ("KeyManager", json!("AWS")),
        ("MultiRegion", json!(false)),
        ("Enabled", json!(true)),
        ("Origin", json!("AWS_KMS")),
        ("AWSAccountId", json!(ACCOUNT)),
        (
            "Description",
            json!("Default key that protects my SSM parameters when no other key is defined"),
        ),
    ] {
        assert_eq!(key[member], value, "{member}");
    }
    assert_eq!(kms.key_count().await, 1);
    assert_eq!(kms.listed_alias(SSM).await["TargetKeyId"], key["KeyId"]);
    kms.use_ssm().await;
    assert_eq!(kms.key_count().await, 1);

    // Through the service, and in no other way.
    let sealed = json!({ "CiphertextBlob": blob });
    let opened = kms
        .through("writer", "ssm", "Decrypt", sealed.clone())
        .await;
    assert_eq!(opened.expect("an answer")["Plaintext"], base64(b"secret"));
    for who in ["root", "writer"] {
        assert_eq!(
            kms.code(who, "Decrypt", sealed.clone()).await,
            "AccessDeniedException"
        );
        assert_eq!(
            kms.code(who, "Encrypt", input.clone()).await,
            "AccessDeniedException"
        );
    }
    for (who, through) in [("writer", "s3"), ("other-root", "ssm")] {
        let answer = kms.through(who, through, "Decrypt", sealed.clone()).await;
        assert_eq!(answer.expect_err("a refusal"), "AccessDenied");
    }
    let foreign = json!({ "KeyId": alias_arn("alias/aws/s3") });
    let answer = kms.through("other-root", "s3", "Encrypt", foreign).await;
    assert_eq!(answer.expect_err("a refusal"), "AccessDenied");
}

#[tokio::test]
async fn kms_10_its_policy_is_the_one_that_aws_shows() {
    let kms = Kms::with_caller().await;
    kms.use_ssm().await;
    let key = text(&kms.described(SSM).await["KeyId"]);
    let answer = kms
        .ok("root", "GetKeyPolicy", json!({ "KeyId": key }))
        .await;
    let expected = format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "auto-ssm-1",
  "Statement" : [ {{
    "Sid" : "Allow access through SSM for all principals in the account that are authorized to use SSM",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "*"
    }},
    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey" ],
    "Resource" : "*",
    "Condition" : {{
      "StringEquals" : {{
        "kms:CallerAccount" : "{ACCOUNT}",
        "kms:ViaService" : "ssm.{REGION}.amazonaws.com"
      }}
    }}
  }}, {{
    "Sid" : "Allow direct access to key metadata to the account",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:aws:iam::{ACCOUNT}:root"
    }},
    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*" ],
    "Resource" : "*"
  }} ]
}}"#
    );
    assert_eq!(answer["Policy"], expected);
}

#[tokio::test]
async fn kms_10_nobody_changes_an_aws_managed_key() {
    let kms = Kms::with_caller().await;
    kms.use_ssm().await;
    let before = kms.described(SSM).await;
    let key = text(&before["KeyId"]);
    kms.harness.user("admin", &[&allow("*", "*")]);
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*",
    }] });
    let own = json!({ "AliasName": "alias/own", "TargetKeyId": kms.key().await });
    kms.ok("root", "CreateAlias", own).await;
    for who in ["root", "admin"] {
        for (operation, input) in [
            ("PutKeyPolicy", json!({ "Policy": policy.to_string() })),
            (
                "PutKeyPolicy",
                json!({
                    "Policy": policy.to_string(), "BypassPolicyLockoutSafetyCheck": true,
                }),
            ),
            ("DisableKey", json!({})),
            ("EnableKey", json!({})),
            ("ScheduleKeyDeletion", json!({ "PendingWindowInDays": 7 })),
            ("CancelKeyDeletion", json!({})),
            ("EnableKeyRotation", json!({ "RotationPeriodInDays": 90 })),
            ("DisableKeyRotation", json!({})),
            ("RotateKeyOnDemand", json!({})),
            (
                "TagResource",
                json!({ "Tags": [{ "TagKey": "a", "TagValue": "b" }] }),
            ),
            ("UntagResource", json!({ "TagKeys": ["a"] })),
            ("UpdateKeyDescription", json!({ "Description": "mine" })),
            (
                "CreateGrant",
                json!({
                    "GranteePrincipal": user_arn(ACCOUNT, "admin"), "Operations": ["Decrypt"],
                }),
            ),
        ] {
            let mut input = input;
            input["KeyId"] = json!(key);
            let (code, message) = kms.fails(who, operation, input).await;
            assert_eq!(code, "AccessDeniedException", "{operation}");
            let because =
                format!("because no resource-based policy allows the kms:{operation} action");
            assert!(message.ends_with(&because), "{message}");
        }
        for (operation, input, code) in [
            (
                "CreateAlias",
                json!({ "AliasName": "alias/x", "TargetKeyId": key }),
                "AccessDeniedException",
            ),
            (
                "UpdateAlias",
                json!({ "AliasName": "alias/own", "TargetKeyId": key }),
                "AccessDeniedException",
            ),
            (
                "UpdateAlias",
                json!({ "AliasName": SSM, "TargetKeyId": key }),
                "NotAuthorizedException",
            ),
            (
                "DeleteAlias",
                json!({ "AliasName": SSM }),
                "NotAuthorizedException",
            ),
            (
                "CreateAlias",
                json!({ "AliasName": "alias/aws/s3", "TargetKeyId": key }),
                "NotAuthorizedException",
            ),
        ] {
            assert_eq!(kms.code(who, operation, input).await, code, "{operation}");
        }
    }
    assert_eq!(kms.described(SSM).await, before);
}

/// With authorization off everything is allowed but what AWS allows nobody.
#[tokio::test]
async fn even_without_authorization_keys_of_aws_stay_as_they_are() {
    let harness = Harness::without_authorization(Kms::services()).await;
    let kms = Kms { harness };
    let key = text(&kms.described("alias/aws/s3").await["KeyId"]);
    for (operation, input) in [
        ("DisableKey", json!({ "KeyId": key })),
        ("DisableKeyRotation", json!({ "KeyId": key })),
        ("ScheduleKeyDeletion", json!({ "KeyId": key })),
        (
            "CreateAlias",
            json!({ "AliasName": "alias/x", "TargetKeyId": key }),
        ),
    ] {
        let code = kms.code("root", operation, input).await;
        assert_eq!(code, "AccessDeniedException", "{operation}");
    }
    let input = json!({ "KeyId": "alias/aws/sqs" });
    let owned = kms
        .through("root", "as sqs.amazonaws.com", "GenerateDataKey", input)
        .await;
    let owned = owned.expect("a data key");
    for operation in ["DescribeKey", "GetKeyPolicy"] {
        let code = kms
            .code("root", operation, json!({ "KeyId": owned["KeyId"] }))
            .await;
        assert_eq!(code, "NotFoundException", "{operation}");
    }
    let sealed = json!({ "CiphertextBlob": owned["CiphertextBlob"] });
    assert_eq!(
        kms.code("root", "Decrypt", sealed).await,
        "AccessDeniedException"
    );
}

#[tokio::test]
async fn a_predefined_alias_gets_its_key_when_it_is_described() {
    let kms = Kms::with_caller().await;
    kms.harness.user("powerless", &[]);
    for name in ["alias/aws/s3".to_owned(), alias_arn("alias/aws/s3")] {
        let input = json!({ "KeyId": name });
        assert_eq!(
            kms.code("powerless", "DescribeKey", input).await,
            "AccessDeniedException"
        );
    }
    assert_eq!(kms.key_count().await, 0);
    let unknown = json!({ "KeyId": "alias/aws/unknown" });
    assert_eq!(
        kms.code("root", "DescribeKey", unknown).await,
        "NotFoundException"
    );
    assert!(!kms.names_of_events().contains(&"CreateKey".to_owned()));
    let key = kms.described("alias/aws/s3").await;
    assert_eq!(key["KeyManager"], "AWS");
    assert_eq!(kms.described(&alias_arn("alias/aws/s3")).await, key);
    assert_eq!(kms.key_count().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_uses_at_once_make_one_key() {
    let kms = Arc::new(Kms::with_caller().await);
    let calls: Vec<_> = (0..8)
        .map(|number| {
            let kms = Arc::clone(&kms);
            tokio::spawn(async move {
                if number % 4 == 0 {
                    return text(&kms.described("alias/aws/s3").await["Arn"]);
                }
                let input = json!({ "KeyId": "alias/aws/s3" });
                let answer = kms.through("root", "s3", "GenerateDataKey", input).await;
                text(&answer.expect("an answer")["KeyId"])
            })
        })
        .collect();
    let mut keys = Vec::new();
    for call in calls {
        keys.push(call.await.expect("a key"));
    }
    keys.dedup();
    assert_eq!(keys.len(), 1, "{keys:?}");
    assert_eq!(kms.key_count().await, 1);
    let made = kms.names_of_events();
    let made = made.iter().filter(|name| *name == "CreateKey");
    assert_eq!(made.count(), 1);
}

#[tokio::test]
async fn a_service_that_fails_leaves_no_key() {
    let kms = Kms::with_caller().await;
    let input = json!({ "KeyId": SSM, "Fails": true });
    let answer = kms.through("root", "ssm", "Encrypt", input).await;
    assert_eq!(
        answer.expect_err("a refusal"),
        "InvalidAuthorizationMessageException"
    );
    assert_eq!(kms.key_count().await, 0);
    assert_eq!(
        kms.names_of_events(),
        ["Encrypt", "DecodeAuthorizationMessage", "ListKeys"]
    );
}

#[tokio::test]
async fn kms_21_an_aws_managed_key_rotates_every_year() {
    let kms = Kms::with_caller().await;
    let blob = kms.use_ssm().await;
    let key = kms.described(SSM).await;
    let status = json!({ "KeyId": key["KeyId"] });
    let status = || kms.ok("root", "GetKeyRotationStatus", status.clone());
    let before = status().await;
    assert_eq!(before["KeyRotationEnabled"], true);
    assert_eq!(before["RotationPeriodInDays"], 365);
    assert_eq!(before["NextRotationDate"], 1_767_225_600 + 365 * 86_400);
    kms.harness.clock.advance(365 * 86_400);
    let now = kms.harness.clock.now();
    let rotated = rotate_due(&kms.harness.pipeline.upkeep(), now).await;
    assert_eq!(rotated.ok(), Some(1));
    assert_ne!(
        kms.described(SSM).await["CurrentKeyMaterialId"],
        key["CurrentKeyMaterialId"]
    );
    assert_eq!(
        status().await["NextRotationDate"],
        1_767_225_600 + 2 * 365 * 86_400
    );
    let sealed = json!({ "CiphertextBlob": blob });
    kms.through("writer", "ssm", "Decrypt", sealed)
        .await
        .expect("the plaintext");
}

#[tokio::test]
async fn kms_11_an_aws_owned_key_is_seen_by_its_service_alone() {
    let kms = Kms::with_caller().await;
    kms.harness.user("u", &[&allow("*", "*")]);
    let (sqs, alias) = ("as sqs.amazonaws.com", "alias/aws/sqs");
    let data_key = || kms.through("u", sqs, "GenerateDataKey", json!({ "KeyId": alias }));
    let made = data_key().await.expect("a data key");
    assert_eq!(
        data_key().await.expect("a data key")["KeyId"],
        made["KeyId"]
    );
    let sealed = json!({ "CiphertextBlob": made["CiphertextBlob"] });
    kms.through("u", sqs, "Decrypt", sealed.clone())
        .await
        .expect("the data key");
    let regional = format!("as sqs.{REGION}.amazonaws.com");
    kms.through("u", &regional, "Decrypt", sealed.clone())
        .await
        .expect("the data key");

    assert_eq!(kms.key_count().await, 0);
    assert_eq!(kms.listed_alias(alias).await.get("TargetKeyId"), None);
    let by_arn = json!({ "KeyId": made["KeyId"], "Plaintext": "eA==" });
    let absent = text(&made["KeyId"]);
    let absent = format!("{}{NO_KEY}", &absent[..absent.len() - NO_KEY.len()]);
    for who in ["root", "u", "other-root"] {
        assert_eq!(
            kms.code(who, "Decrypt", sealed.clone()).await,
            "AccessDeniedException"
        );
        for operation in [
            "Encrypt",
            "DescribeKey",
            "GetKeyPolicy",
            "ScheduleKeyDeletion",
        ] {
            let (code, message) = kms.fails(who, operation, by_arn.clone()).await;
            assert_eq!(code, "AccessDeniedException", "{operation}");
            // It is answered for like a key that does not exist.
            let input = json!({ "KeyId": absent, "Plaintext": "eA==" });
            let (_, of_absent) = kms.fails(who, operation, input).await;
            assert_eq!(message, of_absent.replace(&absent, &text(&made["KeyId"])));
        }
    }
    for (through, input) in [
        ("as sns.amazonaws.com", sealed.clone()),
        ("sqs", sealed.clone()),
        (
            "as sns.amazonaws.com",
            json!({ "KeyId": made["KeyId"], "CiphertextBlob": made["CiphertextBlob"] }),
        ),
    ] {
        let answer = kms.through("u", through, "Decrypt", input).await;
        assert_eq!(answer.expect_err("a refusal"), "AccessDenied");
    }
    let answer = kms
        .through(
            "u",
            "as sns.amazonaws.com",
            "Encrypt",
            json!({ "KeyId": alias }),
        )
        .await;
    assert_eq!(answer.expect_err("a refusal"), "AccessDenied");

    kms.harness.clock.advance(366 * 86_400);
    let later = data_key().await.expect("a data key");
    assert_eq!(later["KeyId"], made["KeyId"]);
    assert_ne!(later["KeyMaterialId"], made["KeyMaterialId"]);
    kms.through("u", sqs, "Decrypt", sealed)
        .await
        .expect("the old data key");
}
