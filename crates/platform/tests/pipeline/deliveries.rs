//! Deliveries: staged with a call, made afterwards, again and again, and removed with what they did.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api::{kms, sts};
use platform::{
    Ctx, Deliverer, Delivery, DeliveryFuture, Error, Exhausted, Failure, GivenUp, NewDelivery,
    Outcome, Result, Retries, Service,
};

use crate::house::{ACCOUNT, Harness, Request, count, events, increment, json, may};

/// What the test's deliverer saw, in its order.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn note(&self, what: String) {
        self.0.lock().expect("no panic").push(what);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("no panic"))
    }
}

/// Delivers as the payload says, which is `how:name`.
struct Acting(Seen);

impl Acting {
    async fn act(&self, ctx: &Ctx, delivery: &Delivery) -> Result<Outcome> {
        let payload = String::from_utf8(delivery.payload.clone()).expect("text");
        let (how, name) = payload.split_once(':').expect("a colon");
        self.0.note(format!("{payload} {}", delivery.attempts));
        increment(ctx, name).await?;
        let again = || Failure::new("Again", "not yet");
        Ok(match how {
            "done" => Outcome::Done,
            "second" if delivery.attempts > 0 => Outcome::Done,
            "waits" if delivery.attempts > 0 => Outcome::Done,
            "waits" => Outcome::Retry(Failure {
                retry_after: Some(Duration::from_secs(100)),
                ..again()
            }),
            "broken" if delivery.attempts == 0 => return Err(Error::internal("broken")),
            "broken" => Outcome::Done,
            "refused" => return Err(kms::NotFoundException::new("gone").into()),
            "calls" => {
                let request = kms::DescribeKeyRequest {
                    key_id: name.to_owned(),
                    ..Default::default()
                };
                let source = format!("arn:aws:events:eu-west-2:{ACCOUNT}:rule/r");
                let call = ctx.as_service("events.amazonaws.com").source(&source);
                call.call::<kms::DescribeKey>(request).await?;
                Outcome::Done
            }
            "never" => Outcome::GiveUp(Failure::new("Never", "not ever")),
            _ => Outcome::Retry(again()),
        })
    }
}

impl Deliverer for Acting {
    fn deliver<'a>(&'a self, ctx: &'a Ctx, delivery: &'a Delivery) -> DeliveryFuture<'a, Outcome> {
        Box::pin(self.act(ctx, delivery))
    }

    fn give_up<'a>(
        &'a self,
        ctx: &'a Ctx,
        delivery: &'a Delivery,
        given_up: &'a GivenUp,
    ) -> DeliveryFuture<'a, ()> {
        Box::pin(async move {
            let GivenUp {
                failure,
                exhausted,
                retries,
            } = given_up;
            let code = &failure.code;
            self.0.note(format!("{code} {exhausted:?} {retries}"));
            increment(ctx, "given up").await?;
            match delivery.payload.ends_with(b"lost") {
                true => Err(kms::NotFoundException::new("no such queue").into()),
                false => Ok(()),
            }
        })
    }
}

/// Stages one delivery for each word, which is `queue=how:name`; fails at the word `fail`.
async fn stage(
    ctx: &Ctx,
    request: sts::DecodeAuthorizationMessageRequest,
) -> Result<sts::DecodeAuthorizationMessageResponse> {
    may(ctx, "sts:DecodeAuthorizationMessage").await?;
    for word in request.encoded_message.split(' ') {
        let Some((queue, payload)) = word.split_once('=') else {
            return Err(sts::InvalidAuthorizationMessageException::new("fail").into());
        };
        ctx.stage_delivery(NewDelivery {
            service: &kms::SERVICE,
            account: ACCOUNT.to_owned(),
            queue: queue.to_owned(),
            ordered: !queue.starts_with("any"),
            retries: Retries {
                most: 3,
                most_age_secs: 300,
            },
            payload: payload.as_bytes().to_vec(),
        })
        .await?;
    }
    Ok(sts::DecodeAuthorizationMessageResponse::default())
}

