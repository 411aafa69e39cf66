//! What nobody puts: schedules, what services tell of, calls that a trail logs, and replays.

use std::sync::{Arc, Mutex, PoisonError};

use platform::testing::{Harness, REGION};
use platform::{BusEvent, Clock as _, LoggedCalls, PortFuture, Trails, Whose};
use serde_json::{Value, json};
use service_events::{Sources, first_unrouted, replay};
use store::Txn;

use crate::house::{OTHER, OWN, archived_bus, bus, done, entry, house, kept, refused};

const DAY: i64 = 86_400;

/// Trails as a test says.
#[derive(Default)]
struct Said(Mutex<Vec<LoggedCalls>>);

impl Trails for Said {
    fn logging<'a>(&'a self, _: &'a mut Txn) -> PortFuture<'a, Vec<LoggedCalls>> {
        let all = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        Box::pin(std::future::ready(Ok(all)))
    }
}

fn logged(account: &str) -> LoggedCalls {
    LoggedCalls {
        whose: Whose::Account(account.to_owned()),
        region: None,
        selects: Arc::new(|_, _| true),
    }
}

fn sources(harness: &Harness, trails: &Arc<Said>) -> Sources {
    let trails: Arc<Said> = Arc::clone(trails);
    Sources::new(harness.pipeline.own_work(), trails)
}

async fn go(sources: &mut Sources) {
    assert!(sources.go().await.is_ok());
}

/// Makes a rule on the default bus whose target is the bus `to`.
async fn rule(harness: &Harness, mut rule: Value, to: &str) {
    let name = rule["Name"].as_str().unwrap_or_default().to_owned();
    if let Some(pattern) = rule.get("EventPattern").filter(|it| it.is_object()) {
        rule["EventPattern"] = json!(pattern.to_string());
    }
    done(harness, "root", "PutRule", rule).await;
    let targets = json!([{ "Id": "bus", "Arn": bus(OWN, to) }]);
    let input = json!({ "Rule": name, "Targets": targets });
    done(harness, "root", "PutTargets", input).await;
}

/// Makes an archive of a bus that keeps what matches a pattern: what it has says what events were.
async fn probe(harness: &Harness, name: &str, of: &str, pattern: &Value) {
    let input = json!({
        "ArchiveName": name, "EventSourceArn": bus(OWN, of), "EventPattern": pattern.to_string(),
    });
    done(harness, "root", "CreateArchive", input).await;
}

#[tokio::test]
async fn a_rule_fires_at_each_of_its_times() {
    let harness = house().await;
    for name in ["default", "often", "daily"] {
        archived_bus(&harness, "root", OWN, name).await;
    }
    let arn = format!("arn:aws:events:{REGION}:{OWN}:rule/often");
    let first = json!({
        "version": ["0"], "detail-type": ["Scheduled Event"], "source": ["aws.events"],
        "account": [OWN], "time": ["2026-01-01T00:05:00Z"], "region": [REGION],
        "resources": [arn],
    });
    probe(&harness, "first", "often", &first).await;
    let at_half_past_one = json!({ "time": ["2026-01-01T01:30:00Z"] });
    probe(&harness, "half-past", "daily", &at_half_past_one).await;
    let mut sources = sources(&harness, &Arc::default());
    let rate = json!({ "Name": "often", "ScheduleExpression": "rate(5 minutes)" });
    rule(&harness, rate.clone(), "often").await;
    let cron = json!({ "Name": "daily", "ScheduleExpression": "cron(30 1 * * ? *)" });
    rule(&harness, cron, "daily").await;
    go(&mut sources).await;
    assert_eq!(kept(&harness, "root", "often").await, 0);
    assert_eq!(sources.rest().as_secs(), 60, "nobody sleeps for long");
    harness.clock.advance(299);
    go(&mut sources).await;
    assert_eq!(sources.rest().as_secs(), 1);
    assert_eq!(kept(&harness, "root", "often").await, 0);
    harness.clock.advance(1);
    for _ in 0..3 {
        go(&mut sources).await;
        assert_eq!(kept(&harness, "root", "often").await, 1);
    }
    assert_eq!(kept(&harness, "root", "first").await, 1);
    // The same rule again goes on as it did; another schedule begins anew.
    harness.clock.advance(120);
    done(&harness, "root", "PutRule", rate).await;
    harness.clock.advance(180);
    go(&mut sources).await;
    assert_eq!(kept(&harness, "root", "often").await, 2);
    // Nothing for a time at which it was disabled, and none is made up for.
    done(&harness, "root", "DisableRule", json!({ "Name": "often" })).await;
    harness.clock.advance(400);
    go(&mut sources).await;
    done(&harness, "root", "EnableRule", json!({ "Name": "often" })).await;
    go(&mut sources).await;
    assert_eq!(kept(&harness, "root", "often").await, 2);
    harness.clock.advance(300);
    go(&mut sources).await;
    assert_eq!(kept(&harness, "root", "often").await, 3);
    // 01:30 once, though the loop comes by later, and though it missed many of the other's times.
    harness.clock.advance(7200);
    go(&mut sources).await;
    assert_eq!(kept(&harness, "root", "daily").await, 1);
    assert_eq!(kept(&harness, "root", "often").await, 4);
    assert_eq!(kept(&harness, "root", "half-past").await, 1);
    // A schedule puts nothing on the bus it stands on.
    assert_eq!(kept(&harness, "root", "default").await, 0);
    let input = json!({ "Rule": "often", "Ids": ["bus"] });
    done(&harness, "root", "RemoveTargets", input).await;
    done(&harness, "root", "DeleteRule", json!({ "Name": "often" })).await;
    harness.clock.advance(2 * DAY);
    go(&mut sources).await;
    assert_eq!(kept(&harness, "root", "often").await, 4);
    assert_eq!(kept(&harness, "root", "daily").await, 2);
}

