//! What is run, with what, and what came of it.

use std::any::Any;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use zeroize::Zeroizing;

use crate::logging::Logging;
use crate::settings::LogSink;

/// One version of a function with its configuration.
#[derive(Clone)]
pub struct Function {
    /// Which workers may run it: the same for the same code and configuration, another otherwise.
    pub key: String,
    /// The name: `rotate`.
    pub name: String,
    /// The ARN, without a qualifier.
    pub arn: String,
    /// `$LATEST`, or a number.
    pub version: String,
    /// The runtime.
    pub runtime: Runtime,
    /// The handler: `index.handler`.
    pub handler: String,
    /// The directory the package was unpacked to. All above it must let workers through.
    pub package: PathBuf,
    /// The directory that the layers were unpacked to, one over another, if there are any.
    pub layers: Option<PathBuf>,
    /// Memory, in MB (AWS: 128 to 10,240).
    pub memory_mb: u32,
    /// `/tmp`, in MB (AWS: 512 to 10,240).
    pub storage_mb: u32,
    /// How long an invocation may take (AWS: up to 900 seconds).
    pub timeout: Duration,
    /// The most invocations at once.
    pub concurrency: usize,
    /// The region it runs in.
    pub region: String,
    /// The log group: `/aws/lambda/rotate`.
    pub log_group: String,
    /// The format of its logs, and how much it logs.
    pub logging: Logging,
    /// Where AWS's APIs are (`AWS_ENDPOINT_URL`), if that is to be set.
    pub endpoint_url: Option<String>,
    /// The variables of its configuration. They may be secret.
    pub variables: Vec<(String, Zeroizing<String>)>,
    /// Where its logs go, if not where those of all functions go.
    pub logs: Option<Arc<dyn LogSink>>,
    /// What is there for as long as it may run: the guard of the directories, for example.
    pub keeps: Option<Arc<dyn Any + Send + Sync>>,
}

/// A family of runtimes, and the version.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Runtime {
    /// `python3.N`.
    Python(u32),
    /// `nodejsN.x`.
    Node(u32),
    /// `provided`, `provided.al2`, `provided.al2023`: the package's own `bootstrap`.
    Provided(String),
}

impl Runtime {
    /// Reads AWS's identifier.
    ///
    /// # Returns
    ///
    /// None for what this program cannot run.
    #[must_use]
    pub fn parse(identifier: &str) -> Option<Self> {
        if let Some(minor) = identifier.strip_prefix("python3.") {
            return minor.parse().ok().map(Self::Python);
        }
        if let Some(version) = identifier.strip_prefix("nodejs") {
            return version.strip_suffix(".x")?.parse().ok().map(Self::Node);
        }
        matches!(identifier, "provided" | "provided.al2" | "provided.al2023")
            .then(|| Self::Provided(identifier.to_owned()))
    }

    /// AWS's identifier.
    #[must_use]
    pub fn identifier(&self) -> String {
        match self {
            Self::Python(minor) => format!("python3.{minor}"),
            Self::Node(major) => format!("nodejs{major}.x"),
            Self::Provided(identifier) => identifier.clone(),
        }
    }
}

/// A session of the function's role. What expires is not used again, worker and all.
#[derive(Clone)]
pub struct Credentials {
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: Zeroizing<String>,
    /// `AWS_SESSION_TOKEN`.
    pub session_token: Zeroizing<String>,
    /// When the session ends, in milliseconds since 1970 by the machine's clock.
    pub expires_at_millis: i64,
}

/// One call of a function.
pub struct Invocation {
    /// The request id, which AWS makes a UUID.
    pub id: String,
    /// The event: JSON.
    pub payload: Bytes,
    /// The ARN as the caller named it, with a qualifier.
    pub invoked_arn: String,
    /// `X-Amz-Client-Context`, decoded: JSON.
    pub client_context: Option<String>,
    /// `X-Amzn-Trace-Id`.
    pub trace_id: Option<String>,
    /// For a worker that has to be started.
    pub credentials: Credentials,
    /// Dropped when it has ended, whether or not anybody waits for it, and before it is answered.
    pub claim: Option<Box<dyn Send + Sync>>,
}

/// What came of an invocation that ran.
#[derive(Clone, PartialEq)]
pub struct Outcome {
    /// What the function returned, or what became of it: JSON, unless the function says otherwise.
    pub payload: Bytes,
    /// Whether it failed; AWS says `Unhandled` of every failure that a runtime reports.
    pub is_error: bool,
    /// The last 4,096 bytes of the log, from what came before START to REPORT.
    pub log_tail: Vec<u8>,
    /// How long, and how much.
    pub report: Report,
}

/// The figures of REPORT.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Report {
    /// From the event's delivery to the next one's request.
    pub duration: Duration,
    /// Starting the worker, if it was started for this invocation.
    pub init: Option<Duration>,
    /// The most memory that the worker's processes had together, in bytes.
    pub memory: u64,
}

/// Why an invocation did not run.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// All workers that there may be are busy. AWS: `TooManyRequestsException`.
    #[error("all workers are busy")]
    Busy,
    /// The program is ending.
    #[error("no more functions are run")]
    Closed,
    /// A worker could not be made. The text is for operators. AWS: `ServiceException`.
    #[error("failed to start a worker: {0}")]
    Worker(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runtimes_are_read_as_aws_names_them() {
        for identifier in ["python3.12", "nodejs22.x", "provided.al2023", "provided"] {
            let runtime = Runtime::parse(identifier).unwrap();
            assert_eq!(runtime.identifier(), identifier);
        }
        for identifier in [
            "python3.",
            "python2.7",
            "nodejs22",
            "nodejs.x",
            "java21",
            "provided.al1",
        ] {
            assert_eq!(Runtime::parse(identifier), None, "{identifier}");
        }
    }
}
