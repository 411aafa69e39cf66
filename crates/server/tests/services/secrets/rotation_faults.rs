//! Rotations that fail: what is left, what is told, and what is tried again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use platform::testing::Harness;
use platform::{FunctionAnswer, FunctionFailure};
use serde_json::{Value, json};

use crate::secrets::house::{done, get, make, put, refused, token};
use crate::secrets::rotating::{
    ALL, Act, FUNCTION, INCOMPLETE, describe, events, rotating_house, rotation, script, steps,
    throttled, told,
};

/// Longer than the longest wait between two attempts.
const WAIT: i64 = 20 * 60;
/// The first one and those that follow it.
const ATTEMPTS: usize = 6;

async fn begin(harness: &Harness) {
    make(harness, "s", "old").await;
    done(harness, "root", "RotateSecret", rotation(1, json!({}))).await;
}

#[tokio::test]
async fn a_step_that_fails_leaves_the_current_version_and_is_tried_again() {
    for failing in ALL {
        let harness = rotating_house().await;
        let broken = Arc::new(AtomicBool::new(true));
        let is_broken = Arc::clone(&broken);
        script(&harness, move |event| {
            match is_broken.load(Ordering::Relaxed) && event["Step"] == failing {
                true => Act::Fail,
                false => Act::AsUsual,
            }
        });
        begin(&harness).await;
        assert_eq!(harness.run_deliveries().await, 1);
        let at = ALL
            .iter()
            .position(|step| *step == failing)
            .expect("a step");
        assert_eq!(steps(&harness), ALL[..=at]);
        assert_eq!(told(&harness).await, ["RotationStarted", "RotationFailed"]);
        let text = format!("Error when executing lambda {FUNCTION} during {failing} step");
        assert_eq!(events(&harness).await[1]["errorMessage"], text);
        assert_eq!(get(&harness, "root", "s").await, "old");
        assert_eq!(describe(&harness).await.get("LastRotatedDate"), None);
        // Not at once.
        assert_eq!(harness.run_deliveries().await, 0);
        broken.store(false, Ordering::Relaxed);
        harness.clock.advance(60);
        assert_eq!(harness.run_deliveries().await, 1);
        // All of it again, with the same token.
        assert_eq!(steps(&harness), ALL, "{failing}");
        let made = format!("made by \"{}\"", token(1));
        assert_eq!(get(&harness, "root", "s").await, made);
        let all = [
            "RotationStarted",
            "RotationFailed",
            "RotationStarted",
            "RotationSucceeded",
        ];
        assert_eq!(told(&harness).await, all);
    }
}

#[tokio::test]
async fn what_fails_for_good_waits_for_the_next_window_or_for_a_call() {
    let harness = rotating_house().await;
    script(&harness, |_| Act::Fail);
    begin(&harness).await;
    let mut attempts = 0;
    for _ in 0..20 {
        attempts += harness.run_deliveries().await;
        harness.clock.advance(WAIT);
    }
    assert_eq!(attempts, ATTEMPTS);
    let shown = describe(&harness).await;
    let stages = json!({ token(0): ["AWSCURRENT"], token(1): ["AWSPENDING"] });
    assert_eq!(shown["VersionIdsToStages"], stages);
    assert_eq!(told(&harness).await.len(), 2 * ATTEMPTS);
    steps(&harness);
    // A call is refused, and sets it off again.
    script(&harness, |_| Act::AsUsual);
    let input = rotation(2, json!({}));
    let (refusal, text) = refused(&harness, "root", "RotateSecret", input).await;
    assert_eq!((&*refusal, &*text), ("InvalidRequestException", INCOMPLETE));
    assert_eq!(harness.run_deliveries().await, 1);
    assert_eq!(steps(&harness), ALL);
    let made = format!("made by \"{}\"", token(1));
    assert_eq!(get(&harness, "root", "s").await, made);
}

#[tokio::test]
async fn a_call_hastens_the_next_attempt() {
    let harness = rotating_house().await;
    script(&harness, |_| Act::Fail);
    begin(&harness).await;
    assert_eq!(harness.run_deliveries().await, 1);
    assert_eq!(harness.run_deliveries().await, 0);
    steps(&harness);
    script(&harness, |_| Act::AsUsual);
    let (_, text) = refused(&harness, "root", "RotateSecret", rotation(2, json!({}))).await;
    assert_eq!(text, INCOMPLETE);
    assert_eq!(harness.run_deliveries().await, 1);
    assert_eq!(steps(&harness), ALL);
    assert_eq!(harness.pipeline.deliveries().counts().waiting, 0);
}

#[tokio::test]
async fn labels_that_are_not_moved_are_a_failure() {
    let harness = rotating_house().await;
    // It says that all is well, and moves no label.
    script(&harness, |event| match event["Step"] == "finishSecret" {
        true => Act::Nothing,
        false => Act::AsUsual,
    });
    begin(&harness).await;
    harness.run_deliveries().await;
    assert_eq!(told(&harness).await, ["RotationStarted", "RotationFailed"]);
    let error = events(&harness).await[1]["errorMessage"].clone();
    assert!(
        error.as_str().is_some_and(|it| it.contains(&token(1))),
        "{error}"
    );
    assert_eq!(get(&harness, "root", "s").await, "old");
}

#[tokio::test]
async fn a_function_that_does_nothing_at_all_rotates_nothing() {
    let harness = rotating_house().await;
    script(&harness, |_| Act::Nothing);
    begin(&harness).await;
    harness.run_deliveries().await;
    assert_eq!(steps(&harness), ALL);
    assert_eq!(told(&harness).await, ["RotationStarted", "RotationFailed"]);
    assert_eq!(get(&harness, "root", "s").await, "old");
}

