//! `GetCallerIdentity`.

use platform::testing::{ACCOUNT, Harness};

const FORM: &str = "Action=GetCallerIdentity";
const DENY: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;

fn element(text: &str, name: &str) -> String {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let inner = text
        .split_once(&open)
        .and_then(|(_, rest)| rest.split_once(&close));
    inner.map(|(inner, _)| inner.to_owned()).unwrap_or_default()
}

#[tokio::test]
async fn says_who_calls_whatever_policies_say() {
    assert_eq!(service_sts::service().missing(), Vec::<&str>::new());
    let harness = Harness::new(vec![service_sts::service()]).await;
    harness.user("division/alice", &[DENY]);
    harness.root_of("444455556666", "other");

    let root = harness.query("root", "sts", FORM).await;
    assert_eq!(root.status, 200, "{}", root.text);
    assert_eq!(
        element(&root.text, "Arn"),
        format!("arn:aws:iam::{ACCOUNT}:root")
    );
    assert_eq!(element(&root.text, "UserId"), ACCOUNT);
    assert_eq!(element(&root.text, "Account"), ACCOUNT);

    let alice = harness.query("division/alice", "sts", FORM).await;
    assert_eq!(alice.status, 200, "{}", alice.text);
    assert_eq!(
        element(&alice.text, "Arn"),
        format!("arn:aws:iam::{ACCOUNT}:user/division/alice")
    );
    assert!(element(&alice.text, "UserId").starts_with("AIDA"));

    let other = harness.query("other", "sts", FORM).await;
    assert_eq!(element(&other.text, "Account"), "444455556666");
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