#[tokio::test]
async fn schedules_and_the_place_in_the_journal_survive_the_end_of_the_program() {
    let dir = tempfile::tempdir().expect("a directory");
    let services = || vec![service_events::service()];
    let trails = Arc::new(Said(Mutex::new(vec![logged(OWN)])));
    {
        let harness = Harness::on_disk(services(), dir.path(), 1).await;
        archived_bus(&harness, "root", OWN, "often").await;
        archived_bus(&harness, "root", OWN, "default").await;
        for name in ["PutRule", "PutTargets"] {
            let call = json!({ "detail": { "eventName": [name] } });
            probe(&harness, name, "default", &call).await;
        }
        let rate = json!({ "Name": "often", "ScheduleExpression": "rate(1 hour)" });
        let mut sources = sources(&harness, &trails);
        go(&mut sources).await;
        rule(&harness, rate, "often").await;
        // Two calls on record that the loop has not seen when the program ends.
    }
    let harness = Harness::on_disk(services(), dir.path(), 2).await;
    let mut sources = sources(&harness, &trails);
    harness.clock.advance(3600);
    go(&mut sources).await;
    assert_eq!(kept(&harness, "root", "often").await, 1);
    for name in ["PutRule", "PutTargets"] {
        assert_eq!(kept(&harness, "root", name).await, 1, "{name}");
    }
    assert_eq!(kept(&harness, "root", "default").await, 2);
}

#[tokio::test]
async fn what_services_tell_of_comes_to_the_default_bus_once() {
    let harness = house().await;
    archived_bus(&harness, "root", OWN, "default").await;
    archived_bus(&harness, "root", OWN, "keys").await;
    archived_bus(&harness, "other", OTHER, "default").await;
    let arn = format!("arn:aws:kms:{REGION}:{OWN}:key/k1");
    let exact = json!({
        "version": ["0"], "detail-type": ["KMS CMK Rotation"], "source": ["aws.kms"],
        "account": [OWN], "time": ["2026-01-01T00:00:00Z"], "region": [REGION],
        "resources": [arn], "detail": { "key-id": ["k1"] },
    });
    probe(&harness, "exact", "keys", &exact).await;
    let pattern = json!({ "source": ["aws.kms"], "detail": { "key-id": ["k1"] } });
    rule(
        &harness,
        json!({ "Name": "keys", "EventPattern": pattern }),
        "keys",
    )
    .await;
    let upkeep = harness.pipeline.upkeep();
    let emit = async |account: &str, key: &str| {
        let arn = format!("arn:aws:kms:{REGION}:{account}:key/{key}");
        let detail = json!({ "key-id": key }).to_string();
        let now = harness.clock.now();
        let event = BusEvent::about(&arn, ("aws.kms", "KMS CMK Rotation"), detail, now);
        let mut txn = upkeep.begin();
        upkeep.emit(&mut txn, event).ok().expect("seeded");
        assert!(upkeep.commit_part(txn).await.ok().expect("a store"));
    };
    emit(OWN, "k1").await;
    emit(OWN, "k2").await;
    emit(OTHER, "k1").await;
    let mut sources = sources(&harness, &Arc::default());
    go(&mut sources).await;
    go(&mut sources).await;
    assert_eq!(kept(&harness, "root", "default").await, 2);
    assert_eq!(kept(&harness, "root", "keys").await, 1);
    assert_eq!(kept(&harness, "other", "default").await, 1);
    assert_eq!(kept(&harness, "root", "exact").await, 1);
}