async fn describe(ctx: &Ctx, _: kms::DescribeKeyRequest) -> Result<kms::DescribeKeyResponse> {
    let source = ctx.source_arn().unwrap_or_default().to_owned();
    increment(ctx, &source).await?;
    may(ctx, "kms:DescribeKey").await?;
    Ok(kms::DescribeKeyResponse::default())
}

fn services(seen: &Seen) -> Vec<Service> {
    vec![
        Service::new(&kms::SERVICE)
            .op::<kms::DescribeKey>(describe)
            .delivers(Acting(seen.clone())),
        Service::new(&sts::SERVICE).op::<sts::DecodeAuthorizationMessage>(stage),
    ]
}

async fn house() -> (Harness, Seen) {
    let seen = Seen::default();
    (Harness::new(services(&seen)).await, seen)
}

async fn put(harness: &Harness, words: &str) -> u16 {
    let form =
        format!("Action=DecodeAuthorizationMessage&Version=2011-06-15&EncodedMessage={words}");
    let form = form.replace(' ', "+");
    Request::sts(&form).send(&harness.pipeline).await.status
}

/// Seconds pass, one after the other.
async fn pass(harness: &Harness, seconds: i64) -> usize {
    let mut attempts = 0;
    for _ in 0..seconds {
        harness.clock.advance(1);
        attempts += harness.run_deliveries().await;
    }
    attempts
}

#[tokio::test]
async fn a_delivery_is_made_once_with_what_it_stages() {
    let (harness, seen) = house().await;
    assert_eq!(put(&harness, "q=done:a any=done:b").await, 200);
    assert_eq!(harness.pipeline.deliveries().counts().waiting, 2);
    assert_eq!(harness.run_deliveries().await, 2);
    assert_eq!(harness.run_deliveries().await, 0);
    let mut made = seen.take();
    made.sort();
    assert_eq!(made, ["done:a 0", "done:b 0"]);
    assert_eq!(count(&harness.pipeline, "a").await, Some(1));
    let counts = harness.pipeline.deliveries().counts();
    assert_eq!((counts.done, counts.waiting), (2, 0));
}

#[tokio::test]
async fn a_call_that_fails_leaves_no_delivery() {
    let (harness, seen) = house().await;
    assert_eq!(put(&harness, "q=done:a fail").await, 400);
    assert_eq!(harness.run_deliveries().await, 0);
    assert_eq!(seen.take(), [""; 0]);
}

#[tokio::test]
async fn a_later_delivery_of_the_queue_waits_for_the_first_one() {
    let (harness, seen) = house().await;
    put(
        &harness,
        "q=second:a q=done:b other=done:c any=second:d any=done:e",
    )
    .await;
    assert_eq!(harness.run_deliveries().await, 4);
    assert!(!seen.take().contains(&"done:b 0".to_owned()));
    assert_eq!(pass(&harness, 2).await, 3);
    let made = seen.take();
    let places = ["second:a 1", "done:b 0"].map(|one| made.iter().position(|made| made == one));
    assert!(places[0].is_some() && places[0] < places[1], "{made:?}");
    // What an attempt stages that is followed by another one is dropped.
    assert_eq!(count(&harness.pipeline, "a").await, Some(1));
}

#[tokio::test]
async fn attempts_have_an_end() {
    let (harness, seen) = house().await;
    put(&harness, "q=always:a").await;
    harness.run_deliveries().await;
    assert_eq!(pass(&harness, 60).await, 3);
    let expected = [
        "always:a 0",
        "always:a 1",
        "always:a 2",
        "always:a 3",
        "Again Some(Attempts) 3",
    ];
    assert_eq!(seen.take(), expected);
    assert_eq!(count(&harness.pipeline, "a").await, None);
    assert_eq!(count(&harness.pipeline, "given up").await, Some(1));
    let counts = harness.pipeline.deliveries().counts();
    assert_eq!((counts.retried, counts.given_up, counts.waiting), (3, 1, 0));
}

