//! Rotation by the clock: in the window, once, and never before.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use platform::Clock as _;
use platform::testing::{Harness, START};
use serde_json::{Value, json};

use crate::secrets::house::{done, make, put, token};
use crate::secrets::rotating::{ALL, Act, describe, rotating_house, rotation, script, steps, told};

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;

/// Runs the job and what it begins, and gives how many rotations it began.
async fn run(harness: &Harness) -> usize {
    let upkeep = harness.pipeline.upkeep();
    let begun = secretsmanager::rotate_due(&upkeep, harness.clock.now()).await;
    harness.run_deliveries().await;
    begun.ok().expect("a run")
}

/// A secret with these rules, whose test has been done. The clock stands at midnight.
async fn plan(harness: &Harness, rules: Value) {
    make(harness, "s", "old").await;
    let more = json!({ "RotateImmediately": false, "RotationRules": rules });
    done(harness, "root", "RotateSecret", rotation(1, more)).await;
    harness.run_deliveries().await;
    steps(harness);
}

async fn next(harness: &Harness) -> i64 {
    let next = describe(harness).await["NextRotationDate"].as_i64();
    next.expect("a date") - START.millis / 1000
}

#[tokio::test]
async fn a_window_is_kept_and_the_next_one_follows() {
    let harness = rotating_house().await;
    plan(
        &harness,
        json!({ "ScheduleExpression": "cron(0 16 1,15 * ? *)", "Duration": "2h" }),
    )
    .await;
    assert_eq!(next(&harness).await, 18 * HOUR - 1);
    harness.clock.advance(16 * HOUR - 1);
    assert_eq!(run(&harness).await, 0);
    harness.clock.advance(1);
    assert_eq!(run(&harness).await, 1);
    assert_eq!(steps(&harness), ALL);
    assert_eq!(run(&harness).await, 0);
    // January 15, and 14 days between.
    assert_eq!(next(&harness).await, 14 * DAY + 18 * HOUR - 1);
    let shown = describe(&harness).await;
    assert_eq!(
        shown["LastRotatedDate"].as_i64(),
        Some(START.millis / 1000 + 16 * HOUR)
    );
    assert_eq!(shown["RotationRules"]["AutomaticallyAfterDays"], 14);
    assert_eq!(
        shown["RotationRules"]["ScheduleExpression"],
        "cron(0 16 1,15 * ? *)"
    );
    harness.clock.advance(14 * DAY);
    assert_eq!(run(&harness).await, 1);
    assert_eq!(steps(&harness), ALL);
}

#[tokio::test]
async fn days_are_counted_from_whatever_changed_the_value_last() {
    let harness = rotating_house().await;
    plan(&harness, json!({ "AutomaticallyAfterDays": 2 })).await;
    assert_eq!(next(&harness).await, 3 * DAY - 1);
    harness.clock.advance(DAY);
    put(&harness, "s", 5, "by hand").await;
    assert_eq!(next(&harness).await, 4 * DAY - 1);
    harness.clock.advance(DAY);
    assert_eq!(run(&harness).await, 0);
    harness.clock.advance(DAY);
    assert_eq!(run(&harness).await, 1);
    assert_eq!(steps(&harness), ALL);
    assert_eq!(next(&harness).await, 6 * DAY - 1);
}

#[tokio::test]
async fn a_window_that_nobody_attended_is_not_made_up_for_outside_of_one() {
    let harness = rotating_house().await;
    plan(
        &harness,
        json!({ "ScheduleExpression": "cron(0 10 * * ? *)", "Duration": "1h" }),
    )
    .await;
    harness.clock.advance(DAY - HOUR);
    assert_eq!(run(&harness).await, 0);
    assert!(steps(&harness).is_empty());
    assert_eq!(next(&harness).await, DAY + 11 * HOUR - 1);
    harness.clock.advance(11 * HOUR);
    assert_eq!(run(&harness).await, 1);
    // The program was away for days; the window of this day is open.
    harness.clock.advance(3 * DAY + HOUR / 2);
    assert_eq!(run(&harness).await, 1);
    assert_eq!(steps(&harness).len(), 2 * ALL.len());
}