#[tokio::test]
async fn calls_come_to_the_bus_where_a_trail_logs_them() {
    let harness = house().await;
    for name in ["default", "changes", "all"] {
        archived_bus(&harness, "root", OWN, name).await;
    }
    let exact = json!({
        "source": ["aws.events"], "account": [OWN], "region": [REGION],
        "detail": {
            "eventName": ["CreateEventBus"], "eventSource": ["events.amazonaws.com"],
            "requestParameters": { "name": ["logged"] }, "userIdentity": { "type": ["Root"] },
        },
    });
    probe(&harness, "exact", "changes", &exact).await;
    let pattern = json!({ "detail-type": ["AWS API Call via CloudTrail"] });
    let changes = json!({ "Name": "changes", "EventPattern": pattern });
    rule(&harness, changes, "changes").await;
    let trails = Arc::new(Said::default());
    let mut sources = sources(&harness, &trails);
    go(&mut sources).await;
    let create = |name: &str| json!({ "Name": name });
    done(&harness, "root", "CreateEventBus", create("unlogged")).await;
    go(&mut sources).await;
    let counts = async || {
        [
            kept(&harness, "root", "default").await,
            kept(&harness, "root", "changes").await,
            kept(&harness, "root", "all").await,
        ]
    };
    assert_eq!(counts().await, [0, 0, 0], "no trail logs");
    let upkeep = harness.pipeline.upkeep();
    let unrouted = async || first_unrouted(&upkeep, &*trails).await.ok().flatten();
    assert_eq!(unrouted().await, None, "nobody reads on");
    *trails.0.lock().expect("one test") = vec![logged(OWN)];
    go(&mut sources).await;
    let next = upkeep.journal_head() + 1;
    let first = unrouted().await;
    assert!(first.is_some_and(|first| first <= next), "{first:?}");
    assert_eq!(counts().await, [0, 0, 0], "what was before is over");
    done(&harness, "root", "CreateEventBus", create("logged")).await;
    done(&harness, "root", "DescribeRule", create("changes")).await;
    done(&harness, "other", "CreateEventBus", create("elsewhere")).await;
    go(&mut sources).await;
    go(&mut sources).await;
    assert_eq!(
        counts().await,
        [1, 1, 0],
        "what reads is for who asks for it"
    );
    assert_eq!(kept(&harness, "root", "exact").await, 1);
    // Denied calls too.
    harness.user("nobody", &[]);
    refused(&harness, "nobody", "CreateEventBus", create("denied")).await;
    go(&mut sources).await;
    assert_eq!(counts().await, [2, 2, 0]);
    let all = json!({
        "Name": "all", "EventPattern": pattern,
        "State": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
    });
    rule(&harness, all, "all").await;
    go(&mut sources).await;
    let [default, changed, everything] = counts().await;
    assert_eq!((default, changed), (4, 4), "the rule and its target");
    assert_eq!(everything, 2, "what read before it asked is not for it");
    done(&harness, "root", "DescribeRule", create("changes")).await;
    go(&mut sources).await;
    let [default, changed, again] = counts().await;
    assert_eq!((default, changed), (4, 4));
    assert_eq!(
        again,
        everything + 4,
        "three archives and a rule were described"
    );
}

async fn put(harness: &Harness, bus: &str, number: i64, at: i64) {
    let mut event = entry(bus, "app", &json!({ "number": number }));
    event["Time"] = json!(at);
    let put = done(harness, "root", "PutEvents", json!({ "Entries": [event] })).await;
    assert_eq!(put["FailedEntryCount"], 0);
}