#[tokio::test]
async fn age_has_an_end_and_receivers_are_heard() {
    let (harness, seen) = house().await;
    put(&harness, "q=waits:a").await;
    harness.run_deliveries().await;
    assert_eq!(pass(&harness, 99).await, 0);
    assert_eq!(pass(&harness, 1).await, 1);
    assert_eq!(count(&harness.pipeline, "a").await, Some(1));
    seen.take();
    put(&harness, "q=always:b").await;
    harness.clock.advance(300);
    harness.run_deliveries().await;
    assert_eq!(
        seen.take(),
        ["always:b 0", &format!("Again {:?} 0", Some(Exhausted::Age))]
    );
}

#[tokio::test]
async fn what_is_refused_is_given_up_and_what_breaks_is_tried_again() {
    let (harness, seen) = house().await;
    put(&harness, "q=never:a q=refused:b q=broken:c q=never:lost").await;
    harness.run_deliveries().await;
    pass(&harness, 2).await;
    let expected = [
        "never:a 0",
        "Never None 0",
        "refused:b 0",
        "NotFoundException None 0",
        "broken:c 0",
        "broken:c 1",
        "never:lost 0",
        "Never None 0",
    ];
    assert_eq!(seen.take(), expected);
    // The last one was refused where it was to go, and what was staged for that is dropped.
    assert_eq!(count(&harness.pipeline, "given up").await, Some(2));
    let counts = harness.pipeline.deliveries().counts();
    assert_eq!((counts.done, counts.given_up, counts.dropped), (1, 2, 1));
}

#[tokio::test]
async fn calls_of_a_delivery_are_decided_and_on_record() {
    let (harness, seen) = house().await;
    put(&harness, "q=calls:k").await;
    harness.run_deliveries().await;
    // No policy lets the service in.
    assert_eq!(seen.take(), ["calls:k 0", "AccessDeniedException None 0"]);
    let events = events(&harness.pipeline);
    let call = events
        .iter()
        .find(|event| event["eventName"] == "DescribeKey")
        .unwrap();
    let by = json!({ "type": "AWSService", "invokedBy": "events.amazonaws.com" });
    assert_eq!(call["userIdentity"], by);
    assert_eq!(
        (&call["errorCode"], &call["recipientAccountId"]),
        (&json!("AccessDenied"), &json!(ACCOUNT))
    );
    assert_eq!(count(&harness.pipeline, "k").await, None);
}

#[tokio::test]
async fn deliveries_outlive_the_program_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let seen = Seen::default();
    let open = |life| {
        let path: &Path = folder.path();
        let services = services(&seen);
        async move { Harness::on_disk(services, path, life).await }
    };
    let harness = open(1).await;
    let words: Vec<String> = (0..40).map(|number| format!("q=done:n{number}")).collect();
    for words in words.chunks(7) {
        assert_eq!(put(&harness, &words.join(" ")).await, 200);
    }
    put(&harness, "slow=second:s").await;
    harness.pipeline.store().close().await.unwrap();
    drop(harness);
    let harness = open(2).await;
    harness.run_deliveries().await;
    pass(&harness, 2).await;
    let mut made = seen.take();
    made.retain(|made| !made.contains(":s"));
    let expected: Vec<String> = (0..40).map(|number| format!("done:n{number} 0")).collect();
    assert_eq!(made, expected);
    assert_eq!(harness.run_deliveries().await, 0);
    assert_eq!(harness.pipeline.deliveries().counts().waiting, 0);
}

#[tokio::test]
async fn the_runner_makes_what_is_staged_while_it_runs_and_stops() {
    let (harness, seen) = house().await;
    put(&harness, "q=done:a").await;
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let running = tokio::spawn(harness.pipeline.deliveries().run(stopping));
    while count(&harness.pipeline, "a").await.is_none() {
        tokio::task::yield_now().await;
    }
    put(&harness, "q=done:b").await;
    while harness.pipeline.deliveries().counts().done < 2 {
        tokio::task::yield_now().await;
    }
    stop.send(true).unwrap();
    running.await.unwrap();
    assert_eq!(seen.take(), ["done:a 0", "done:b 0"]);
}
