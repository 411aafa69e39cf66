//! FIFO queues beside a simple model of them, through random calls.

use std::collections::BTreeSet;

use platform::testing::Harness;
use serde_json::{Value, json};

use crate::house::{bodies, delete, done, house, queue, receive_up_to, send_in};

/// How long messages are kept, and are out of sight after a receipt, in seconds.
const KEPT: u64 = 90;
const HIDDEN: u64 = 30;
/// How many calls are made with each seed.
const CALLS: usize = 600;

/// Numbers that look like chance.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// A message: what it says, its group, when it was sent and can be received, and its receipt.
struct Message {
    body: String,
    group: u64,
    sent: u64,
    visible: u64,
    received: Option<Value>,
}

/// All messages that there are, in the order in which they were sent.
#[derive(Default)]
struct Model {
    now: u64,
    messages: Vec<Message>,
}

impl Model {
    /// What can be received: nothing passes what is before it in its group.
    fn available(&mut self, most: usize) -> Vec<&mut Message> {
        let now = self.now;
        self.messages.retain(|one| one.sent + KEPT > now);
        let mut held = BTreeSet::new();
        let free = self.messages.iter_mut().filter(|one| {
            let is_free = one.visible <= now && !held.contains(&one.group);
            if !is_free {
                held.insert(one.group);
            }
            is_free
        });
        free.take(most).collect()
    }

    /// Where messages are that are in flight.
    fn in_flight(&self) -> Vec<usize> {
        let of = |(at, one): (usize, &Message)| {
            let is_there = one.sent + KEPT > self.now;
            (is_there && one.visible > self.now && one.received.is_some()).then_some(at)
        };
        self.messages.iter().enumerate().filter_map(of).collect()
    }
}

async fn receive(harness: &Harness, url: &str, model: &mut Model, most: u8) {
    let received = receive_up_to(harness, url, most).await;
    let until = model.now + HIDDEN;
    let mut expected = model.available(most.into());
    let texts: Vec<_> = expected.iter().map(|one| one.body.as_str()).collect();
    assert_eq!(bodies(&received), texts);
    for (message, received) in expected.iter_mut().zip(received) {
        (message.visible, message.received) = (until, Some(received));
    }
}

async fn compare(seed: u64) {
    let harness = house().await;
    let attributes = json!({
        "FifoQueue": "true", "MessageRetentionPeriod": KEPT.to_string(),
        "VisibilityTimeout": HIDDEN.to_string(),
    });
    let url = queue(&harness, "q.fifo", attributes).await;
    let (mut chance, mut model) = (Chance(seed), Model::default());
    for number in 0..CALLS {
        let in_flight = model.in_flight();
        let some = usize::try_from(chance.below(in_flight.len().max(1) as u64)).expect("small");
        match (chance.below(16), in_flight.get(some)) {
            (0..7, _) => {
                let (body, group) = (format!("m{number}"), chance.below(4));
                send_in(&harness, &url, &group.to_string(), &body).await;
                let (sent, visible) = (model.now, model.now);
                model.messages.push(Message {
                    body,
                    group,
                    sent,
                    visible,
                    received: None,
                });
            }
            (7..10, _) => {
                let most = u8::try_from(1 + chance.below(10)).expect("small");
                receive(&harness, &url, &mut model, most).await;
            }
            (10..13, Some(at)) => {
                let message = model.messages.remove(*at);
                delete(&harness, &url, &message.received.expect("a receipt")).await;
            }
            (13, Some(at)) => {
                let message = &mut model.messages[*at];
                let seconds = chance.below(40);
                let handle = message.received.as_ref().map(|one| &one["ReceiptHandle"]);
                let input = json!({
                    "QueueUrl": url, "ReceiptHandle": handle, "VisibilityTimeout": seconds,
                });
                done(&harness, "root", "ChangeMessageVisibility", input).await;
                message.visible = model.now + seconds;
            }
            (14, _) => {
                let seconds = chance.below(6);
                harness
                    .clock
                    .advance(i64::try_from(seconds).expect("small"));
                model.now += seconds;
            }
            (15, _) => {
                let (upkeep, now) = (harness.pipeline.upkeep(), harness.pipeline.now());
                assert!(service_sqs::sweep(&upkeep, now).await.is_ok());
            }
            _ => {}
        }
    }
    // What is left comes in order as well, however long that takes.
    for _ in 0..4 {
        receive(&harness, &url, &mut model, 10).await;
        harness.clock.advance(7);
        model.now += 7;
    }
}

#[tokio::test]
async fn receivers_get_what_a_simple_model_says() {
    for seed in 1..=3 {
        compare(seed).await;
    }
}

#[tokio::test]
async fn a_group_that_waits_costs_receivers_nothing_however_long_it_is() {
    let harness = house().await;
    let url = queue(&harness, "q.fifo", json!({ "FifoQueue": "true" })).await;
    for number in 0..100 {
        send_in(&harness, &url, "a", &format!("a{number}")).await;
    }
    let first = receive_up_to(&harness, &url, 10).await;
    assert_eq!(first.len(), 10);
    send_in(&harness, &url, "b", "b0").await;
    assert_eq!(bodies(&receive_up_to(&harness, &url, 10).await), ["b0"]);
    // Those in the middle may be deleted before those in front.
    for message in first.iter().rev() {
        assert!(receive_up_to(&harness, &url, 10).await.is_empty());
        delete(&harness, &url, message).await;
    }
    for tens in 1..10 {
        let next = receive_up_to(&harness, &url, 10).await;
        let expected: Vec<_> = (0..10).map(|ones| format!("a{tens}{ones}")).collect();
        assert_eq!(bodies(&next), expected);
        for message in &next {
            delete(&harness, &url, message).await;
        }
    }
    assert!(receive_up_to(&harness, &url, 10).await.is_empty());
}