fn start(name: &str, from: i64, to: i64, filters: &[&str]) -> Value {
    let archive = format!("arn:aws:events:{REGION}:{OWN}:archive/shop");
    let filters = filters
        .iter()
        .map(|rule| format!("arn:aws:events:{REGION}:{OWN}:rule/shop/{rule}"));
    let filters: Vec<_> = filters.collect();
    let mut destination = json!({ "Arn": bus(OWN, "shop") });
    if !filters.is_empty() {
        destination["FilterArns"] = json!(filters);
    }
    json!({
        "ReplayName": name, "EventSourceArn": archive, "EventStartTime": from,
        "EventEndTime": to, "Destination": destination, "Description": "d",
    })
}

/// A bus `shop` with an archive, two rules to buses `one` and `two`, and events of ten seconds.
async fn shop(harness: &Harness) -> i64 {
    for name in ["shop", "one", "two"] {
        archived_bus(harness, "root", OWN, name).await;
    }
    let start = harness.clock.now().secs();
    for number in 0..10 {
        put(harness, "shop", number, start + number).await;
    }
    for to in ["one", "two"] {
        let input = json!({
            "Name": to, "EventBusName": "shop", "EventPattern": "{\"replay-name\":[{\"exists\":true}]}",
        });
        done(harness, "root", "PutRule", input).await;
        let targets = json!([{ "Id": "bus", "Arn": bus(OWN, to) }]);
        let input = json!({ "Rule": to, "EventBusName": "shop", "Targets": targets });
        done(harness, "root", "PutTargets", input).await;
    }
    start
}

#[tokio::test]
async fn a_replay_brings_events_of_its_time_to_the_rules_it_names() {
    let harness = house().await;
    let begin = shop(&harness).await;
    let work = harness.pipeline.own_work();
    let input = start("again", begin + 2, begin + 6, &["one"]);
    let started = done(&harness, "root", "StartReplay", input.clone()).await;
    let arn = format!("arn:aws:events:{REGION}:{OWN}:replay/again");
    assert_eq!(started["ReplayArn"], json!(arn));
    assert_eq!(started["State"], "STARTING");
    let name = json!({ "ReplayName": "again" });
    let shown = done(&harness, "root", "DescribeReplay", name.clone()).await;
    assert_eq!(shown["State"], "STARTING");
    assert_eq!(shown.get("EventLastReplayedTime"), None);
    harness.clock.advance(5);
    replay(&work).await.ok().expect("a store");
    let shown = done(&harness, "root", "DescribeReplay", name.clone()).await;
    let expected = json!({
        "ReplayName": "again", "ReplayArn": arn, "Description": "d", "State": "COMPLETED",
        "EventSourceArn": input["EventSourceArn"], "Destination": input["Destination"],
        "EventStartTime": begin + 2, "EventEndTime": begin + 6,
        "EventLastReplayedTime": begin + 5,
        "ReplayStartTime": begin, "ReplayEndTime": begin + 5,
    });
    let whole = |mut shown: Value| {
        for (_, value) in shown.as_object_mut().into_iter().flatten() {
            if let Some(number) = value.as_f64() {
                *value = json!(format!("{number}").parse::<i64>().unwrap_or(-1));
            }
        }
        shown
    };
    assert_eq!(whole(shown), expected);
    // Neither archive keeps what is replayed.
    assert_eq!(kept(&harness, "root", "shop").await, 10);
    assert_eq!(kept(&harness, "root", "one").await, 0);
    let listed = done(
        &harness,
        "root",
        "ListReplays",
        json!({ "State": "COMPLETED" }),
    )
    .await;
    assert_eq!(listed["Replays"][0]["ReplayName"], "again");
    assert_eq!(listed["Replays"][0].get("Destination"), None);
    let (code, text) = refused(&harness, "root", "StartReplay", input).await;
    assert_eq!(
        (&*code, &*text),
        (
            "ResourceAlreadyExistsException",
            "Replay again already exists."
        )
    );
    let (code, text) = refused(&harness, "root", "CancelReplay", name.clone()).await;
    let said = "Replay again is not in a valid state for this operation.";
    assert_eq!((&*code, &*text), ("IllegalStatusException", said));
    harness.clock.advance(91 * DAY);
    let (code, _) = refused(&harness, "root", "DescribeReplay", name).await;
    assert_eq!(code, "ResourceNotFoundException");
}

