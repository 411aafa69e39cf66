//! Refusals that are explained, and opened again by whoever may.

use serde_json::{Value, json};

use crate::sessions::house::{House, encode};
use crate::sessions::{allow, user};

#[tokio::test]
async fn an_explained_refusal_opens_where_authorization_messages_do() {
    let (house, root) = House::new().await;
    let denies = r#"{"Version":"2012-10-17","Statement":{"Sid":"Never","Effect":"Deny","Action":"kms:*","Resource":"*"}}"#;
    let (arn, alice) = user(&house, &root, "alice", denies).await;
    let input = json!({
        "Principal": arn, "Action": "kms:CreateKey", "Resource": "*",
        "Context": [{ "Name": "aws:SourceIp", "Values": ["192.0.2.1"] }],
    });
    let explained = house.explain(&root, input).await;
    assert_eq!(explained["Decision"], "explicitDeny");
    assert_eq!(explained["MissingKeys"], json!([]));
    let message = explained["EncodedMessage"].as_str().expect("a message");
    assert!(!message.contains("alice") && !message.contains("kms"));

    let form = format!(
        "Action=DecodeAuthorizationMessage&EncodedMessage={}",
        encode(message)
    );
    let decoded = house.ok(&root, "sts", &form).await;
    let decoded = decoded.element("DecodedMessage").replace("&quot;", "\"");
    let decoded: Value = serde_json::from_str(&decoded).expect("JSON");
    assert_eq!(decoded["allowed"], false);
    assert_eq!(decoded["explicitDeny"], true);
    let matched = &decoded["matchedStatements"]["items"][0];
    assert_eq!(matched["statementId"], "Never");
    // Who is refused is the principal, not who asked.
    assert_eq!(decoded["context"]["principal"]["arn"], arn.as_str());
    assert_eq!(decoded["context"]["action"], "kms:CreateKey");
    let conditions = decoded["context"]["conditions"]["items"].to_string();
    assert!(conditions.contains("192.0.2.1"), "{conditions}");
    let refused = house.query(&alice, "sts", &form).await;
    assert_eq!(refused.status, 403, "{}", refused.text);

    let (bob, _) = user(&house, &root, "bob", &allow("kms:*")).await;
    let input = json!({ "Principal": bob, "Action": "kms:CreateKey", "Resource": "*" });
    let allowed = house.explain(&root, input).await;
    assert_eq!(allowed["Decision"], "allowed");
    assert_eq!(allowed["EncodedMessage"], Value::Null);
}
