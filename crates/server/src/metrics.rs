//! Counters and latencies, for the admin port.

mod deliveries;
mod operations;

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use logs::Metric;
use platform::{DeliveryCounts, Served, Service};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use self::deliveries::Deliveries;
use self::operations::Operations;
use crate::forward::Progress;

/// The numbers of a running server.
pub struct Metrics {
    registry: Registry,
    operations: Arc<Operations>,
    logged_samples: Family<Logged, Value>,
    logged_sums: Family<Logged, Value>,
    deliveries: Deliveries,
    damaged: Gauge,
    forwarded: Family<Destination, Counter>,
    forward_failures: Family<Destination, Counter>,
    forward_lag: Family<Destination, Gauge>,
    trail_lag: Gauge,
    /// Locked while their numbers are taken over.
    forwarders: Mutex<Vec<Arc<Progress>>>,
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
struct Destination {
    destination: &'static str,
}

impl Metrics {
    /// Numbers for the operations of `services`, and for `forwarders`.
    pub fn new(services: &[Service], forwarders: Vec<Arc<Progress>>) -> Self {
        let mut registry = Registry::with_prefix("strongroom");
        let operations = Operations::new(&mut registry, operations(services));
        let version = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The running program", version);
        let (forwarded, forward_failures, forward_lag) = forwarding(&mut registry);
        let trail_lag = Gauge::default();
        registry.register(
            "trail_lag_events",
            "Events of the journal that the trail furthest behind has not looked at yet",
            trail_lag.clone(),
        );
        let (logged_samples, logged_sums) = logged(&mut registry);
        let damaged = Gauge::default();
        registry.register(
            "journal_damaged_segments",
            "Segments of the journal found since the start that are not what was written",
            damaged.clone(),
        );
        Self {
            damaged,
            deliveries: Deliveries::new(&mut registry),
            logged_samples,
            logged_sums,
            registry,
            operations,
            forwarded,
            forward_failures,
            forward_lag,
            trail_lag,
            forwarders: Mutex::new(forwarders),
        }
    }

    /// Counts one call.
    pub fn count(&self, served: &Served, seconds: f64) {
        self.operations.count(served, seconds);
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

    /// Takes over how many events the trail furthest behind has before it.
    pub fn show_trail_lag(&self, events: u64) {
        let events = i64::try_from(events).unwrap_or(i64::MAX);
        self.trail_lag.set(events);
    }

    /// All numbers as OpenMetrics text, where the journal's last event is number `head`, so many of
    /// its segments are `damaged`, and `deliveries` is what became of deliveries.
    pub fn text(&self, (head, damaged): (u64, u64), deliveries: DeliveryCounts) -> String {
        self.damaged.set(i64::try_from(damaged).unwrap_or(i64::MAX));
        self.deliveries.note(deliveries);
        self.note_forwarders(head);
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut out, &self.registry);
        out
    }

    /// Takes over how far forwarders are.
    fn note_forwarders(&self, head: u64) {
        let forwarders = self.forwarders.lock();
        let forwarders = forwarders.unwrap_or_else(PoisonError::into_inner);
        for progress in forwarders.iter() {
            let label = Destination {
                destination: progress.destination,
            };
            let set = |family: &Family<Destination, Counter>, value: u64| {
                let counter = family.get_or_create(&label);
                counter.inc_by(value.saturating_sub(counter.get()));
            };
            set(&self.forwarded, progress.events());
            set(&self.forward_failures, progress.failures());
            let lag = i64::try_from(progress.lag(head)).unwrap_or(i64::MAX);
            self.forward_lag.get_or_create(&label).set(lag);
        }
    }
}

/// Families of numbers that forwarders have.
type Forwarding = (
    Family<Destination, Counter>,
    Family<Destination, Counter>,
    Family<Destination, Gauge>,
);

fn forwarding(registry: &mut Registry) -> Forwarding {
    let (forwarded, failures, lag) = Forwarding::default();
    registry.register(
        "audit_forwarded_events",
        "Events of the journal that a destination confirmed since the start",
        forwarded.clone(),
    );
    registry.register(
        "audit_forward_failures",
        "Attempts to forward the journal that failed since the start",
        failures.clone(),
    );
    registry.register(
        "audit_forward_lag_events",
        "Events of the journal that a destination has not confirmed yet",
        lag.clone(),
    );
    (forwarded, failures, lag)
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
