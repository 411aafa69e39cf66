use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use platform::Derived;
use platform::testing::{ACCOUNT, Harness, START};

use super::*;
use crate::names::SubscriptionPlace;
use crate::subscription::{OwnedRecord, Standing, SubscriptionRecord};

/// More than two of the portions that follow the call's.
const MANY: usize = 2300;

async fn topic(harness: &Harness) -> TopicPlace {
    let made = harness.query("root", "sns", "Action=CreateTopic&Name=t");
    let made = made.await;
    TopicPlace::of_arn(&made.element("TopicArn")).expect("a topic")
}

/// Web servers of these numbers, which confirmed then.
async fn subscribe(
    harness: &Harness,
    topic: &TopicPlace,
    numbers: Range<usize>,
    since_millis: i64,
) {
    let upkeep = harness.pipeline.upkeep();
    let mut txn = upkeep.begin();
    for number in numbers {
        let id = format!("00000000-0000-4000-8000-{number:012}");
        let place = SubscriptionPlace {
            topic: topic.clone(),
            id: id.clone(),
        };
        let owned = OwnedRecord { arn: place.arn() };
        txn.put(OwnedRecord::place(ACCOUNT, &place), owned);
        let subscription = SubscriptionRecord {
            id,
            owner: ACCOUNT.to_owned(),
            principal: String::new(),
            protocol: "https".to_owned(),
            endpoint: format!("https://example.com/{number}"),
            standing: Standing::Confirmed,
            since_millis,
            offer: None,
            is_authenticated: true,
            is_guarded: false,
            settings: BTreeMap::new(),
            compiled: Derived::default(),
        };
        txn.put(place.key(), subscription);
    }
    assert!(upkeep.commit_part(txn).await.is_ok_and(|done| done));
}

async fn publish(harness: &Harness, topic: &TopicPlace, text: &str) {
    let form = format!("Action=Publish&TopicArn={}&Message={text}", topic.arn());
    let answer = harness.query("root", "sns", &form).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// How many deliveries wait.
fn waiting(harness: &Harness) -> usize {
    let waiting = harness.pipeline.deliveries().counts().waiting;
    usize::try_from(waiting).expect("a count")
}

/// The web servers that were sent something since this was asked last, each of them once.
fn reached(harness: &Harness) -> BTreeSet<String> {
    let sent = harness.outbound.sent();
    let urls: BTreeSet<_> = sent.iter().map(|request| request.url.clone()).collect();
    assert_eq!(urls.len(), sent.len());
    urls
}

#[tokio::test]
async fn a_message_for_thousands_goes_in_portions_and_outlives_the_program() {
    let directory = tempfile::tempdir().expect("a directory");
    let services = || vec![crate::service()];
    let harness = Harness::on_disk(services(), directory.path(), 1).await;
    let topic = topic(&harness).await;
    subscribe(&harness, &topic, 0..MANY, 0).await;
    publish(&harness, &topic, "m").await;
    assert_eq!(waiting(&harness), AT_FIRST.rows + 1);
    // There is room for one more portion, not for the one after that, until some are delivered.
    harness.limit_deliveries(1000, 1 << 30);
    harness.run_deliveries().await;
    let mut all = reached(&harness);
    assert_eq!(all.len(), AT_FIRST.rows + THEN.rows);
    assert_eq!(waiting(&harness), 1);
    drop(harness);
    let harness = Harness::on_disk(services(), directory.path(), 2).await;
    harness.clock.advance(5);
    // Whoever comes later gets nothing of it, wherever they stand among the others.
    let now = START.millis + 5000;
    subscribe(&harness, &topic, MANY..MANY + 50, now).await;
    harness.run_deliveries().await;
    let rest = reached(&harness);
    assert!(all.is_disjoint(&rest));
    all.extend(rest);
    let expected = (0..MANY).map(|number| format!("https://example.com/{number}"));
    assert_eq!(all, expected.collect());
    assert_eq!(waiting(&harness), 0);
}

#[tokio::test]
async fn a_topic_with_thousands_is_emptied_before_its_name_is_free() {
    let harness = Harness::new(vec![crate::service()]).await;
    let topic = topic(&harness).await;
    subscribe(&harness, &topic, 0..MANY, 0).await;
    publish(&harness, &topic, "m").await;
    let delete = format!("Action=DeleteTopic&TopicArn={}", topic.arn());
    for _ in 0..2 {
        let answer = harness.query("root", "sns", &delete).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    // The message and those of its copies that are staged, and what empties the topic, once.
    assert_eq!(waiting(&harness), AT_FIRST.rows + 2);
    let list = async || {
        let listed = harness.query("root", "sns", "Action=ListTopics").await;
        listed.text.matches("<TopicArn>").count()
    };
    assert_eq!(list().await, 0);
    let create = "Action=CreateTopic&Name=t";
    let again = harness.query("root", "sns", create).await;
    assert_eq!(again.element("Code"), "Throttling", "{}", again.text);
    harness.run_deliveries().await;
    assert_eq!(waiting(&harness), 0);
    let left = harness.query("root", "sns", "Action=ListSubscriptions");
    let left = left.await;
    assert_eq!(left.text.matches("<Endpoint>").count(), 0, "{}", left.text);
    let again = harness.query("root", "sns", create).await;
    assert_eq!(again.status, 200, "{}", again.text);
    harness.outbound.sent();
    publish(&harness, &topic, "n").await;
    harness.run_deliveries().await;
    assert_eq!(reached(&harness).len(), 0);
}
