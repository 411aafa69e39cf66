//! Grants: whom they let do what, and whom not.

use crate::house::{
    ACCOUNT, Kms, OTHER, Value, allow, arn, delegation, json, key_policy, text, user_arn,
};

/// A KMS with a key that only grants open for the user `alice`.
pub(crate) struct House {
    pub(crate) kms: Kms,
    pub(crate) key: String,
}

/// A grant as CreateGrant answers.
pub(crate) struct Grant {
    pub(crate) id: String,
    pub(crate) token: String,
}

impl House {
    pub(crate) async fn new() -> Self {
        let kms = Kms::new().await;
        for name in ["alice", "bob", "carol"] {
            kms.harness.user(name, &[]);
        }
        kms.harness.user_of(OTHER, "olga", &[]);
        let key = kms.key().await;
        Self { kms, key }
    }

    /// A grant to `grantee`, made by root, with further members of the request.
    pub(crate) async fn grant(&self, grantee: &str, operations: &[&str], more: Value) -> Grant {
        self.grant_by("root", grantee, operations, more).await
    }

    pub(crate) async fn grant_by(
        &self,
        who: &str,
        grantee: &str,
        operations: &[&str],
        more: Value,
    ) -> Grant {
        let input = self.input(grantee, operations, more);
        let answer = self.kms.ok(who, "CreateGrant", input).await;
        Grant {
            id: text(&answer["GrantId"]),
            token: text(&answer["GrantToken"]),
        }
    }

    /// The input of CreateGrant.
    pub(crate) fn input(&self, grantee: &str, operations: &[&str], mut more: Value) -> Value {
        let mut input = json!({
            "KeyId": arn(&self.key),
            "GranteePrincipal": grantee,
            "Operations": operations,
        });
        for (member, value) in more.as_object_mut().expect("members") {
            input[member] = value.take();
        }
        input
    }

    /// The code of a failed Encrypt, or none if it succeeds.
    pub(crate) async fn encrypt(&self, who: &str, context: Value) -> Option<String> {
        let input = json!({
            "KeyId": arn(&self.key),
            "Plaintext": "eA==",
            "EncryptionContext": context,
        });
        self.kms.call(who, "Encrypt", input).await.code
    }
}

pub(crate) fn alice() -> String {
    user_arn(ACCOUNT, "alice")
}

pub(crate) fn denied() -> Option<String> {
    Some("AccessDeniedException".to_owned())
}

#[tokio::test]
async fn a_grant_lets_its_grantee_do_its_operations_and_nobody_else_anything() {
    let house = House::new().await;
    assert_eq!(house.encrypt("alice", json!({})).await, denied());
    house.grant(&alice(), &["Encrypt"], json!({})).await;
    assert_eq!(house.encrypt("alice", json!({})).await, None);
    assert_eq!(house.encrypt("bob", json!({})).await, denied());
    assert_eq!(house.encrypt("olga", json!({})).await, denied());
    let key = json!({ "KeyId": house.key });
    assert_eq!(
        house.kms.code("alice", "DescribeKey", key.clone()).await,
        "AccessDeniedException"
    );
    assert_eq!(
        house.kms.code("alice", "DisableKey", key).await,
        "AccessDeniedException"
    );
    // Another key is another matter.
    let other = house.kms.key().await;
    let input = json!({ "KeyId": other, "Plaintext": "eA==" });
    assert_eq!(
        house.kms.code("alice", "Encrypt", input).await,
        "AccessDeniedException"
    );
}

#[tokio::test]
async fn grants_across_accounts_need_no_policy_of_the_grantee() {
    let house = House::new().await;
    let olga = user_arn(OTHER, "olga");
    house.grant(&olga, &["Encrypt"], json!({})).await;
    assert_eq!(house.encrypt("olga", json!({})).await, None);
    assert_eq!(house.encrypt("other-root", json!({})).await, denied());
}

#[tokio::test]
async fn a_grant_to_an_account_leaves_it_to_the_account_who_may_use_it() {
    let house = House::new().await;
    let account = format!("arn:aws:iam::{OTHER}:root");
    house.grant(&account, &["Encrypt"], json!({})).await;
    assert_eq!(house.encrypt("other-root", json!({})).await, None);
    assert_eq!(house.encrypt("olga", json!({})).await, denied());
    let allowed = allow("kms:Encrypt", "*");
    house.kms.harness.user_of(OTHER, "oscar", &[&allowed]);
    assert_eq!(house.encrypt("oscar", json!({})).await, None);
    assert_eq!(house.encrypt("alice", json!({})).await, denied());
}

#[tokio::test]
async fn a_deny_overrules_a_grant() {
    let house = House::new().await;
    house.grant(&alice(), &["Encrypt"], json!({})).await;
    let deny = json!({
        "Effect": "Deny",
        "Principal": { "AWS": alice() },
        "Action": "kms:Encrypt",
        "Resource": "*",
    });
    let policy = key_policy(&[delegation(ACCOUNT), deny]).to_string();
    let input = json!({ "KeyId": house.key, "Policy": policy });
    house.kms.ok("root", "PutKeyPolicy", input).await;
    assert_eq!(house.encrypt("alice", json!({})).await, denied());
}

