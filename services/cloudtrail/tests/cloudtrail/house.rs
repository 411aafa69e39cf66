//! A house with CloudTrail in it.

pub(crate) use platform::testing::{ACCOUNT, Answer, Harness, key_of};
pub(crate) use serde_json::{Value, json};

const TARGET: &str = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101";
pub(crate) const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

/// CloudTrail alone, with the users `alice`, who may do everything, and `nobody`.
pub(crate) struct House {
    pub(crate) harness: Harness,
}

impl House {
    pub(crate) async fn new() -> Self {
        let harness = Harness::new(vec![service_cloudtrail::service()]).await;
        harness.user("alice", &[EVERYTHING]);
        harness.user("nobody", &[]);
        Self { harness }
    }

    pub(crate) async fn call(&self, who: &str, operation: &str, input: Value) -> Answer {
        let target = format!("{TARGET}.{operation}");
        self.harness.json(who, &target, input).await
    }

    pub(crate) async fn ok(&self, operation: &str, input: Value) -> Value {
        let answer = self.call("root", operation, input).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
        answer.body
    }

    pub(crate) async fn refused(&self, operation: &str, input: Value) -> String {
        let answer = self.call("root", operation, input).await;
        assert_ne!(answer.status, 200, "{operation}: {}", answer.text);
        answer.code.unwrap_or_default()
    }

    pub(crate) async fn call_in(&self, region: &str, operation: &str, input: Value) -> Answer {
        let target = format!("{TARGET}.{operation}");
        self.harness.json_in(region, "root", &target, input).await
    }

    /// The events that a lookup by one attribute finds.
    pub(crate) async fn with(&self, key: &str, value: &str) -> Vec<Value> {
        let attribute = json!([{ "AttributeKey": key, "AttributeValue": value }]);
        let input = json!({ "LookupAttributes": attribute });
        let found = self.ok("LookupEvents", input).await;
        found["Events"].as_array().expect("a list").clone()
    }
}
