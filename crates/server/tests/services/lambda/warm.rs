//! Functions that have run already: what changed since then is heard of by the next call.

use platform::testing::ACCOUNT;
use serde_json::json;

use crate::lambda::house::role;
use crate::lambda::running::{House, base64};

const WORD: &str = "import os\n\ndef handler(event, context):\n    return os.environ['WORD']\n";

/// A function whose environment is under a key of the customer's; the key's id.
async fn with_key(house: &House) -> String {
    let made = house.json("TrentService.CreateKey", json!({})).await;
    let id = made["KeyMetadata"]["KeyId"]
        .as_str()
        .expect("an id")
        .to_owned();
    let arn = made["KeyMetadata"]["Arn"].clone();
    let environment = json!({ "Variables": { "WORD": "secret" } });
    let more = json!({ "Environment": environment, "KMSKeyArn": arn });
    house.function("f", WORD, more).await;
    id
}

#[tokio::test]
async fn a_key_that_is_disabled_ends_a_warm_function_at_once() {
    let Some(house) = House::new().await else {
        return;
    };
    house.role("worker", &[]);
    let key = with_key(&house).await;
    for _ in 0..2 {
        assert_eq!(house.invoke("f", "1").await.body, "secret");
    }
    let decrypted = house.on_record("Decrypt").len();
    assert_eq!(house.invoke("f", "1").await.body, "secret");
    assert_eq!(
        house.on_record("Decrypt").len(),
        decrypted,
        "it was asked, not done"
    );

    let named = json!({ "KeyId": key });
    house.json("TrentService.DisableKey", named.clone()).await;
    let refused = house.invoke("f", "1").await;
    assert_eq!(refused.status, 502, "{}", refused.text);
    assert_eq!(refused.code.as_deref(), Some("KMSDisabledException"));
    house.json("TrentService.EnableKey", named.clone()).await;
    assert_eq!(house.invoke("f", "1").await.body, "secret");
    let ends = json!({ "KeyId": key, "PendingWindowInDays": 7 });
    house.json("TrentService.ScheduleKeyDeletion", ends).await;
    let refused = house.invoke("f", "1").await;
    assert_eq!(refused.code.as_deref(), Some("KMSInvalidStateException"));
    house.close().await;
}

#[tokio::test]
async fn a_key_that_is_denied_ends_a_warm_function_at_once() {
    let Some(house) = House::new().await else {
        return;
    };
    house.role("worker", &[]);
    let key = with_key(&house).await;
    assert_eq!(house.invoke("f", "1").await.body, "secret");
    let denies = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{ACCOUNT}:root") },
          "Action": "kms:*", "Resource": "*" },
        { "Effect": "Deny", "Principal": { "AWS": role("worker") },
          "Action": "kms:Decrypt", "Resource": "*" },
    ] });
    let policy = json!({ "KeyId": key, "Policy": denies.to_string() });
    house.json("TrentService.PutKeyPolicy", policy).await;
    let refused = house.invoke("f", "1").await;
    assert_eq!(refused.status, 502, "{}", refused.text);
    assert_eq!(refused.code.as_deref(), Some("KMSAccessDeniedException"));
    house.close().await;
}

#[tokio::test]
async fn what_changed_never_runs_as_it_was() {
    let Some(house) = House::new().await else {
        return;
    };
    house.role("worker", &[]);
    house.role("second", &[]);
    let text = "import os\n\ndef handler(event, context):\n    \
                return [os.environ.get('WORD'), os.environ['AWS_ACCESS_KEY_ID']]\n";
    house.function("f", text, json!({})).await;
    let first = house.invoke("f", "1").await.body;
    assert_eq!(house.invoke("f", "1").await.body, first, "the same worker");
    let change = json!({ "FunctionName": "f", "Role": role("second") });
    house.done("UpdateFunctionConfiguration", change).await;
    let second = house.invoke("f", "1").await.body;
    assert_ne!(second[1], first[1], "a session of the other role");
    let environment = json!({ "Variables": { "WORD": "new" } });
    let change = json!({ "FunctionName": "f", "Environment": environment });
    house.done("UpdateFunctionConfiguration", change).await;
    assert_eq!(house.invoke("f", "1").await.body[0], "new");

    house
        .done("DeleteFunction", json!({ "FunctionName": "f" }))
        .await;
    let refused = house.invoke("f", "1").await;
    assert_eq!(refused.code.as_deref(), Some("ResourceNotFoundException"));
    let again = "def handler(event, context):\n    return 'again'\n";
    house.function("f", again, json!({})).await;
    assert_eq!(house.invoke("f", "1").await.body, "again");
    house.close().await;
}

#[tokio::test]
async fn first_calls_at_once_prepare_a_function_once() {
    let Some(house) = House::new().await else {
        return;
    };
    house.role("worker", &[]);
    house
        .function(
            "f",
            "def handler(event, context):\n    return event\n",
            json!({}),
        )
        .await;
    let before = house.on_record("AssumeRole").len();
    let input = json!({ "FunctionName": "f", "Payload": base64("1") });
    let call = || crate::lambda::house::call(&house.harness, "root", "Invoke", input.clone());
    let (first, second, third, fourth) = tokio::join!(call(), call(), call(), call());
    for answer in [first, second, third, fourth] {
        assert_eq!(answer.text, "1");
    }
    let sessions = house.on_record("AssumeRole").len() - before;
    assert_eq!(sessions, 1, "one of them prepared it");
    let packages = house.folder.path().join("functions/packages");
    assert_eq!(std::fs::read_dir(packages).expect("packages").count(), 1);
    house.close().await;
}