#[tokio::test]
async fn whoever_takes_the_name_of_a_grantee_gets_nothing() {
    let house = House::new().await;
    house.grant(&alice(), &["Encrypt"], json!({})).await;
    house.kms.harness.replace_user("alice", &[]);
    assert_eq!(house.encrypt("alice", json!({})).await, denied());
    // The list shows the id of the one who is gone.
    let listed = house
        .kms
        .ok("root", "ListGrants", json!({ "KeyId": house.key }))
        .await;
    let shown = text(&listed["Grants"][0]["GranteePrincipal"]);
    assert!(shown.starts_with("AIDA"), "{shown}");
}

#[tokio::test]
async fn grantees_have_to_exist_and_to_be_named_by_arn() {
    let house = House::new().await;
    for grantee in [
        user_arn(ACCOUNT, "nobody-there"),
        user_arn(OTHER, "nobody-there"),
        ACCOUNT.to_owned(),
        "AIDAEXAMPLE00000000AA".to_owned(),
        "ec2.amazonaws.com".to_owned(),
        format!("arn:aws:iam::{ACCOUNT}:group/g"),
        arn(&house.key),
    ] {
        let input = house.input(&grantee, &["Encrypt"], json!({}));
        let failed = house.kms.fails("root", "CreateGrant", input).await;
        assert_eq!(failed.0, "InvalidArnException", "{grantee}");
        let text = format!("ARN does not refer to a valid principal: {grantee}");
        assert_eq!(failed.1, text);
    }
    let with_path = format!("arn:aws:sts::{ACCOUNT}:assumed-role/ops/r/s");
    let input = house.input(&with_path, &["Encrypt"], json!({}));
    let failed = house.kms.fails("root", "CreateGrant", input).await;
    assert_eq!(failed.1, format!("ARN is not valid: {with_path}"));
    // Whoever may not make grants does not learn who exists.
    for grantee in [alice(), user_arn(ACCOUNT, "nobody-there")] {
        let input = house.input(&grantee, &["Encrypt"], json!({}));
        let code = house.kms.code("bob", "CreateGrant", input).await;
        assert_eq!(code, "AccessDeniedException");
    }
}

#[tokio::test]
async fn tokens_are_accepted_as_they_were_issued_and_not_otherwise() {
    let house = House::new().await;
    let grant = house.grant(&alice(), &["Encrypt"], json!({})).await;
    let input = |token: &str| {
        let plaintext = "eA==";
        json!({ "KeyId": house.key, "Plaintext": plaintext, "GrantTokens": [token] })
    };
    house.kms.ok("alice", "Encrypt", input(&grant.token)).await;
    // A token gives nobody else anything.
    let code = house.kms.code("bob", "Encrypt", input(&grant.token)).await;
    assert_eq!(code, "AccessDeniedException");
    let mut forged = grant.token.clone();
    let last = forged.pop().expect("a token");
    forged.push(if last == 'A' { 'Q' } else { 'A' });
    for token in [forged.as_str(), "x", "AAAA", &grant.id] {
        for who in ["root", "alice"] {
            let code = house.kms.code(who, "Encrypt", input(token)).await;
            assert_eq!(code, "InvalidGrantTokenException", "{token}");
        }
    }
    // Another region did not issue it.
    let elsewhere = house
        .kms
        .call_in("us-east-1", "root", "Encrypt", input(&grant.token));
    assert_eq!(
        elsewhere.await.code.as_deref(),
        Some("InvalidGrantTokenException")
    );
}

#[tokio::test]
async fn grants_end_with_their_key() {
    let house = House::new().await;
    let retiring = json!({ "RetiringPrincipal": alice() });
    house
        .grant(&alice(), &["DescribeKey"], retiring.clone())
        .await;
    let (kms, key) = (&house.kms, json!({ "KeyId": arn(&house.key) }));
    kms.ok("root", "ScheduleKeyDeletion", key.clone()).await;
    let described = kms.ok("alice", "DescribeKey", key.clone()).await;
    assert_eq!(described["KeyMetadata"]["KeyState"], "PendingDeletion");
    let input = house.input(&alice(), &["DescribeKey"], json!({}));
    let code = kms.code("root", "CreateGrant", input).await;
    assert_eq!(code, "KMSInvalidStateException");
    let retirable = kms
        .ok("root", "ListRetirableGrants", retiring.clone())
        .await;
    assert_eq!(retirable["Grants"].as_array().map(Vec::len), Some(1));
    kms.harness.clock.advance(31 * 86_400);
    for _ in 0..2 {
        assert_eq!(
            kms.code("alice", "DescribeKey", key.clone()).await,
            "AccessDeniedException"
        );
        let retirable = kms
            .ok("root", "ListRetirableGrants", retiring.clone())
            .await;
        assert_eq!(retirable["Grants"], json!([]));
        let now = platform::Clock::now(&*kms.harness.clock);
        let deleted = service_kms::delete_expired(&kms.harness.pipeline.upkeep(), now).await;
        assert!(deleted.is_ok());
    }
}
