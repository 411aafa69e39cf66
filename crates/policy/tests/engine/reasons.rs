//! Which statement an answer names.

use crate::support::{
    ACCOUNT, Context, KEY, OBJECT, Scene, alice, parse, statement, statement_for,
};
use policy::{Layer, Named, Outcome, PolicyKind, Reason, Request, ResourceRule, Sources, decide};
use serde_json::json;

const ROOT: &str = "arn:aws:iam::111111111111:root";

#[test]
fn the_most_direct_allow_counts_and_of_equals_the_first() {
    let account = statement_for("Allow", "kms:*", ROOT);
    let own = statement_for("Allow", "kms:Decrypt", alice().arn);
    for statements in [
        json!([account, own]),
        json!([own, account]),
        json!([account, own, account, own]),
    ] {
        assert_eq!(
            Scene::key(&statements)
                .ask(alice(), "kms:Decrypt", KEY)
                .outcome,
            Outcome::Allow
        );
    }
    let policy = parse(PolicyKind::KeyPolicy, &json!([account, own, own]));
    let named = Named {
        name: "key",
        policy: &policy,
    };
    let context = Context::default();
    let request = Request {
        principal: alice(),
        action: "kms:Decrypt",
        resource: KEY,
        resource_account: ACCOUNT,
        conditions: &context,
    };
    let sources = Sources {
        resource: Some((named, ResourceRule::KeyPolicy)),
        ..Sources::default()
    };
    let Reason::Statement { index, .. } = decide(&request, &sources).reason else {
        panic!("a statement allows");
    };
    assert_eq!(index, 1);
}

#[test]
fn a_denying_policy_is_named_within_its_account_alone() {
    let policy = parse(PolicyKind::Identity, &json!([statement("Deny", "s3:*")]));
    let name = "arn:aws:iam::111111111111:policy/NoObjects";
    let identity = [Named {
        name,
        policy: &policy,
    }];
    let sources = Sources {
        identity: &identity,
        ..Sources::default()
    };
    let context = Context::default();
    let because = |resource_account| {
        let request = Request {
            principal: alice(),
            action: "s3:GetObject",
            resource: OBJECT,
            resource_account,
            conditions: &context,
        };
        decide(&request, &sources).because("s3:GetObject")
    };
    let plain = "with an explicit deny in an identity-based policy";
    assert_eq!(because(ACCOUNT), format!("{plain}: {name}"));
    assert_eq!(because("222222222222"), plain);
}

#[test]
fn the_reason_names_policy_and_statement() {
    let mut second = statement("Deny", "s3:GetObject");
    second["Sid"] = json!("NoReading");
    let policy = parse(
        PolicyKind::Identity,
        &json!([statement("Allow", "s3:*"), second]),
    );
    let identity = [Named {
        name: "readers",
        policy: &policy,
    }];
    let sources = Sources {
        identity: &identity,
        ..Sources::default()
    };
    let context = Context::default();
    let mut request = Request {
        principal: alice(),
        action: "s3:GetObject",
        resource: OBJECT,
        resource_account: ACCOUNT,
        conditions: &context,
    };
    let (layer, policy) = (Layer::Identity, "readers");
    let expected = Reason::Statement {
        layer,
        policy,
        index: 1,
        sid: Some("NoReading"),
    };
    assert_eq!(decide(&request, &sources).reason, expected);
    request.action = "s3:PutObject";
    let expected = Reason::Statement {
        layer,
        policy,
        index: 0,
        sid: None,
    };
    assert_eq!(decide(&request, &sources).reason, expected);
    request.action = "ec2:RunInstances";
    assert_eq!(
        decide(&request, &sources).reason,
        Reason::NoAllow(Layer::Identity)
    );
}
