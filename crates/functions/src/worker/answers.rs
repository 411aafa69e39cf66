//! What callers and logs are told of invocations that failed, in AWS's words.

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::Duration;

use bytes::Bytes;

use crate::Report;
use crate::monitor::Excess;
use crate::runtime_api::MAX_RESPONSE;

/// How an invocation or a start ended, other than well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The runtime reported it: its own JSON.
    Reported(Bytes),
    /// The response was too long.
    ResponseTooLarge,
    /// The time was up.
    TimedOut(Duration),
    /// The worker used too much.
    Killed(Excess),
    /// The process ended.
    Exited(ExitStatus),
    /// Nothing of the function was executed; why, for people.
    NotRun(String),
    /// The kernel did not let the function be confined; why, for operators.
    NotConfined(String),
}

impl Failure {
    /// What the caller gets.
    pub(super) fn payload(&self, request: &str) -> Bytes {
        let text = match self {
            Self::Reported(error) => return error.clone(),
            Self::ResponseTooLarge => {
                let text = format!(
                    "Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE} bytes)."
                );
                return error(self.kind(), &text);
            }
            Self::TimedOut(limit) => {
                format!("Task timed out after {:.2} seconds", limit.as_secs_f64())
            }
            Self::Killed(_) => "Runtime exited with error: signal: killed".to_owned(),
            Self::Exited(status) => exit(*status),
            Self::NotRun(why) | Self::NotConfined(why) => why.clone(),
        };
        error(self.kind(), &format!("RequestId: {request} Error: {text}"))
    }

    /// The line of the log before END, if there is one.
    pub(super) fn line(&self, request: &str, now_millis: i64) -> Option<String> {
        let text = match self {
            Self::Reported(_) | Self::ResponseTooLarge => return None,
            Self::TimedOut(limit) => {
                return Some(format!(
                    "{} {request} Task timed out after {:.2} seconds",
                    timestamp(now_millis),
                    limit.as_secs_f64()
                ));
            }
            Self::Killed(Excess::Memory) => "Runtime exited with error: signal: killed".to_owned(),
            Self::Killed(Excess::Processes) => {
                "Runtime exited with error: signal: killed (too many processes)".to_owned()
            }
            Self::Killed(Excess::Storage) => {
                "Runtime exited with error: signal: killed (ephemeral storage is full)".to_owned()
            }
            Self::Exited(status) => exit(*status),
            Self::NotRun(why) | Self::NotConfined(why) => why.clone(),
        };
        Some(format!("RequestId: {request} Error: {text}"))
    }

    /// AWS's type of the error.
    pub(super) fn kind(&self) -> &str {
        match self {
            Self::Reported(_) => "Unhandled",
            Self::ResponseTooLarge => "Function.ResponseSizeTooLarge",
            Self::TimedOut(_) => "Sandbox.Timedout",
            Self::Killed(Excess::Memory) => "Runtime.OutOfMemory",
            Self::Killed(_) | Self::Exited(_) => "Runtime.ExitError",
            Self::NotRun(_) | Self::NotConfined(_) => "Runtime.InvalidEntrypoint",
        }
    }

    /// What REPORT and INIT_REPORT end with.
    pub(super) fn status(&self) -> String {
        match self {
            Self::TimedOut(_) => "\tStatus: timeout".to_owned(),
            // REPORT says nothing of errors that the runtime reported and survived.
            Self::Reported(_) | Self::ResponseTooLarge => String::new(),
            _ => format!("\tStatus: error\tError Type: {}", self.kind()),
        }
    }
}

/// The line REPORT.
pub(super) fn report(request: &str, report: &Report, memory_mb: u32, status: &str) -> String {
    let duration = millis(report.duration);
    let init = report.init.map_or(String::new(), |init| {
        format!("\tInit Duration: {:.2} ms", millis(init))
    });
    // Since August 2025 the start is paid for too.
    let billed = millis(report.duration + report.init.unwrap_or_default()).ceil();
    let used = report.memory.div_ceil(1024 * 1024);
    format!(
        "REPORT RequestId: {request}\tDuration: {duration:.2} ms\tBilled Duration: {billed:.0} ms\t\
         Memory Size: {memory_mb} MB\tMax Memory Used: {used} MB{init}{status}"
    )
}

