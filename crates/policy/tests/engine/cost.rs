//! What a decision costs. Times are printed, not asserted; the bounds that the
//! engine promises are asserted on work that would never end without them.

use crate::support::{ACCOUNT, Context, KEY, Scene, alice, parse, statement, statement_for};
use policy::{PolicyKind, Request, decide};
use serde_json::json;
use std::time::Duration;

/// Mean time of one run.
#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn measure(rounds: u32, mut run: impl FnMut()) -> Duration {
    let start = std::time::Instant::now();
    (0..rounds).for_each(|_| run());
    start.elapsed() / rounds
}

fn request<'a>(context: &'a Context, resource: &'a str) -> Request<'a> {
    let action = "kms:Decrypt";
    Request {
        principal: alice(),
        action,
        resource,
        resource_account: ACCOUNT,
        conditions: context,
    }
}

#[test]
fn a_typical_decision() {
    let key = json!([
        statement_for("Allow", "kms:*", "arn:aws:iam::111111111111:root"),
        statement_for(
            "Allow",
            "kms:Put*",
            "arn:aws:iam::111111111111:user/KeyManager"
        )
    ]);
    let mut conditional = statement("Allow", "kms:Decrypt");
    conditional["Resource"] = json!("arn:aws:kms:*:111111111111:key/*");
    conditional["Condition"] = json!({"StringEquals": {"kms:ViaService": "s3.amazonaws.com"}});
    let scene = Scene::key(&key).with_identity(&json!([statement("Allow", "s3:*"), conditional]));
    let context = Context::from_json(&json!({"kms:ViaService": "s3.amazonaws.com"}));
    let request = request(&context, KEY);
    scene.with_sources(|sources| {
        assert!(decide(&request, sources).is_allowed());
        let time = measure(2_000, || {
            std::hint::black_box(decide(&request, sources));
        });
        println!("typical decision: {time:?}");
    });
}

#[test]
fn sec_i16_wildcards_cost_no_more_than_their_length() {
    let pattern = format!("arn:aws:kms:us-east-1:111111111111:{}b", "*a".repeat(100));
    let resources: Vec<String> = (0..90).map(|at| format!("{pattern}{at}")).collect();
    let statements = json!([{"Effect": "Allow", "Action": "kms:*", "Resource": resources}]);
    assert!(statements.to_string().len() > 20_000);
    let policy = parse(PolicyKind::Identity, &statements);
    let scene = Scene {
        identity: vec![policy],
        ..Scene::default()
    };
    let resource = format!("arn:aws:kms:us-east-1:111111111111:{}", "a".repeat(1_000));
    let context = Context::default();
    let request = request(&context, &resource);
    scene.with_sources(|sources| {
        // With backtracking over stars this would take longer than the universe.
        assert!(!decide(&request, sources).is_allowed());
        let time = measure(20, || {
            std::hint::black_box(decide(&request, sources));
        });
        println!("20 KB of policy, 90 x 100 wildcards, 1 KB of resource: {time:?}");
    });
}
