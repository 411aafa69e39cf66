//! Events for many targets.

use platform::testing::Harness;
use serde_json::json;

use crate::house::{OWN, archived_bus, bus, done, entry, house, kept};

const RULES: usize = 12;
const TARGETS: usize = 5;

/// Rules without end, each of which sends everything to as many buses as a rule has targets.
async fn fan(harness: &Harness) {
    for number in 0..TARGETS {
        archived_bus(harness, "root", OWN, &format!("to-{number}")).await;
    }
    done(harness, "root", "CreateEventBus", json!({ "Name": "from" })).await;
    for rule in 0..RULES {
        let name = format!("rule-{rule}");
        let pattern = json!({ "source": ["shop"] }).to_string();
        let input = json!({ "Name": name, "EventBusName": "from", "EventPattern": pattern });
        done(harness, "root", "PutRule", input).await;
        let targets: Vec<_> = (0..TARGETS)
            .map(|number| json!({ "Id": number.to_string(), "Arn": bus(OWN, &format!("to-{number}")) }))
            .collect();
        let input = json!({ "Rule": name, "EventBusName": "from", "Targets": targets });
        done(harness, "root", "PutTargets", input).await;
    }
}

/// How many deliveries wait.
fn waiting(harness: &Harness) -> u64 {
    harness.pipeline.deliveries().counts().waiting
}

#[tokio::test]
async fn sec_w2_no_commit_holds_an_event_for_all_targets_of_a_bus() {
    let harness = house().await;
    fan(&harness).await;
    let small = entry("from", "shop", &json!({ "a": 1 }));
    done(&harness, "root", "PutEvents", json!({ "Entries": [small] })).await;
    assert_eq!(waiting(&harness), (RULES * TARGETS) as u64);
    harness.run_deliveries().await;
    assert_eq!(waiting(&harness), 0);
    // Each rule's copies are more than a call stages: one rule's then, and one delivery for the rest.
    let large = entry("from", "shop", &json!({ "a": "x".repeat(900_000) }));
    done(&harness, "root", "PutEvents", json!({ "Entries": [large] })).await;
    assert_eq!(waiting(&harness), TARGETS as u64 + 1);
    harness.run_deliveries().await;
    for number in 0..TARGETS {
        // An archive has an event once, by its id, however many rules sent it.
        assert_eq!(kept(&harness, "root", &format!("to-{number}")).await, 2);
    }
    assert_eq!(waiting(&harness), 0);
}
