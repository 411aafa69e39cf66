//! `AssumeRoot`: privileged tasks on member accounts.

use platform::Membership;
use platform::testing::{ACCOUNT, Harness};

use crate::house::{ALLOW_ALL, OTHER, allow, begin, code, house, probes, sts};

const TASK: &str = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials";

fn form(target: &str, task: &str) -> String {
    format!("Action=AssumeRoot&TargetPrincipal={target}&TaskPolicyArn.arn={task}")
}

/// A task in the form that AWS gives them: everything else is denied.
fn task(action: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","NotAction":"{action}","Resource":"*"}}}}"#
    )
}

fn member() -> Membership {
    Membership {
        organization_id: "o-example".to_owned(),
        management_account: ACCOUNT.to_owned(),
        path: "o-example/r-1/".to_owned(),
        ..Membership::default()
    }
}

/// The management account with an administrator, and a member.
async fn organization() -> Harness {
    let house = house().await;
    house.user(
        "admin",
        &[&allow(
            "sts:AssumeRoot",
            &format!("arn:aws:iam::{OTHER}:root"),
        )],
    );
    house.user_of(OTHER, "local", &[ALLOW_ALL]);
    for account in [ACCOUNT, OTHER] {
        house.identities.member(account, member());
    }
    house.identities.managed_policy(TASK, &task("kms:ListKeys"));
    house
}

#[tokio::test]
async fn the_management_account_takes_tasks_once_enabled() {
    let house = organization().await;
    let refused = code(&house, "admin", &form(OTHER, TASK)).await;
    assert_eq!(refused.as_deref(), Some("AccessDenied"), "not enabled yet");
    house.identities.allow_root_sessions("o-example");
    let answer = begin(&house, "admin", "root-session", &form(OTHER, TASK)).await;
    assert_eq!(answer.element("Expiration"), "2026-01-01T00:15:00Z");
    let identity = sts(&house, "root-session", "Action=GetCallerIdentity").await;
    assert_eq!(
        identity.element("Arn"),
        format!("arn:aws:iam::{OTHER}:root")
    );
    let context = crate::house::last_event(&house)["userIdentity"]["sessionContext"].clone();
    assert_eq!(context["assumedRoot"], "true");
    assert!(probes(&house, "root-session").await.is_ok());
    let by_arn = code(
        &house,
        "admin",
        &form(&format!("arn:aws:iam::{OTHER}:root"), TASK),
    )
    .await;
    assert_eq!(by_arn, None);
}

#[tokio::test]
async fn sec_s7_a_root_session_does_its_task_and_nothing_else() {
    let house = organization().await;
    house.identities.allow_root_sessions("o-example");
    house.identities.managed_policy(TASK, &task("iam:GetUser"));
    begin(&house, "admin", "root-session", &form(OTHER, TASK)).await;
    assert!(probes(&house, "root-session").await.is_err());
    for operation in ["GetSessionToken", "GetFederationToken&Name=bob"] {
        let refused = code(&house, "root-session", &format!("Action={operation}")).await;
        assert_eq!(refused.as_deref(), Some("AccessDenied"), "{operation}");
    }
    let refused = code(&house, "root-session", &form(OTHER, TASK)).await;
    assert_eq!(refused.as_deref(), Some("AccessDenied"));
}

#[tokio::test]
async fn nobody_else_takes_tasks() {
    let house = organization().await;
    house.identities.allow_root_sessions("o-example");
    house.user("nobody", &[]);
    let rows = [
        ("root", form(OTHER, TASK), "AccessDenied"),
        ("nobody", form(OTHER, TASK), "AccessDenied"),
        ("local", form(OTHER, TASK), "AccessDenied"),
        ("local", form(ACCOUNT, TASK), "AccessDenied"),
        ("admin", form(ACCOUNT, TASK), "AccessDenied"),
        ("admin", form("777788889999", TASK), "AccessDenied"),
        (
            "admin",
            form(OTHER, "arn:aws:iam::aws:policy/AdministratorAccess"),
            "ValidationError",
        ),
        (
            "admin",
            form("arn:aws:iam::444455556666:user/x", TASK),
            "ValidationError",
        ),
        (
            "admin",
            form(OTHER, TASK) + "&DurationSeconds=901",
            "ValidationError",
        ),
    ];
    for (who, form, expected) in rows {
        assert_eq!(
            code(&house, who, &form).await.as_deref(),
            Some(expected),
            "{who} {form}"
        );
    }
    let delegated = "777788889999";
    house.user_of(delegated, "deputy", &[ALLOW_ALL]);
    house.identities.member(delegated, member());
    assert_eq!(
        code(&house, "deputy", &form(OTHER, TASK)).await.as_deref(),
        Some("AccessDenied")
    );
    house.identities.delegate(delegated);
    assert_eq!(code(&house, "deputy", &form(OTHER, TASK)).await, None);
    let refused = code(&house, "deputy", &form(ACCOUNT, TASK)).await;
    assert_eq!(
        refused.as_deref(),
        Some("AccessDenied"),
        "the management account is no member"
    );
}
