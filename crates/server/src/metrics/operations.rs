//! How many calls of each operation there were, and how long they took.
//!
//! Every call is counted: each thread adds to numbers of its own, which are added up when somebody
//! asks. Failures are few, and have a code each.

use std::array;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use foldhash::fast::RandomState;
use platform::Served;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use store::PerThread;

/// Durations are counted up to so many bounds, and beyond the last.
const BOUNDS: usize = 16;
/// The lowest bound, in seconds; each further one is twice as high.
const LOWEST: f64 = 0.0001;
const SECOND: f64 = 1e9;

/// The numbers of all operations.
pub(super) struct Operations {
    names: Vec<Operation>,
    /// The place of each service's operation in `names`.
    places: HashMap<(&'static str, &'static str), usize, RandomState>,
    counts: PerThread<OnceLock<Box<[Own]>>>,
    others: Family<Labels, Counter>,
}

/// The numbers of an operation in one thread, once it has counted a call.
type Own = OnceLock<Box<Counts>>;

/// Of one operation, on lines that no other thread writes to.
#[derive(Default)]
#[repr(align(128))]
struct Counts {
    succeeded: AtomicU64,
    nanos: AtomicU64,
    /// How many calls took no longer than each bound, and longer than the one before it.
    taken: [AtomicU64; BOUNDS + 1],
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Labels {
    service: &'static str,
    operation: &'static str,
    code: &'static str,
}

#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Operation {
    service: &'static str,
    operation: &'static str,
}

impl Operations {
    /// Of these services and operations.
    pub(super) fn new(
        registry: &mut Registry,
        names: impl Iterator<Item = (&'static str, &'static str)>,
    ) -> Arc<Self> {
        let names = names.map(|(service, operation)| Operation { service, operation });
        let names: Vec<Operation> = names.collect();
        let places = names.iter().map(|it| (it.service, it.operation)).zip(0..);
        let operations = Arc::new(Self {
            places: places.collect(),
            names,
            counts: PerThread::default(),
            others: Family::default(),
        });
        registry.register_collector(Box::new(Arc::clone(&operations)));
        operations
    }

    pub(super) fn count(&self, served: &Served, seconds: f64) {
        let (service, operation) = served.operation.unwrap_or(("none", ""));
        let known = self.places.get(&(service, operation));
        let known = known.and_then(|place| self.own(*place));
        if let Some(counts) = known {
            counts.note(seconds);
        }
        match (known, served.code) {
            (Some(counts), None) => {
                counts.succeeded.fetch_add(1, Ordering::Relaxed);
            }
            (_, code) => {
                let labels = Labels {
                    service,
                    operation,
                    code: code.unwrap_or(OK),
                };
                self.others.get_or_create(&labels).inc();
            }
        }
    }

    /// What this thread adds to.
    fn own(&self, place: usize) -> Option<&Counts> {
        let none_yet = || self.names.iter().map(|_| OnceLock::new()).collect();
        let counts = self.counts.own().get_or_init(none_yet).get(place)?;
        Some(counts.get_or_init(Box::default))
    }

    /// What all threads have counted.
    fn sum(&self, place: usize) -> Sum {
        let mut sum = Sum::default();
        let threads = self.counts.all().filter_map(OnceLock::get);
        for counts in threads.filter_map(|counts| counts.get(place)?.get()) {
            sum.succeeded += counts.succeeded.load(Ordering::Relaxed);
            sum.nanos += counts.nanos.load(Ordering::Relaxed);
            for (sum, taken) in sum.taken.iter_mut().zip(&counts.taken) {
                *sum += taken.load(Ordering::Relaxed);
            }
        }
        sum
    }
}

/// The code of a success.
const OK: &str = "ok";

#[derive(Default)]
struct Sum {
    succeeded: u64,
    nanos: u64,
    taken: [u64; BOUNDS + 1],
}

impl Counts {
    fn note(&self, seconds: f64) {
        let place = bounds().iter().position(|bound| seconds <= *bound);
        if let Some(taken) = self.taken.get(place.unwrap_or(BOUNDS)) {
            taken.fetch_add(1, Ordering::Relaxed);
        }
        self.nanos
            .fetch_add(whole(seconds * SECOND), Ordering::Relaxed);
    }
}

