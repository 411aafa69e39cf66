//! Sessions that a root user has or began: `AssumeRoot` and `GetFederationToken`.

use crate::support::{KEY, Scene, root, statement, statement_for};
use policy::{Principal, PrincipalKind};
use serde_json::json;

const ROOT: &str = "arn:aws:iam::111111111111:root";

fn federated() -> Principal<'static> {
    Principal {
        arn: "arn:aws:sts::111111111111:federated-user/bob",
        kind: PrincipalKind::FederatedUser { user_arn: ROOT },
        ..root()
    }
}

/// A policy that names the account names its root user, but not the task of a root session.
#[test]
fn sec_s7_naming_the_account_does_not_lift_the_limits_of_a_root_session() {
    let key = || Scene::key(&json!([statement_for("Allow", "kms:*", ROOT)]));
    let asks = |scene: &Scene| scene.ask(root(), "kms:Decrypt", KEY).allowed();
    assert!(asks(&key()));
    let task = json!([statement("Allow", "iam:GetUser")]);
    assert!(!asks(&key().with_session(&task)));
    let task = json!([statement("Allow", "kms:Decrypt")]);
    assert!(asks(&key().with_session(&task)));
}

/// A root user has no identity-based policies: what it federates is limited by session policies
/// alone.
#[test]
fn whom_a_root_user_federates_has_what_the_session_policies_allow() {
    let asks = |session: &serde_json::Value| {
        let scene =
            Scene::identity(&json!([statement("Deny", "kms:Decrypt")])).with_session(session);
        scene.ask(federated(), "kms:ListKeys", "*").allowed()
    };
    assert!(asks(&json!([statement("Allow", "kms:ListKeys")])));
    assert!(!asks(&json!([statement("Allow", "kms:CreateKey")])));
}
