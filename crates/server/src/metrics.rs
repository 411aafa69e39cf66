//! Counters and latencies, for the admin port.

use platform::Served;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

/// The numbers of a running server.
pub struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter>,
    durations: Family<Operation, Histogram>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Labels {
    service: &'static str,
    operation: &'static str,
    code: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Operation {
    service: &'static str,
    operation: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("strongroom");
        let requests = Family::default();
        let durations: Family<Operation, Histogram> =
            Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.0001, 2.0, 16)));
        registry.register("http_requests", "AWS calls served", requests.clone());
        registry.register(
            "http_request_duration_seconds",
            "Time from the head of a request to its answer",
            durations.clone(),
        );
        let version = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The running program", version);
        Self {
            registry,
            requests,
            durations,
        }
    }
}

impl Metrics {
    /// Counts one call.
    pub fn count(&self, served: &Served, seconds: f64) {
        let (service, operation) = served.operation.unwrap_or(("none", ""));
        let code = served.code.unwrap_or("ok");
        self.requests
            .get_or_create(&Labels {
                service,
                operation,
                code,
            })
            .inc();
        self.durations
            .get_or_create(&Operation { service, operation })
            .observe(seconds);
    }

    /// All numbers as OpenMetrics text.
    pub fn text(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut out, &self.registry);
        out
    }
}