/// The line INIT_REPORT, of a start that failed.
pub(super) fn init_report(took: Duration, phase: &str, failure: &Failure) -> String {
    let status = match failure {
        Failure::Reported(error) => {
            format!("\tStatus: error\tError Type: {}", reported_kind(error))
        }
        failure => failure.status(),
    };
    format!(
        "INIT_REPORT Init Duration: {:.2} ms\tPhase: {phase}{status}",
        millis(took)
    )
}

/// `2026-11-22T12:34:56.789Z`.
pub(super) fn timestamp(millis: i64) -> String {
    let (year, month, day) = date(millis);
    let of_day = millis.rem_euclid(86_400_000);
    let (hours, minutes) = (of_day / 3_600_000, of_day / 60_000 % 60);
    let (seconds, millis) = (of_day / 1000 % 60, of_day % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}Z")
}

/// Year, month and day of milliseconds since 1970 (Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms").
pub(super) fn date(millis: i64) -> (i64, i64, i64) {
    let days = millis.div_euclid(86_400_000) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// The type of an error as the runtime put it.
pub(super) fn reported_kind(error: &[u8]) -> String {
    let error: Option<serde_json::Value> = serde_json::from_slice(error).ok();
    let kind = error
        .as_ref()
        .and_then(|error| error.get("errorType")?.as_str());
    kind.unwrap_or("Runtime.Unknown").to_owned()
}

fn exit(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(0), _) => "Runtime exited without providing a reason".to_owned(),
        (Some(code), _) => format!("Runtime exited with error: exit status {code}"),
        (None, Some(signal)) => format!("Runtime exited with error: signal: {}", name(signal)),
        (None, None) => "Runtime exited with error".to_owned(),
    }
}

/// A signal as Go prints it, in which AWS's supervisor is written.
fn name(signal: i32) -> String {
    let name = match signal {
        libc::SIGABRT => "aborted",
        libc::SIGBUS => "bus error",
        libc::SIGFPE => "floating point exception",
        libc::SIGHUP => "hangup",
        libc::SIGILL => "illegal instruction",
        libc::SIGINT => "interrupt",
        libc::SIGKILL => "killed",
        libc::SIGPIPE => "broken pipe",
        libc::SIGSEGV => "segmentation fault",
        libc::SIGTERM => "terminated",
        libc::SIGTRAP => "trace/breakpoint trap",
        libc::SIGXFSZ => "file size limit exceeded",
        libc::SIGSYS => "bad system call",
        _ => return format!("signal {signal}"),
    };
    name.to_owned()
}

fn error(kind: &str, text: &str) -> Bytes {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let (kind, text) = (quoted(kind), quoted(text));
    format!("{{\"errorType\":{kind},\"errorMessage\":{text}}}").into()
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(failure: &Failure) -> String {
        String::from_utf8(failure.payload("r-1").to_vec()).unwrap()
    }

    #[test]
    fn failures_are_told_in_awss_words() {
        assert_eq!(
            text(&Failure::TimedOut(Duration::from_secs(3))),
            r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: r-1 Error: Task timed out after 3.00 seconds"}"#
        );
        assert_eq!(
            text(&Failure::Exited(ExitStatus::from_raw(1 << 8))),
            r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: r-1 Error: Runtime exited with error: exit status 1"}"#
        );
        assert_eq!(
            text(&Failure::Exited(ExitStatus::from_raw(0))),
            r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: r-1 Error: Runtime exited without providing a reason"}"#
        );
        assert_eq!(
            text(&Failure::Killed(Excess::Memory)),
            r#"{"errorType":"Runtime.OutOfMemory","errorMessage":"RequestId: r-1 Error: Runtime exited with error: signal: killed"}"#
        );
        assert_eq!(
            text(&Failure::ResponseTooLarge),
            r#"{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes)."}"#
        );
    }

    #[test]
    fn reports_have_awss_form() {
        let figures = Report {
            duration: Duration::from_micros(1_234),
            init: Some(Duration::from_micros(100_500)),
            memory: 36 * 1024 * 1024 - 5,
        };
        assert_eq!(
            report("r-1", &figures, 128, ""),
            "REPORT RequestId: r-1\tDuration: 1.23 ms\tBilled Duration: 102 ms\tMemory Size: 128 MB\t\
             Max Memory Used: 36 MB\tInit Duration: 100.50 ms"
        );
    }

    #[test]
    fn times_are_written() {
        assert_eq!(timestamp(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(timestamp(951_782_399_999), "2000-02-28T23:59:59.999Z");
        assert_eq!(timestamp(951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(timestamp(1_795_350_896_789), "2026-11-22T12:34:56.789Z");
    }
}
