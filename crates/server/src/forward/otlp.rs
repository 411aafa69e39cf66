//! OTLP/HTTP logs, in the JSON encoding (OpenTelemetry protocol 1.x).

use std::io::Write as _;
use std::sync::Arc;

use crypto::Secret;
use flate2::Compression;
use flate2::write::GzEncoder;
use platform::OutboundRequest;
use serde_json::{Value, json};
use store::journal::Entry;
use wire::Timestamp;

use super::batch::{Batch, Described};
use super::destination::{HttpWay, Refusal};
use crate::process;
use crate::settings::OtlpSettings;

/// `SEVERITY_NUMBER_INFO` and `SEVERITY_NUMBER_WARN`.
const INFO: (u32, &str) = (9, "INFO");
const WARN: (u32, &str) = (13, "WARN");

/// An OTLP receiver.
pub(super) struct Otlp {
    url: String,
    headers: Arc<[(String, Secret<String>)]>,
    way: HttpWay,
    own_name: String,
}

impl Otlp {
    /// The receiver that the settings name.
    pub(super) fn new(settings: &OtlpSettings, way: HttpWay) -> Self {
        Self {
            url: settings.url.clone(),
            headers: Arc::clone(&settings.headers),
            way,
            own_name: process::host_name(),
        }
    }

    /// Sends a batch.
    pub(super) async fn send(&self, batch: &Batch, now: Timestamp) -> Result<(), Refusal> {
        let body = compressed(&body(batch, &self.own_name, now)).map_err(Refusal::because)?;
        let request = OutboundRequest::new("POST", &self.url, body)
            .header("content-type", "application/json")
            .header("content-encoding", "gzip");
        let request = self.headers.iter().fold(request, |request, (name, value)| {
            request.header(name, value.expose())
        });
        let answer = self.way.send(request).await?;
        // What is rejected in part must not be sent again (OTLP, "Partial Success").
        if let Some((count, why)) = rejected(&answer.body) {
            tracing::warn!(count, why, "the OTLP receiver rejected events for good");
        }
        Ok(())
    }
}

/// An `ExportLogsServiceRequest`. 64-bit numbers are texts there.
fn body(batch: &Batch, own_name: &str, now: Timestamp) -> Value {
    let records: Vec<_> = batch.entries().iter().map(|it| record(it, now)).collect();
    json!({"resourceLogs": [{
        "resource": {"attributes": [
            text("service.name", "strongroom"),
            text("service.version", env!("CARGO_PKG_VERSION")),
            text("host.name", own_name),
        ]},
        "scopeLogs": [{"scope": {"name": "strongroom.audit"}, "logRecords": records}],
    }]})
}

fn record(entry: &Entry, now: Timestamp) -> Value {
    let event = Described::of(entry);
    let (severity, severity_text) = match event.error_code {
        None => INFO,
        Some(_) => WARN,
    };
    let sequence = json!({"intValue": entry.seq.to_string()});
    let mut attributes = vec![
        text("log.record.uid", &event.event_id),
        json!({"key": "strongroom.journal.sequence", "value": sequence}),
        text("cloud.account.id", &event.recipient_account_id),
        text("cloud.region", &event.aws_region),
        text("rpc.system", "aws-api"),
        text("rpc.service", &event.event_source),
        text("rpc.method", &event.event_name),
    ];
    attributes.extend(event.error_code.iter().map(|code| text("error.type", code)));
    let nanos = |millis: &dyn std::fmt::Display| format!("{millis}000000");
    json!({
        "timeUnixNano": nanos(&entry.now_millis),
        "observedTimeUnixNano": nanos(&now.millis.max(0)),
        "severityNumber": severity,
        "severityText": severity_text,
        "eventName": format!("cloudtrail.{}", event.event_type),
        "body": {"stringValue": String::from_utf8_lossy(&entry.payload)},
        "attributes": attributes,
    })
}

fn text(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

fn compressed(body: &Value) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body.to_string().as_bytes())?;
    encoder.finish()
}

/// How many records an answer rejects, and why.
fn rejected(answer: &[u8]) -> Option<(u64, String)> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let partial = answer.get("partialSuccess")?;
    let count = partial.get("rejectedLogRecords")?;
    let count = count
        .as_u64()
        .or_else(|| count.as_str()?.parse().ok())
        .filter(|count| *count > 0)?;
    let why = partial.get("errorMessage").and_then(Value::as_str);
    Some((count, why.unwrap_or_default().chars().take(200).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_carry_the_event_whole_and_what_it_says_of_itself() {
        let event = r#"{"eventType":"AwsApiCall","eventSource":"kms.amazonaws.com","eventName":"Decrypt","eventID":"id-1","awsRegion":"eu-west-2","recipientAccountId":"111122223333","errorCode":"AccessDenied"}"#;
        let batch = Batch::of(&[(9_007_199_254_740_993, event), (2, "{}")]);
        let now = Timestamp {
            millis: 1_767_225_601_000,
        };
        let body = body(&batch, "host", now);
        let logs = &body["resourceLogs"][0];
        assert_eq!(logs["resource"]["attributes"][2], text("host.name", "host"));
        let records = &logs["scopeLogs"][0]["logRecords"];
        let record = &records[0];
        assert_eq!(record["body"]["stringValue"], event);
        assert_eq!(record["timeUnixNano"], "1767225600123000000");
        assert_eq!(record["observedTimeUnixNano"], "1767225601000000000");
        assert_eq!(record["severityNumber"], 13);
        assert_eq!(record["eventName"], "cloudtrail.AwsApiCall");
        let attributes = record["attributes"].as_array().expect("an array");
        assert!(attributes.contains(&text("error.type", "AccessDenied")));
        assert!(attributes.contains(&text("rpc.method", "Decrypt")));
        let sequence = &attributes[1]["value"]["intValue"];
        assert_eq!(sequence, "9007199254740993");
        assert_eq!(records[1]["severityText"], "INFO");
    }

    #[test]
    fn partial_successes_are_understood() {
        for (answer, expected) in [
            ("", None),
            ("{}", None),
            (r#"{"partialSuccess":{}}"#, None),
            (r#"{"partialSuccess":{"rejectedLogRecords":"0"}}"#, None),
            (
                r#"{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"no"}}"#,
                Some((2, "no")),
            ),
            (
                r#"{"partialSuccess":{"rejectedLogRecords":3}}"#,
                Some((3, "")),
            ),
        ] {
            let found = rejected(answer.as_bytes());
            let expected = expected.map(|(count, why)| (count, why.to_owned()));
            assert_eq!(found, expected, "{answer}");
        }
    }
}
