//! Counters and latencies, for the admin port.

use std::collections::BTreeMap;

use platform::{Served, Service};
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
    /// What most calls count, found without a lock: successes and latency of each operation.
    operations: BTreeMap<(&'static str, &'static str), (Counter, Histogram)>,
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

impl Metrics {
    /// Numbers for the operations of `services`.
    pub fn new(services: &[Service]) -> Self {
        let mut registry = Registry::with_prefix("strongroom");
        let requests: Family<Labels, Counter> = Family::default();
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
        let operations = operations(services).map(|(service, operation)| {
            let ok = Labels {
                service,
                operation,
                code: "ok",
            };
            let ok = requests.get_or_create(&ok).clone();
            let duration = durations
                .get_or_create(&Operation { service, operation })
                .clone();
            ((service, operation), (ok, duration))
        });
        let operations = operations.collect();
        Self {
            registry,
            requests,
            operations,
        }
    }

    /// Counts one call.
    pub fn count(&self, served: &Served, seconds: f64) {
        let (service, operation) = served.operation.unwrap_or(("none", ""));
        match (self.operations.get(&(service, operation)), served.code) {
            (Some((ok, duration)), None) => {
                ok.inc();
                duration.observe(seconds);
            }
            (known, code) => {
                let code = code.unwrap_or("ok");
                self.requests
                    .get_or_create(&Labels {
                        service,
                        operation,
                        code,
                    })
                    .inc();
                if let Some((_, duration)) = known {
                    duration.observe(seconds);
                }
            }
        }
    }

    /// All numbers as OpenMetrics text.
    pub fn text(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut out, &self.registry);
        out
    }
}

fn operations(services: &[Service]) -> impl Iterator<Item = (&'static str, &'static str)> {
    services.iter().flat_map(|service| {
        let table = service.table;
        table
            .operations
            .iter()
            .map(|operation| (table.name, operation.name))
    })
}
