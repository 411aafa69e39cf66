//! Retiring and revoking: who may, by what name, and that nothing goes on afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use platform::{Membership, NamedPolicy};
use policy::{Policy, PolicyKind};

use crate::grants::{Grant, House, alice, denied};
use crate::house::{ACCOUNT, NO_KEY, OTHER, Value, allow, arn, json, statement, user_arn};

fn by_id(house: &House, grant: &Grant) -> Value {
    json!({ "KeyId": arn(&house.key), "GrantId": grant.id })
}

fn by_token(grant: &Grant) -> Value {
    json!({ "GrantToken": grant.token })
}

#[tokio::test]
async fn the_grant_says_who_may_retire_it() {
    let house = House::new().await;
    let kms = &house.kms;
    kms.harness.user("admin", &[&allow("kms:RetireGrant", "*")]);
    kms.harness
        .user_of(OTHER, "stranger", &[&allow("kms:*", "*")]);
    let (bob, olga) = (user_arn(ACCOUNT, "bob"), user_arn(OTHER, "olga"));
    let accounts = format!("arn:aws:iam::{OTHER}:root");
    for (retiring, operations, able, unable) in [
        (Some(&bob), vec!["Encrypt"], "bob", "alice"),
        (Some(&olga), vec!["Encrypt"], "olga", "bob"),
        (None, vec!["Encrypt", "RetireGrant"], "alice", "bob"),
        (None, vec!["Encrypt"], "root", "alice"),
        (None, vec!["Encrypt"], "admin", "stranger"),
        (Some(&accounts), vec!["Encrypt"], "stranger", "olga"),
        (Some(&accounts), vec!["Encrypt"], "other-root", "olga"),
    ] {
        for with_token in [true, false] {
            let more = retiring.map_or(json!({}), |arn| json!({ "RetiringPrincipal": arn }));
            let grant = house.grant(&alice(), &operations, more).await;
            let input = if with_token {
                by_token(&grant)
            } else {
                by_id(&house, &grant)
            };
            let refused = kms.call(unable, "RetireGrant", input.clone()).await;
            assert_eq!(refused.code, denied(), "{unable} {}", refused.text);
            assert_eq!(house.encrypt("alice", json!({})).await, None);
            kms.ok(able, "RetireGrant", input.clone()).await;
            assert_eq!(house.encrypt("alice", json!({})).await, denied(), "{able}");
            let code = kms.code("root", "RetireGrant", input).await;
            assert_eq!(code, "NotFoundException");
        }
    }
}

#[tokio::test]
async fn a_deny_in_an_identity_policy_keeps_even_the_retiring_principal_from_retiring() {
    let house = House::new().await;
    let deny = json!({ "Effect": "Deny", "Action": "kms:RetireGrant", "Resource": "*" });
    house.kms.harness.user("dora", &[&statement(&deny)]);
    let more = json!({ "RetiringPrincipal": user_arn(ACCOUNT, "dora") });
    let grant = house.grant(&alice(), &["Encrypt"], more).await;
    let code = house
        .kms
        .code("dora", "RetireGrant", by_token(&grant))
        .await;
    assert_eq!(Some(code), denied());
}

#[tokio::test]
async fn refusals_do_not_tell_which_grants_exist() {
    let house = House::new().await;
    let (kms, grant) = (
        &house.kms,
        house.grant(&alice(), &["Encrypt"], json!({})).await,
    );
    let (none, key) = ("0".repeat(64), arn(&house.key));
    for operation in ["RetireGrant", "RevokeGrant"] {
        for who in ["bob", "olga"] {
            let mut texts = Vec::new();
            for (key, id) in [(&key, &grant.id), (&key, &none), (&arn(NO_KEY), &none)] {
                let input = json!({ "KeyId": key, "GrantId": id });
                let (code, text) = kms.fails(who, operation, input).await;
                assert_eq!(Some(code), denied());
                texts.push(text.replace(NO_KEY, &house.key));
            }
            texts.dedup();
            assert_eq!(texts.len(), 1, "{texts:?}");
            let because = match who {
                "bob" => {
                    format!("because no identity-based policy allows the kms:{operation} action")
                }
                _ => "because the resource does not exist in this Region, no resource-based \
                      policies allow access, or a resource-based policy explicitly denies access"
                    .to_owned(),
            };
            assert!(texts[0].ends_with(&because), "{texts:?}");
        }
    }
}