#[tokio::test]
async fn functions_that_are_gone_throttled_or_talk_rubbish() {
    let harness = rotating_house().await;
    begin(&harness).await;
    harness.functions.forget(FUNCTION);
    harness.run_deliveries().await;
    assert_eq!(told(&harness).await, ["RotationStarted", "RotationFailed"]);
    harness.functions.fail(FUNCTION, throttled());
    harness.clock.advance(WAIT);
    harness.run_deliveries().await;
    let denied = FunctionFailure::lasting("AccessDeniedException", "secretsmanager may not");
    harness.functions.fail(FUNCTION, denied);
    harness.clock.advance(WAIT);
    harness.run_deliveries().await;
    assert_eq!(told(&harness).await.len(), 6);
    // What a function returns without an error says nothing.
    harness.functions.answer(FUNCTION, "\u{0}]]garbage{");
    harness.clock.advance(WAIT);
    harness.run_deliveries().await;
    assert_eq!(
        told(&harness).await[6..],
        ["RotationStarted", "RotationFailed"]
    );
    assert_eq!(get(&harness, "root", "s").await, "old");
}

#[tokio::test]
async fn a_function_that_makes_another_version_current_abandons_the_rotation() {
    let harness = rotating_house().await;
    let weak = Arc::downgrade(&harness);
    let does = move |_| {
        let harness = weak.upgrade().expect("a house");
        Box::pin(async move {
            put(&harness, "s", 9, "mine").await;
            Ok(FunctionAnswer {
                payload: "null".into(),
                error: None,
            })
        }) as _
    };
    harness.functions.script(FUNCTION, Arc::new(does));
    begin(&harness).await;
    harness.run_deliveries().await;
    assert_eq!(steps(&harness), ["createSecret"]);
    assert_eq!(
        told(&harness).await,
        ["RotationStarted", "RotationAbandoned"]
    );
    assert_eq!(get(&harness, "root", "s").await, "mine");
    harness.clock.advance(WAIT);
    assert_eq!(harness.run_deliveries().await, 0);
}

#[tokio::test]
async fn cancelling_between_two_steps_ends_the_rotation() {
    let harness = rotating_house().await;
    let weak = Arc::downgrade(&harness);
    let does = move |_| {
        let harness = weak.upgrade().expect("a house");
        Box::pin(async move {
            done(
                &harness,
                "root",
                "CancelRotateSecret",
                json!({ "SecretId": "s" }),
            )
            .await;
            Ok(FunctionAnswer {
                payload: "null".into(),
                error: None,
            })
        }) as _
    };
    harness.functions.script(FUNCTION, Arc::new(does));
    begin(&harness).await;
    harness.run_deliveries().await;
    assert_eq!(steps(&harness), ["createSecret"]);
    assert_eq!(told(&harness).await, ["RotationStarted"]);
    assert_eq!(describe(&harness).await["RotationEnabled"], false);
}

#[tokio::test]
async fn a_secret_that_is_marked_for_deletion_is_not_rotated_until_it_is_restored() {
    let harness = rotating_house().await;
    begin(&harness).await;
    let id = json!({ "SecretId": "s" });
    done(&harness, "root", "DeleteSecret", id.clone()).await;
    harness.run_deliveries().await;
    assert!(steps(&harness).is_empty());
    done(&harness, "root", "RestoreSecret", id).await;
    let (_, text) = refused(&harness, "root", "RotateSecret", rotation(2, json!({}))).await;
    assert_eq!(text, INCOMPLETE);
    harness.run_deliveries().await;
    assert_eq!(steps(&harness), ALL);
}

#[tokio::test]
async fn the_program_may_end_in_any_step() {
    for ending in ALL {
        for does in [false, true] {
            ends_in(ending, does).await;
        }
    }
}

/// The program ends in a step that hangs, before or after the function `does` what it is to do.
async fn ends_in(ending: &'static str, does: bool) {
    let place = tempfile::tempdir().expect("a directory");
    let services = || vec![secretsmanager::service(), kms::service()];
    let first = Arc::new(Harness::on_disk(services(), place.path(), 1).await);
    let hanging = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&hanging);
    script(&first, move |event| match event["Step"] == ending {
        true => Act::Hang {
            does,
            hanging: Arc::clone(&counted),
        },
        false => Act::AsUsual,
    });
    begin(&first).await;
    {
        let run = first.run_deliveries();
        tokio::pin!(run);
        while hanging.load(Ordering::Relaxed) == 0 {
            tokio::select! {
                _ = &mut run => panic!("it hangs"),
                () = tokio::task::yield_now() => {}
            }
        }
    }
    first.pipeline.store().close().await.expect("an end");
    drop(first);

    let second = Arc::new(Harness::on_disk(services(), place.path(), 2).await);
    let is_over = ending == "finishSecret" && does;
    let made = format!("made by \"{}\"", token(1));
    let before = if is_over { made.as_str() } else { "old" };
    assert_eq!(get(&second, "root", "s").await, before);
    script(&second, |_| Act::AsUsual);
    assert_eq!(second.run_deliveries().await, 1);
    let ran = second.functions.ran();
    let ran = ran.iter().map(|(_, event)| serde_json::from_slice(event));
    let ran: Vec<Value> = ran.collect::<Result<_, _>>().expect("JSON");
    let at = ALL.iter().position(|step| *step == ending).expect("a step");
    let names: Vec<&Value> = ran.iter().map(|event| &event["Step"]).collect();
    assert_eq!(names, ALL[at..]);
    assert!(
        ran.iter()
            .all(|event| event["ClientRequestToken"] == token(1))
    );
    assert_eq!(
        told(&second).await,
        ["RotationStarted", "RotationSucceeded"]
    );
    assert_eq!(get(&second, "root", "s").await, made);
}
