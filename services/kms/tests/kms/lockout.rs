//! No policy may lock its author out.

use proptest::prelude::*;

use crate::house::{ACCOUNT, Kms, allow, delegation, granting, json, key_policy, policy, user_arn};

const LOCKOUT: &str =
    "The new key policy will not allow you to update the key policy in the future.";

#[tokio::test]
async fn pol_5_a_policy_that_locks_its_author_out_is_refused() {
    let kms = Kms::new().await;
    kms.harness.user("alice", &[&allow("kms:*", "*")]);
    kms.harness.user("bob", &[]);
    let lockout = (
        "MalformedPolicyDocumentException".to_owned(),
        LOCKOUT.to_owned(),
    );
    let only_bob = key_policy(&[granting("bob", &["kms:*"])]).to_string();
    let alice_uses = key_policy(&[granting("alice", &["kms:Encrypt"])]).to_string();
    let denied = key_policy(&[
        delegation(ACCOUNT),
        json!({
            "Effect": "Deny",
            "Principal": { "AWS": user_arn(ACCOUNT, "alice") },
            "Action": "kms:PutKeyPolicy",
            "Resource": "*",
        }),
    ])
    .to_string();
    let key = kms.key().await;
    let before = policy(&kms, &key).await;
    for locking in [&only_bob, &alice_uses, &denied] {
        let put = json!({ "KeyId": key, "Policy": locking });
        assert_eq!(kms.fails("alice", "PutKeyPolicy", put).await, lockout);
        let create = json!({ "Policy": locking });
        assert_eq!(kms.fails("alice", "CreateKey", create).await, lockout);
    }
    assert_eq!(policy(&kms, &key).await, before);
    let listed = kms.ok("root", "ListKeys", json!({})).await;
    assert_eq!(listed["Keys"].as_array().map(Vec::len), Some(1));

    let create = json!({ "Policy": only_bob, "BypassPolicyLockoutSafetyCheck": true });
    kms.ok("alice", "CreateKey", create).await;
    let put = json!({ "KeyId": key, "Policy": only_bob, "BypassPolicyLockoutSafetyCheck": true });
    kms.ok("alice", "PutKeyPolicy", put.clone()).await;
    assert_eq!(
        kms.code("alice", "PutKeyPolicy", put.clone()).await,
        "AccessDeniedException"
    );
    kms.ok("bob", "PutKeyPolicy", put).await;
}

#[tokio::test]
async fn pol_5_delegation_counts_only_for_whom_iam_allows() {
    let kms = Kms::new().await;
    kms.harness.user("maker", &[&allow("kms:CreateKey", "*")]);
    let delegating = key_policy(&[delegation(ACCOUNT)]).to_string();
    let failed = kms
        .fails("maker", "CreateKey", json!({ "Policy": delegating }))
        .await;
    assert_eq!(failed.1, LOCKOUT);
    kms.ok("root", "CreateKey", json!({ "Policy": delegating }))
        .await;
    // The default policy is AWS's own choice and not subject to the check.
    kms.ok("maker", "CreateKey", json!({})).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever policies are put without bypassing the check, whoever put the last one can put
    /// another.
    #[test]
    fn pol_5_the_last_author_always_keeps_the_key(
        policies in prop::collection::vec(
            prop::collection::vec(
                (any::<bool>(), 0..4_usize, 0..4_usize),
                1..4,
            ),
            1..6,
        ),
        authors in prop::collection::vec(0..2_usize, 6),
    ) {
        let principals = [
            json!({ "AWS": format!("arn:aws:iam::{ACCOUNT}:root") }),
            json!({ "AWS": user_arn(ACCOUNT, "alice") }),
            json!({ "AWS": user_arn(ACCOUNT, "bob") }),
            json!("*"),
        ];
        let actions = ["kms:*", "kms:PutKeyPolicy", "kms:Encrypt", "kms:Put*"];
        let document = |statements: &[(bool, usize, usize)]| {
            let statements: Vec<_> = statements.iter().map(|(allows, principal, action)| json!({
                "Effect": if *allows { "Allow" } else { "Deny" },
                "Principal": principals[*principal],
                "Action": actions[*action],
                "Resource": "*",
            })).collect();
            key_policy(&statements).to_string()
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let kept: Result<(), String> = runtime.block_on(async {
            let kms = Kms::new().await;
            kms.harness.user("alice", &[&allow("kms:*", "*")]);
            kms.harness.user("bob", &[]);
            let key = kms.key().await;
            let mut last = "root";
            for (statements, author) in policies.iter().zip(authors) {
                let who = ["alice", "bob"][author];
                let input = json!({ "KeyId": key, "Policy": document(statements) });
                if kms.call(who, "PutKeyPolicy", input.clone()).await.status == 200 {
                    last = who;
                    let again = kms.call(who, "PutKeyPolicy", input).await;
                    if again.status != 200 {
                        return Err(format!("{who} is locked out: {}", again.text));
                    }
                }
            }
            let default = key_policy(&[granting(last, &["kms:*"])]).to_string();
            let default = match last {
                "root" => key_policy(&[delegation(ACCOUNT)]).to_string(),
                _ => default,
            };
            let put = json!({ "KeyId": key, "Policy": default });
            let answer = kms.call(last, "PutKeyPolicy", put).await;
            if answer.status == 200 { Ok(()) } else { Err(answer.text) }
        });
        prop_assert_eq!(kept, Ok(()));
    }
}
