//! Resource policies.

use serde_json::{Value, json};

use crate::secrets::house::{OTHER, done, get, house, key, make, refused, token};

fn policy(effect: &str, principal: Value, actions: &[&str]) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": effect, "Principal": principal, "Action": actions, "Resource": "*",
        }],
    })
    .to_string()
}

#[tokio::test]
async fn another_account_needs_the_policies_of_secret_and_key() {
    let harness = house().await;
    let other = json!({ "AWS": format!("arn:aws:iam::{OTHER}:root") });
    let own = json!({ "AWS": format!("arn:aws:iam::{}:root", crate::secrets::house::OWN) });
    let closed = key(&harness, json!({})).await;
    let open = json!({ "Policy": json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Effect": "Allow", "Principal": own, "Action": "kms:*", "Resource": "*" },
            { "Effect": "Allow", "Principal": other, "Action": ["kms:Decrypt", "kms:DescribeKey"],
              "Resource": "*" },
        ],
    }).to_string() });
    let open = key(&harness, open).await;
    let reading = [
        "secretsmanager:GetSecretValue",
        "secretsmanager:DescribeSecret",
    ];
    let sharing = policy("Allow", other, &reading);
    let managed = make(&harness, "managed", "v0").await;
    let mut arns = vec![managed];
    for (name, key) in [("closed", &closed), ("open", &open)] {
        let input = json!({
            "Name": name, "SecretString": name, "KmsKeyId": key, "ClientRequestToken": token(0),
        });
        let made = done(&harness, "root", "CreateSecret", input).await;
        arns.push(made["ARN"].as_str().expect("an ARN").to_owned());
    }
    for arn in &arns {
        let id = json!({ "SecretId": arn });
        let (code, _) = refused(&harness, "other", "GetSecretValue", id).await;
        assert_eq!(code, "AccessDeniedException");
        let put = json!({ "SecretId": arn, "ResourcePolicy": sharing, "BlockPublicPolicy": true });
        done(&harness, "root", "PutResourcePolicy", put).await;
    }
    let id = json!({ "SecretId": arns[0] });
    let (code, text) = refused(&harness, "other", "GetSecretValue", id).await;
    assert_eq!(code, "InvalidRequestException");
    assert!(
        text.starts_with("You can't access a secret from a different AWS account"),
        "{text}"
    );
    let id = json!({ "SecretId": arns[1] });
    let (code, text) = refused(&harness, "other", "GetSecretValue", id).await;
    assert_eq!(
        (&*code, &*text),
        ("AccessDeniedException", "Access to KMS is not allowed")
    );
    assert_eq!(get(&harness, "other", &arns[2]).await, "open");
    // By its name it would be one of the caller's own.
    let id = json!({ "SecretId": "open" });
    let (code, _) = refused(&harness, "other", "GetSecretValue", id).await;
    assert_eq!(code, "ResourceNotFoundException");
    let write = json!({ "SecretId": arns[2], "SecretString": "x", "ClientRequestToken": token(1) });
    let (code, _) = refused(&harness, "other", "PutSecretValue", write).await;
    assert_eq!(code, "AccessDeniedException");
    let id = json!({ "SecretId": arns[2] });
    let got = done(&harness, "root", "GetResourcePolicy", id.clone()).await;
    assert_eq!(got["ResourcePolicy"], sharing);
    done(&harness, "root", "DeleteResourcePolicy", id.clone()).await;
    let got = done(&harness, "root", "GetResourcePolicy", id.clone()).await;
    assert!(got.get("ResourcePolicy").is_none());
    let (code, _) = refused(&harness, "other", "GetSecretValue", id).await;
    assert_eq!(code, "AccessDeniedException");
}

#[tokio::test]
async fn broad_policies_are_found_and_blocked() {
    let harness = house().await;
    make(&harness, "s", "v0").await;
    let broad = policy("Allow", json!("*"), &["secretsmanager:GetSecretValue"]);
    let put = |block: bool| json!({ "SecretId": "s", "ResourcePolicy": broad, "BlockPublicPolicy": block });
    let (code, _) = refused(&harness, "root", "PutResourcePolicy", put(true)).await;
    assert_eq!(code, "PublicPolicyException");
    done(&harness, "root", "PutResourcePolicy", put(false)).await;
    let lockout = policy("Deny", json!("*"), &["secretsmanager:*"]);
    let own = json!({ "AWS": crate::secrets::house::OWN });
    let fine = policy("Allow", own, &["secretsmanager:GetSecretValue"]);
    for (document, findings) in [(&broad, 1), (&lockout, 1), (&fine, 0)] {
        let input = json!({ "SecretId": "s", "ResourcePolicy": document });
        let found = done(&harness, "root", "ValidateResourcePolicy", input).await;
        assert_eq!(found["PolicyValidationPassed"], findings == 0, "{document}");
        let errors = found["ValidationErrors"].as_array().map(Vec::len);
        assert_eq!(errors, Some(findings), "{document}");
    }
    for operation in ["PutResourcePolicy", "ValidateResourcePolicy"] {
        let input = json!({ "SecretId": "s", "ResourcePolicy": "{}" });
        let (code, _) = refused(&harness, "root", operation, input).await;
        assert_eq!(code, "MalformedPolicyDocumentException");
    }
}
