//! What became of deliveries: events on their way to the targets of rules, for example.

use platform::DeliveryCounts;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// The numbers.
pub(super) struct Deliveries {
    attempts: Family<Outcome, Counter>,
    waiting: Gauge,
}

impl Deliveries {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let (attempts, waiting) = (Family::default(), Gauge::default());
        registry.register(
            "delivery_attempts",
            "Attempts to deliver since the start: done, to be retried, given up, or given up and \
             refused by the dead-letter queue",
            Family::clone(&attempts),
        );
        registry.register(
            "deliveries_waiting",
            "Deliveries that wait for an attempt, or are under way",
            waiting.clone(),
        );
        Self { attempts, waiting }
    }

    /// Takes over the numbers of the runner.
    pub(super) fn note(&self, counts: DeliveryCounts) {
        for (outcome, value) in [
            ("done", counts.done),
            ("retried", counts.retried),
            ("given_up", counts.given_up),
            ("dropped", counts.dropped),
        ] {
            let counter = self.attempts.get_or_create(&Outcome { outcome });
            counter.inc_by(value.saturating_sub(counter.get()));
        }
        self.waiting
            .set(i64::try_from(counts.waiting).unwrap_or(i64::MAX));
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;

    use super::*;

    #[test]
    fn numbers_are_those_of_the_runner() {
        let mut registry = Registry::default();
        let deliveries = Deliveries::new(&mut registry);
        let mut counts = DeliveryCounts {
            done: 5,
            dropped: 1,
            waiting: 7,
            ..DeliveryCounts::default()
        };
        deliveries.note(counts);
        (counts.done, counts.waiting) = (6, 2);
        deliveries.note(counts);
        let mut text = String::new();
        encode(&mut text, &registry).expect("text");
        for line in [
            "delivery_attempts_total{outcome=\"done\"} 6\n",
            "delivery_attempts_total{outcome=\"retried\"} 0\n",
            "delivery_attempts_total{outcome=\"dropped\"} 1\n",
            "deliveries_waiting 2\n",
        ] {
            assert!(text.contains(line), "{text}");
        }
    }
}