#[tokio::test]
async fn replays_that_cannot_be_are_refused_and_others_can_be_cancelled() {
    let harness = house().await;
    let begin = shop(&harness).await;
    let good = start("again", begin, begin + 60, &[]);
    let with = |member: &str, value: Value| {
        let mut input = good.clone();
        input[member] = value;
        input
    };
    let archive = format!("arn:aws:events:{REGION}:{OWN}:archive/none");
    let filters = json!({ "Arn": bus(OWN, "shop"), "FilterArns": [bus(OWN, "shop")] });
    let cases = [
        (
            with("EventSourceArn", json!(archive)),
            "Archive none does not exist.",
        ),
        (
            with("EventSourceArn", json!(bus(OWN, "shop"))),
            "Must contain an archive ARN.",
        ),
        (
            with("EventEndTime", json!(begin)),
            "EventStartTime must be before EventEndTime.",
        ),
        (
            with("Destination", json!({ "Arn": bus(OWN, "one") })),
            "Cross event bus replay is not permitted.",
        ),
        (
            with("Destination", json!({ "Arn": archive })),
            "Must contain an event bus ARN.",
        ),
        (
            with("Destination", filters),
            "Must contain ARNs of rules of the event bus.",
        ),
    ];
    for (input, said) in cases {
        let (code, text) = refused(&harness, "root", "StartReplay", input).await;
        assert_eq!(code, "ValidationException", "{text}");
        assert!(text.ends_with(said), "{text}");
    }
    let missing = with("Destination", json!({ "Arn": bus(OWN, "none") }));
    let (code, text) = refused(&harness, "root", "StartReplay", missing).await;
    let said = "Event bus none does not exist.";
    assert_eq!((&*code, &*text), ("ResourceNotFoundException", said));
    for number in 0..10 {
        let input = start(&format!("again-{number}"), begin, begin + 60, &[]);
        done(&harness, "root", "StartReplay", input).await;
    }
    let (code, _) = refused(&harness, "root", "StartReplay", good.clone()).await;
    assert_eq!(code, "LimitExceededException");
    let name = json!({ "ReplayName": "again-3" });
    let cancelled = done(&harness, "root", "CancelReplay", name.clone()).await;
    assert_eq!(cancelled["State"], "CANCELLING");
    let work = harness.pipeline.own_work();
    replay(&work).await.ok().expect("a store");
    let shown = done(&harness, "root", "DescribeReplay", name).await;
    assert_eq!(shown["State"], "CANCELLED");
    assert_eq!(shown.get("EventLastReplayedTime"), None);
    // An archive that is gone ends the replays of it.
    done(&harness, "root", "StartReplay", good).await;
    let input = json!({ "ArchiveName": "shop" });
    done(&harness, "root", "DeleteArchive", input).await;
    replay(&work).await.ok().expect("a store");
    let name = json!({ "ReplayName": "again" });
    let shown = done(&harness, "root", "DescribeReplay", name).await;
    assert_eq!(shown["State"], "FAILED");
    assert_eq!(shown["StateReason"], "Archive resource not found.");
}

#[tokio::test]
async fn archives_keep_events_for_as_long_as_they_are_told() {
    let harness = house().await;
    archived_bus(&harness, "root", OWN, "default").await;
    let input = json!({ "ArchiveName": "default", "RetentionDays": 2 });
    done(&harness, "root", "UpdateArchive", input).await;
    let mut sources = sources(&harness, &Arc::default());
    let now = |harness: &Harness| harness.clock.now().secs();
    put(&harness, "default", 1, now(&harness)).await;
    go(&mut sources).await;
    harness.clock.advance(DAY);
    put(&harness, "default", 2, now(&harness)).await;
    harness.clock.advance(DAY);
    go(&mut sources).await;
    assert_eq!(kept(&harness, "root", "default").await, 2);
    harness.clock.advance(3600);
    go(&mut sources).await;
    assert_eq!(kept(&harness, "root", "default").await, 1);
    let shown = done(
        &harness,
        "root",
        "DescribeArchive",
        json!({ "ArchiveName": "default" }),
    )
    .await;
    assert_eq!(shown["RetentionDays"], 2);
}
