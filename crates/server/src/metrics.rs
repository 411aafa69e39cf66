//! Counters and latencies, for the admin port.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;

use logs::Metric;
use platform::{Served, Service};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

/// The numbers of a running server.
pub struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter>,
    /// What most calls count, found without a lock: successes and latency of each operation.
    operations: BTreeMap<(&'static str, &'static str), (Counter, Histogram)>,
    logged_samples: Family<Logged, Value>,
    logged_sums: Family<Logged, Value>,
}

type Value = Gauge<f64, AtomicU64>;

/// A metric of metric filters of CloudWatch Logs.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Logged {
    account: String,
    region: String,
    namespace: String,
    name: String,
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
        let (logged_samples, logged_sums) = logged(&mut registry);
        Self {
            logged_samples,
            logged_sums,
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

    /// Takes what metric filters have found for the numbers, in place of what was there.
    pub fn show_logged(&self, metrics: Vec<Metric>) {
        self.logged_samples.clear();
        self.logged_sums.clear();
        for metric in metrics {
            let labels = Logged {
                account: metric.account,
                region: metric.region,
                namespace: metric.namespace,
                name: metric.name,
            };
            let samples = self.logged_samples.get_or_create(&labels).clone();
            samples.set(metric.samples as f64);
            self.logged_sums.get_or_create(&labels).set(metric.sum);
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

fn logged(registry: &mut Registry) -> (Family<Logged, Value>, Family<Logged, Value>) {
    let families: [Family<Logged, Value>; 2] = Default::default();
    let [samples, sums] = families;
    registry.register(
        "log_metric_samples",
        "Values that metric filters have found in log events",
        samples.clone(),
    );
    registry.register(
        "log_metric_sum",
        "What the values come to that metric filters have found",
        sums.clone(),
    );
    (samples, sums)
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
