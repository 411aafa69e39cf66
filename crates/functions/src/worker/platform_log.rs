//! What the platform logs of a worker: START, END and REPORT, or its events in JSON ("Lambda Telemetry
//! API `Event` schema reference"; "System log level event mapping").

use std::time::Duration;

use serde::Serialize;

use super::answers::{self, Failure};
use crate::logging::{Level, Logging};
use crate::{Function, Report};

/// What is logged of a function at a time.
pub(super) struct PlatformLog<'a> {
    pub(super) function: &'a Function,
    pub(super) now_millis: i64,
}

/// An invocation that has ended.
pub(super) struct Ended<'a> {
    pub(super) request: &'a str,
    pub(super) failure: Option<&'a Failure>,
    pub(super) report: &'a Report,
    /// How long the response is, in bytes.
    pub(super) produced: usize,
}

#[derive(Serialize)]
struct Event<R> {
    time: String,
    r#type: &'static str,
    record: R,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InitStart<'a> {
    initialization_type: &'static str,
    phase: &'static str,
    function_name: &'a str,
    function_version: &'a str,
    instance_id: &'a str,
    /// In bytes.
    instance_max_memory: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InitReport {
    initialization_type: &'static str,
    phase: &'static str,
    #[serde(flatten)]
    status: Status,
    metrics: Metrics,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Start<'a> {
    request_id: &'a str,
    function_arn: &'a str,
    version: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Done<'a> {
    request_id: &'a str,
    metrics: Metrics,
    #[serde(flatten)]
    status: Status,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_type: Option<String>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Metrics {
    duration_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    produced_bytes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billed_duration_ms: Option<u128>,
    #[serde(rename = "memorySizeMB", skip_serializing_if = "Option::is_none")]
    memory_size_mb: Option<u32>,
    #[serde(rename = "maxMemoryUsedMB", skip_serializing_if = "Option::is_none")]
    max_memory_used_mb: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    init_duration_ms: Option<f64>,
}

impl PlatformLog<'_> {
    /// The worker is started. What its runtime's version is nobody knows: it is worth `DEBUG` then.
    pub(super) fn init_start(&self, stream: &str) -> Vec<String> {
        let record = InitStart {
            initialization_type: "on-demand",
            phase: "init",
            function_name: &self.function.name,
            function_version: &self.function.version,
            instance_id: stream,
            instance_max_memory: u64::from(self.function.memory_mb) << 20,
        };
        let event = self.event(Level::Debug, "platform.initStart", record);
        event.into_iter().collect()
    }

    /// The worker did not get ready.
    pub(super) fn init_failed(
        &self,
        took: Duration,
        phase: &'static str,
        failure: &Failure,
    ) -> Vec<String> {
        if self.function.logging == Logging::Text {
            return vec![answers::init_report(took, phase, failure)];
        }
        let record = InitReport {
            initialization_type: "on-demand",
            phase,
            status: Status::of(Some(failure)),
            metrics: Metrics {
                duration_ms: millis(took),
                ..Metrics::default()
            },
        };
        let event = self.event(Level::Warn, "platform.initReport", record);
        event.into_iter().collect()
    }

    /// An invocation begins.
    pub(super) fn start(&self, request: &str) -> Vec<String> {
        let function = self.function;
        if function.logging == Logging::Text {
            let version = &function.version;
            return vec![format!("START RequestId: {request} Version: {version}")];
        }
        let record = Start {
            request_id: request,
            function_arn: &function.arn,
            version: &function.version,
        };
        let event = self.event(Level::Info, "platform.start", record);
        event.into_iter().collect()
    }

    /// An invocation has ended.
    pub(super) fn end(&self, ended: &Ended<'_>) -> Vec<String> {
        if self.function.logging == Logging::Text {
            return self.end_as_text(ended);
        }
        let (report, request_id) = (ended.report, ended.request);
        let duration_ms = millis(report.duration);
        let done = Done {
            request_id,
            metrics: Metrics {
                duration_ms,
                produced_bytes: Some(ended.produced),
                ..Metrics::default()
            },
            status: Status::of(ended.failure),
        };
        let billed = report.duration + report.init.unwrap_or_default();
        let reported = Done {
            request_id,
            metrics: Metrics {
                duration_ms,
                produced_bytes: None,
                billed_duration_ms: Some(billed.as_micros().div_ceil(1000)),
                memory_size_mb: Some(self.function.memory_mb),
                max_memory_used_mb: Some(report.memory.div_ceil(1024 * 1024)),
                init_duration_ms: report.init.map(millis),
            },
            status: Status::of(ended.failure),
        };
        let (done_level, level) = match ended.failure {
            None => (Level::Debug, Level::Info),
            Some(_) => (Level::Warn, Level::Warn),
        };
        let done = self.event(done_level, "platform.runtimeDone", done);
        let reported = self.event(level, "platform.report", reported);
        done.into_iter().chain(reported).collect()
    }

    fn end_as_text(&self, ended: &Ended<'_>) -> Vec<String> {
        let (request, failure) = (ended.request, ended.failure);
        let line = failure.and_then(|failure| failure.line(request, self.now_millis));
        let status = failure.map_or(String::new(), Failure::status);
        let memory = self.function.memory_mb;
        let report = answers::report(request, ended.report, memory, &status);
        let end = format!("END RequestId: {request}");
        line.into_iter().chain([end, report]).collect()
    }

    /// An event in JSON, if events of its level are logged.
    fn event(&self, level: Level, r#type: &'static str, record: impl Serialize) -> Option<String> {
        let Logging::Json { system, .. } = self.function.logging else {
            return None;
        };
        let event = Event {
            time: answers::timestamp(self.now_millis),
            r#type,
            record,
        };
        (level >= system)
            .then(|| serde_json::to_string(&event).ok())
            .flatten()
    }
}

impl Status {
    fn of(failure: Option<&Failure>) -> Self {
        let (status, error_type) = match failure {
            None => ("success", None),
            Some(Failure::TimedOut(_)) => ("timeout", None),
            Some(Failure::Reported(error)) => ("error", Some(answers::reported_kind(error))),
            Some(failure) => ("error", Some(failure.kind().to_owned())),
        };
        Self { status, error_type }
    }
}

/// With three decimals.
#[expect(
    clippy::cast_precision_loss,
    reason = "an invocation takes few microseconds"
)]
fn millis(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1000.0
}