/// In seconds; the last one stands for infinity.
fn bounds() -> [f64; BOUNDS + 1] {
    let mut next = LOWEST;
    let mut bounds = array::from_fn(|_| {
        let bound = next;
        next *= 2.0;
        bound
    });
    bounds[BOUNDS] = f64::INFINITY;
    bounds
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts of floats saturate, and a nanosecond is no matter"
)]
fn whole(nanos: f64) -> u64 {
    nanos as u64
}

impl Collector for Operations {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let counter = MetricType::Counter;
        let mut served =
            encoder.encode_descriptor("http_requests", "AWS calls served.", None, counter)?;
        for (place, name) in self.names.iter().enumerate() {
            let labels = Labels {
                service: name.service,
                operation: name.operation,
                code: OK,
            };
            let succeeded = self.sum(place).succeeded;
            let mut one = served.encode_family(&labels)?;
            one.encode_counter::<NoLabelSet, _, f64>(&succeeded, None)?;
        }
        self.others.encode(served)?;

        let mut durations = encoder.encode_descriptor(
            "http_request_duration_seconds",
            "Time from the head of a request to its answer.",
            None,
            MetricType::Histogram,
        )?;
        for (place, name) in self.names.iter().enumerate() {
            let sum = self.sum(place);
            let buckets: Vec<(f64, u64)> = bounds().into_iter().zip(sum.taken).collect();
            let count = sum.taken.iter().sum();
            let mut one = durations.encode_family(name)?;
            one.encode_histogram::<NoLabelSet>(sum.nanos as f64 / SECOND, count, &buckets, None)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Operations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operations").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use prometheus_client::encoding::text::encode;
    use wire::codec::Reply;

    use super::*;

    fn served(operation: Option<&'static str>, code: Option<&'static str>) -> Served {
        let reply = Reply {
            status: 200,
            headers: Vec::new(),
            body: Vec::new().into(),
        };
        Served {
            reply,
            operation: operation.map(|operation| ("kms", operation)),
            code,
        }
    }

    fn text(registry: &Registry) -> String {
        let mut out = String::new();
        encode(&mut out, registry).unwrap();
        out
    }

    #[test]
    fn calls_of_all_threads_are_added_up() {
        let mut registry = Registry::with_prefix("strongroom");
        let names = [("kms", "Sign"), ("kms", "Verify")];
        let operations = Operations::new(&mut registry, names.into_iter());
        let count = || {
            for seconds in [0.000_05, 0.000_1, 0.000_15, 0.5, 1000.0] {
                operations.count(&served(Some("Sign"), None), seconds);
            }
            operations.count(&served(Some("Sign"), Some("AccessDeniedException")), 0.5);
            operations.count(&served(None, Some("UnknownOperationException")), 0.5);
        };
        thread::scope(|scope| {
            (0..3).for_each(|_| {
                scope.spawn(count);
            });
        });
        let text = text(&registry);
        let sign = r#"service="kms",operation="Sign""#;
        let verify = r#"service="kms",operation="Verify""#;
        let duration = "strongroom_http_request_duration_seconds";
        for expected in [
            "# TYPE strongroom_http_requests counter".to_owned(),
            "# HELP strongroom_http_requests AWS calls served.".to_owned(),
            format!(r#"strongroom_http_requests_total{{{sign},code="ok"}} 15"#),
            format!(r#"strongroom_http_requests_total{{{verify},code="ok"}} 0"#),
            format!(r#"strongroom_http_requests_total{{{sign},code="AccessDeniedException"}} 3"#),
            r#"strongroom_http_requests_total{service="none",operation="",code="UnknownOperationException"} 3"#
                .to_owned(),
            format!("# TYPE {duration} histogram"),
            format!(r#"{duration}_sum{{{sign}}} 3003.0009"#),
            format!(r#"{duration}_count{{{sign}}} 18"#),
            format!(r#"{duration}_bucket{{le="0.0001",{sign}}} 6"#),
            format!(r#"{duration}_bucket{{le="0.0002",{sign}}} 9"#),
            format!(r#"{duration}_bucket{{le="3.2768",{sign}}} 15"#),
            format!(r#"{duration}_bucket{{le="+Inf",{sign}}} 18"#),
            format!(r#"{duration}_bucket{{le="+Inf",{verify}}} 0"#),
        ] {
            let found = text.lines().any(|line| line == expected);
            assert!(found, "{expected}\n{text}");
        }
    }
}
