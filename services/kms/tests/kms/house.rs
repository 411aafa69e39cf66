//! A KMS of its own for every test, and what tests say to it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
pub(crate) use platform::testing::{ACCOUNT, Answer, Harness, REGION};
pub(crate) use serde_json::{Value, json};

/// An account that is not [`ACCOUNT`]; its root user calls as `"other-root"`.
pub(crate) const OTHER: &str = "444455556666";
/// A key id that no key has.
pub(crate) const NO_KEY: &str = "00000000-0000-4000-8000-000000000000";

pub(crate) struct Kms {
    pub(crate) harness: Harness,
}

impl Kms {
    pub(crate) async fn new() -> Self {
        let harness = Harness::new(vec![service_kms::service()]).await;
        harness.root_of(OTHER, "other-root");
        Self { harness }
    }

    pub(crate) async fn call(&self, who: &str, operation: &str, input: Value) -> Answer {
        self.call_in(REGION, who, operation, input).await
    }

    pub(crate) async fn call_in(
        &self,
        region: &str,
        who: &str,
        operation: &str,
        input: Value,
    ) -> Answer {
        let target = format!("TrentService.{operation}");
        self.harness.json_in(region, who, &target, input).await
    }

    /// A call that has to succeed.
    pub(crate) async fn ok(&self, who: &str, operation: &str, input: Value) -> Value {
        let answer = self.call(who, operation, input).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
        answer.body
    }

    /// A call that has to fail; its code and text.
    pub(crate) async fn fails(&self, who: &str, operation: &str, input: Value) -> (String, String) {
        let answer = self.call(who, operation, input).await;
        assert_eq!(answer.status, 400, "{operation}: {}", answer.text);
        (
            answer.code.clone().unwrap_or_default(),
            answer.message().to_owned(),
        )
    }

    /// A call that has to fail; its code.
    pub(crate) async fn code(&self, who: &str, operation: &str, input: Value) -> String {
        self.fails(who, operation, input).await.0
    }

    /// Makes a key as root; its id.
    pub(crate) async fn key(&self) -> String {
        text(&self.ok("root", "CreateKey", json!({})).await["KeyMetadata"]["KeyId"])
    }

    /// Makes a key of a kind as root; its id.
    pub(crate) async fn key_of(&self, spec: &str, usage: &str) -> String {
        let input = json!({ "KeySpec": spec, "KeyUsage": usage });
        text(&self.ok("root", "CreateKey", input).await["KeyMetadata"]["KeyId"])
    }

    /// The names of the aliases that root sees, but for those that AWS predefines.
    pub(crate) async fn own_aliases(&self) -> Vec<String> {
        let listed = self
            .ok("root", "ListAliases", json!({ "Limit": 100 }))
            .await;
        let listed = listed["Aliases"].as_array().expect("a list").iter();
        let mut names: Vec<_> = listed.map(|alias| text(&alias["AliasName"])).collect();
        names.retain(|name| !name.starts_with(PREDEFINED));
        names
    }

    /// The public key of a key, as root sees it.
    pub(crate) async fn public_key(&self, key: &str) -> Vec<u8> {
        let answer = self
            .ok("root", "GetPublicKey", json!({ "KeyId": key }))
            .await;
        bytes(&answer["PublicKey"])
    }

    /// Makes a key with a policy, without the lockout check; its id.
    pub(crate) async fn key_under(&self, policy: &Value) -> String {
        let input = json!({
            "Policy": policy.to_string(),
            "BypassPolicyLockoutSafetyCheck": true,
        });
        text(&self.ok("root", "CreateKey", input).await["KeyMetadata"]["KeyId"])
    }

    /// Encrypts as root; the blob as base64.
    pub(crate) async fn encrypt(&self, key: &str, plaintext: &[u8], context: Value) -> String {
        let input = json!({
            "KeyId": key,
            "Plaintext": base64(plaintext),
            "EncryptionContext": context,
        });
        text(&self.ok("root", "Encrypt", input).await["CiphertextBlob"])
    }
}

pub(crate) fn arn(key: &str) -> String {
    format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}")
}

pub(crate) fn alias_arn(name: &str) -> String {
    format!("arn:aws:kms:{REGION}:{ACCOUNT}:{name}")
}

pub(crate) fn user_arn(account: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:user/{name}")
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    STANDARD
        .decode(value.as_str().expect("a blob"))
        .expect("base64")
}

/// An identity-based policy that allows `action` on `resource`.
pub(crate) fn allow(action: &str, resource: &str) -> String {
    statement(&json!({ "Effect": "Allow", "Action": action, "Resource": resource }))
}

/// A policy of one statement.
pub(crate) fn statement(statement: &Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

/// The statement that leaves decisions to the identity-based policies of `account`.
pub(crate) fn delegation(account: &str) -> Value {
    json!({
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": { "AWS": format!("arn:aws:iam::{account}:root") },
        "Action": "kms:*",
        "Resource": "*",
    })
}

/// A key policy of these statements.
pub(crate) fn key_policy(statements: &[Value]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// The policy of a key, as root sees it.
pub(crate) async fn policy(kms: &Kms, key: &str) -> String {
    text(
        &kms.ok("root", "GetKeyPolicy", json!({ "KeyId": key }))
            .await["Policy"],
    )
}

/// The statement of a key policy that lets a user of [`ACCOUNT`] perform `actions`.
pub(crate) fn granting(user: &str, actions: &[&str]) -> Value {
    json!({
        "Effect": "Allow",
        "Principal": { "AWS": user_arn(ACCOUNT, user) },
        "Action": actions,
        "Resource": "*",
    })
}

/// A file of the shared test data, or `None` with a note where the data is not there.
pub(crate) fn shared(name: &str) -> Option<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/notes/");
    let found = std::fs::read_to_string(format!("{folder}{name}")).ok();
    if found.is_none() {
        note(&format!("skipped: no shared test data `{name}`"));
    }
    found
}

#[expect(
    clippy::print_stdout,
    reason = "whoever reads a test's output has to see what it skipped"
)]
pub(crate) fn note(text: &str) {
    println!("{text}");
}

/// What the names of aliases begin with that AWS predefines.
const PREDEFINED: &str = "alias/aws/";

/// Whether this is the list's entry of an alias that AWS predefines.
pub(crate) fn is_predefined(entry: &Value) -> bool {
    let name = entry["AliasName"].as_str();
    name.is_some_and(|name| name.starts_with(PREDEFINED))
}
