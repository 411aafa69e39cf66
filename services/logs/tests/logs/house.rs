//! CloudWatch Logs alone.

pub(crate) use platform::testing::{ACCOUNT, Answer, Harness, REGION, START};
pub(crate) use serde_json::{Value, json};

/// When the clock starts, in milliseconds.
pub(crate) const NOW: i64 = START.millis;
pub(crate) const HOUR: i64 = 60 * 60 * 1000;
pub(crate) const DAY: i64 = 24 * HOUR;

pub(crate) struct House {
    pub(crate) harness: Harness,
}

impl House {
    pub(crate) async fn new() -> Self {
        let harness = Harness::new(vec![service_logs::service()]).await;
        Self { harness }
    }

    /// One with the group `g` and its stream `s`.
    pub(crate) async fn furnished() -> Self {
        let house = Self::new().await;
        house
            .ok("CreateLogGroup", json!({ "logGroupName": "g" }))
            .await;
        house.stream("s").await;
        house
    }

    pub(crate) async fn stream(&self, name: &str) {
        let input = json!({ "logGroupName": "g", "logStreamName": name });
        self.ok("CreateLogStream", input).await;
    }

    pub(crate) async fn call(&self, who: &str, operation: &str, input: Value) -> Answer {
        let target = format!("Logs_20140328.{operation}");
        self.harness.json(who, &target, input).await
    }

    pub(crate) async fn ok(&self, operation: &str, input: Value) -> Value {
        let answer = self.call("root", operation, input).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
        answer.body
    }

    /// The code and text of a call of root's that has to fail.
    pub(crate) async fn fails(&self, operation: &str, input: Value) -> (String, String) {
        let answer = self.call("root", operation, input).await;
        assert_eq!(answer.status, 400, "{operation}: {}", answer.text);
        let code = answer.code.clone().unwrap_or_default();
        (code, answer.message().to_owned())
    }

    /// Puts events into a stream of the group `g`: times in milliseconds, and messages.
    pub(crate) async fn put(&self, stream: &str, events: &[(i64, &str)]) -> Value {
        self.ok("PutLogEvents", batch(stream, events)).await
    }

    /// The messages of `g`'s stream `s` that a call shows.
    pub(crate) async fn messages(&self) -> Vec<String> {
        let input = json!({ "logGroupName": "g", "logStreamName": "s" });
        messages(&self.ok("GetLogEvents", input).await)
    }
}

pub(crate) fn batch(stream: &str, events: &[(i64, &str)]) -> Value {
    let events: Vec<_> = events
        .iter()
        .map(|(millis, message)| json!({ "timestamp": millis, "message": message }))
        .collect();
    json!({ "logGroupName": "g", "logStreamName": stream, "logEvents": events })
}

pub(crate) fn messages(answer: &Value) -> Vec<String> {
    let events = answer["events"].as_array().expect("events").iter();
    let message = |event: &Value| event["message"].as_str().expect("text").to_owned();
    events.map(message).collect()
}

pub(crate) fn arn(name: &str) -> String {
    format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}")
}

pub(crate) fn statement(action: &str, resource: &str) -> String {
    let statement = json!({ "Effect": "Allow", "Action": action, "Resource": resource });
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}