#[tokio::test]
async fn what_failed_in_one_window_is_tried_in_the_next() {
    let harness = rotating_house().await;
    plan(&harness, json!({ "ScheduleExpression": "rate(4 hours)" })).await;
    script(&harness, |_| Act::Fail);
    harness.clock.advance(4 * HOUR);
    assert_eq!(run(&harness).await, 1);
    let due = next(&harness).await;
    let pending = pending(&harness).await;
    for _ in 0..11 {
        harness.clock.advance(10 * 60);
        assert_eq!(run(&harness).await, 0);
    }
    // No longer than its window, and the date is past.
    let failed = told(&harness)
        .await
        .iter()
        .filter(|it| *it == "RotationFailed")
        .count();
    assert!((2..=6).contains(&failed), "{failed}");
    steps(&harness);
    assert!(next(&harness).await >= due);
    script(&harness, |_| Act::AsUsual);
    harness.clock.advance(3 * HOUR);
    assert_eq!(run(&harness).await, 1);
    assert_eq!(steps(&harness), ALL);
    let stages = describe(&harness).await["VersionIdsToStages"][&pending].clone();
    assert_eq!(stages, json!(["AWSPENDING", "AWSCURRENT"]));
}

async fn pending(harness: &Harness) -> String {
    let stages = describe(harness).await["VersionIdsToStages"].clone();
    let all = stages.as_object().expect("stages").iter();
    let mut pending = all.filter(|(_, labels)| **labels == json!(["AWSPENDING"]));
    pending.next().expect("a version").0.clone()
}

#[tokio::test]
async fn nothing_is_planned_for_a_rotation_that_was_cancelled_or_a_secret_that_is_gone() {
    let harness = rotating_house().await;
    plan(&harness, json!({ "ScheduleExpression": "rate(1 day)" })).await;
    done(
        &harness,
        "root",
        "CancelRotateSecret",
        json!({ "SecretId": "s" }),
    )
    .await;
    harness.clock.advance(DAY);
    assert_eq!(run(&harness).await, 0);
    let on = json!({ "SecretId": "s", "ClientRequestToken": token(2) });
    done(&harness, "root", "RotateSecret", on).await;
    harness.run_deliveries().await;
    assert_eq!(steps(&harness), ALL);
    let force = json!({ "SecretId": "s", "ForceDeleteWithoutRecovery": true });
    done(&harness, "root", "DeleteSecret", force).await;
    make(&harness, "s", "another").await;
    harness.clock.advance(DAY);
    assert_eq!(run(&harness).await, 0);
    assert!(steps(&harness).is_empty());
}

#[tokio::test]
async fn a_thousand_secrets_through_a_day() {
    const SECRETS: i64 = 1000;
    let harness = rotating_house().await;
    let rotated = Arc::new(Mutex::new(BTreeMap::<String, Vec<i64>>::new()));
    let (clock, seen) = (Arc::clone(&harness.clock), Arc::clone(&rotated));
    script(&harness, move |event| {
        // The whole rotation is one call here: a thousand secrets have four thousand steps.
        if event["Step"] == "finishSecret" {
            let id = event["SecretId"].as_str().expect("an ARN");
            let name = id.split(':').nth(6).and_then(|it| it.split('-').next());
            let at = clock.now().millis / 1000 - START.millis / 1000;
            let mut seen = seen.lock().expect("no panic");
            seen.entry(name.expect("a name").to_owned())
                .or_default()
                .push(at);
            return Act::AsUsual;
        }
        match event["Step"] == "createSecret" {
            true => Act::AsUsual,
            false => Act::Nothing,
        }
    });
    let hour_of = |secret: i64| secret % 24;
    for secret in 0..SECRETS {
        let name = format!("s{secret}");
        make(&harness, &name, "old").await;
        let cron = format!("cron(0 {} * * ? *)", hour_of(secret));
        let more = json!({
            "SecretId": name,
            "RotateImmediately": false,
            "RotationRules": { "ScheduleExpression": cron, "Duration": "1h" },
        });
        done(&harness, "root", "RotateSecret", rotation(1, more)).await;
    }
    // Midnight is over: the windows of hour 0 open tomorrow.
    for _ in 0..(24 * 4) {
        harness.clock.advance(HOUR / 4);
        run(&harness).await;
    }
    let rotated = rotated.lock().expect("no panic");
    assert_eq!(i64::try_from(rotated.len()), Ok(SECRETS));
    for secret in 0..SECRETS {
        let opens = match hour_of(secret) {
            0 => DAY,
            hour => hour * HOUR,
        };
        let times = &rotated[&format!("s{secret}")];
        assert_eq!(times.len(), 1, "{secret}: {times:?}");
        assert!(
            (opens..opens + HOUR).contains(&times[0]),
            "{secret}: {times:?}"
        );
    }
}