#[tokio::test]
async fn what_is_no_grant_of_the_key_cannot_end() {
    let house = House::new().await;
    let (kms, grant) = (
        &house.kms,
        house.grant(&alice(), &["Encrypt"], json!({})).await,
    );
    let other = kms.key().await;
    for operation in ["RetireGrant", "RevokeGrant"] {
        for (key, id, code) in [
            (arn(&other), grant.id.clone(), "NotFoundException"),
            (arn(&house.key), "0".repeat(64), "NotFoundException"),
            (arn(&house.key), "x".to_owned(), "InvalidGrantIdException"),
            (arn(NO_KEY), grant.id.clone(), "NotFoundException"),
        ] {
            let input = json!({ "KeyId": key, "GrantId": id });
            assert_eq!(
                kms.code("root", operation, input).await,
                code,
                "{operation}"
            );
        }
    }
    for input in [
        json!({}),
        json!({ "KeyId": arn(&house.key) }),
        json!({ "GrantId": grant.id }),
        json!({ "KeyId": house.key, "GrantId": grant.id, "GrantToken": grant.token }),
    ] {
        assert_eq!(
            kms.code("root", "RetireGrant", input).await,
            "ValidationException"
        );
    }
    let token = json!({ "GrantToken": "x" });
    let code = kms.code("root", "RetireGrant", token).await;
    assert_eq!(code, "InvalidGrantTokenException");
    assert_eq!(house.encrypt("alice", json!({})).await, None);
}

#[derive(Default)]
struct Seen {
    acknowledged: AtomicBool,
    before: AtomicU32,
    after: AtomicU32,
}

/// Encrypts until some calls have begun after the end of the grant; none of these may succeed.
async fn encrypt_on(house: Arc<House>, seen: Arc<Seen>) {
    while seen.after.load(Ordering::SeqCst) < 100 {
        let acknowledged = seen.acknowledged.load(Ordering::SeqCst);
        let code = house.encrypt("alice", json!({})).await;
        if acknowledged {
            seen.after.fetch_add(1, Ordering::SeqCst);
            assert_eq!(code, denied());
        } else {
            assert!(code.is_none() || code == denied(), "{code:?}");
            seen.before
                .fetch_add(u32::from(code.is_none()), Ordering::SeqCst);
        }
        tokio::task::yield_now().await;
    }
}

async fn no_call_begins_after(operation: &str) {
    let house = Arc::new(House::new().await);
    for _ in 0..5 {
        let grant = house.grant(&alice(), &["Encrypt"], json!({})).await;
        let seen = Arc::new(Seen::default());
        let calls: Vec<_> = (0..4)
            .map(|_| tokio::spawn(encrypt_on(Arc::clone(&house), Arc::clone(&seen))))
            .collect();
        while seen.before.load(Ordering::SeqCst) < 20 {
            tokio::task::yield_now().await;
        }
        let input = by_id(&house, &grant);
        house.kms.ok("root", operation, input).await;
        seen.acknowledged.store(true, Ordering::SeqCst);
        for call in calls {
            call.await.expect("no call that should have been refused");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_i11_no_call_that_begins_after_a_revocation_succeeds() {
    no_call_begins_after("RevokeGrant").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_i11_no_call_that_begins_after_a_retirement_succeeds() {
    no_call_begins_after("RetireGrant").await;
}

/// A grant that is passed on while it ends: either first, or not at all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_i11_nothing_is_passed_on_after_a_revocation() {
    let house = Arc::new(House::new().await);
    for _ in 0..20 {
        let operations = ["CreateGrant", "Encrypt"];
        let grant = house.grant(&alice(), &operations, json!({})).await;
        let input = house.input(&user_arn(ACCOUNT, "bob"), &["Encrypt"], json!({}));
        let passing = {
            let (house, input) = (Arc::clone(&house), input.clone());
            tokio::spawn(async move { house.kms.call("alice", "CreateGrant", input).await.code })
        };
        house
            .kms
            .ok("root", "RevokeGrant", by_id(&house, &grant))
            .await;
        let late = house.kms.call("alice", "CreateGrant", input).await.code;
        assert_eq!(late, denied());
        let code = passing.await.expect("a call");
        assert!(code.is_none() || code == denied(), "{code:?}");
    }
}

/// Resource control policies deny what a grant allows, but never its end.
#[tokio::test]
async fn a_resource_control_policy_keeps_nobody_from_retiring() {
    let house = House::new().await;
    let olga = user_arn(OTHER, "olga");
    let more = json!({ "RetiringPrincipal": olga });
    let grant = house.grant(&olga, &["Encrypt"], more).await;
    assert_eq!(house.encrypt("olga", json!({})).await, None);
    let deny = json!({
        "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
    });
    let policy = Policy::parse(&statement(&deny), PolicyKind::ResourceControl);
    let policy = policy.expect("a policy");
    let name = "rcp".to_owned();
    let membership = Membership {
        organization_id: "o-1".to_owned(),
        rcps: vec![vec![Arc::new(NamedPolicy { name, policy })]],
        ..Membership::default()
    };
    house.kms.harness.identities.member(ACCOUNT, membership);
    assert_eq!(house.encrypt("olga", json!({})).await, denied());
    house.kms.ok("olga", "RetireGrant", by_token(&grant)).await;
}
