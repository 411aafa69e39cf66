//! `GetCallerIdentity`.

use platform::testing::{ACCOUNT, Harness};

const FORM: &str = "Action=GetCallerIdentity";
const DENY: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;

#[tokio::test]
async fn says_who_calls_whatever_policies_say() {
    assert_eq!(service_sts::service().missing(), Vec::<&str>::new());
    let harness = Harness::new(vec![service_sts::service()]).await;
    harness.user("division/alice", &[DENY]);
    harness.root_of("444455556666", "other");

    let root = harness.query("root", "sts", FORM).await;
    assert_eq!(root.status, 200, "{}", root.text);
    assert_eq!(root.element("Arn"), format!("arn:aws:iam::{ACCOUNT}:root"));
    assert_eq!(root.element("UserId"), ACCOUNT);
    assert_eq!(root.element("Account"), ACCOUNT);

    let alice = harness.query("division/alice", "sts", FORM).await;
    assert_eq!(alice.status, 200, "{}", alice.text);
    assert_eq!(
        alice.element("Arn"),
        format!("arn:aws:iam::{ACCOUNT}:user/division/alice")
    );
    assert!(alice.element("UserId").starts_with("AIDA"));

    let other = harness.query("other", "sts", FORM).await;
    assert_eq!(other.element("Account"), "444455556666");
}

#[tokio::test]
async fn answers_nobody_without_a_signature() {
    let harness = Harness::new(vec![service_sts::service()]).await;
    let answer = harness.query("anonymous", "sts", FORM).await;
    assert_eq!(
        (answer.status, answer.code.as_deref()),
        (403, Some("MissingAuthenticationToken"))
    );
    assert!(!answer.text.contains(ACCOUNT));
}
