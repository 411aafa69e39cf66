//! Calls that write the same record at the same time.

use std::sync::atomic::{AtomicU32, Ordering};

use api::kms;
use platform::{Ctx, Result, Service};
use store::Store;

use crate::house::{Counter, Harness, Request, count, events, increment, json, may, place};

/// As many as surely get through: of those that are left, each round lets one commit at least.
const CALLS: u64 = 16;

static RUNS: AtomicU32 = AtomicU32::new(0);

/// Lets the others read before it writes.
async fn slow(ctx: &Ctx, request: kms::EnableKeyRequest) -> Result<wire::Empty> {
    may(ctx, "kms:EnableKey").await?;
    RUNS.fetch_add(1, Ordering::Relaxed);
    increment(ctx, &request.key_id).await?;
    tokio::task::yield_now().await;
    Ok(wire::Empty)
}

#[tokio::test]
async fn calls_at_once_each_count_exactly_once() {
    let service = Service::new(&kms::SERVICE).op::<kms::EnableKey>(slow);
    let harness = Harness::new(vec![service]).await;
    let pipeline = std::sync::Arc::new(harness.pipeline);
    let calls: Vec<_> = (0..CALLS)
        .map(|_| {
            let pipeline = std::sync::Arc::clone(&pipeline);
            tokio::spawn(async move {
                let request = Request::kms("EnableKey", &json!({ "KeyId": "x" }));
                request.send(&pipeline).await.is_ok();
            })
        })
        .collect();
    for call in calls {
        call.await.expect("a call that succeeds");
    }
    assert_eq!(count(&pipeline, "x").await, Some(CALLS));
    let recorded = events(&pipeline);
    assert_eq!(recorded.len() as u64, CALLS);
    assert!(
        recorded
            .iter()
            .all(|event| event.get("errorCode").is_none())
    );
    // Otherwise there was nothing to resolve.
    assert!(u64::from(RUNS.load(Ordering::Relaxed)) > CALLS);
}

tokio::task_local! {
    static RIVAL: Store;
}

/// Loses every time: somebody else changes the record that it has read.
async fn loses(ctx: &Ctx, request: kms::EnableKeyRequest) -> Result<wire::Empty> {
    may(ctx, "kms:EnableKey").await?;
    increment(ctx, &request.key_id).await?;
    ctx.put(place("own"), Counter { count: 1 }).await;
    let store = RIVAL.with(Clone::clone);
    let mut rival = store.begin();
    let old = rival.get::<Counter>(&place(&request.key_id)).await?;
    let count = old.map_or(0, |counter| counter.count) + 100;
    rival.put(place(&request.key_id), Counter { count });
    store.commit(rival, None).await.expect("a commit");
    Ok(wire::Empty)
}

#[tokio::test]
async fn a_call_that_never_gets_through_is_throttled() {
    let service = Service::new(&kms::SERVICE).op::<kms::EnableKey>(loses);
    let pipeline = Harness::new(vec![service]).await.pipeline;
    let request = Request::kms("EnableKey", &json!({ "KeyId": "x" }));
    let store = pipeline.store().clone();
    let answer = RIVAL.scope(store, request.send(&pipeline)).await;
    answer.says(400, "ThrottlingException", "Rate exceeded");
    assert_eq!(count(&pipeline, "own").await, None);
    let rivals = count(&pipeline, "x").await.expect("a counter");
    assert_eq!(rivals % 100, 0, "a write of the loser is among {rivals}");
    assert!(rivals > 100, "the call ran once only");
    let recorded = events(&pipeline);
    assert_eq!(recorded.len(), 1);
    assert_eq!(recorded[0]["errorCode"], "ThrottlingException");
}
