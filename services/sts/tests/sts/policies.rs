//! Session policies: what a session gives up.

use platform::testing::ACCOUNT;

use crate::house::{ALLOW_ALL, APP, ASSUME, allow, assume, begin, code, house, probes, sts, trust};

fn encode(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

#[tokio::test]
async fn a_session_may_do_what_the_role_and_its_policies_allow() {
    let house = house().await;
    house.user("alice", &[]);
    let managed = |name: &str| format!("arn:aws:iam::{ACCOUNT}:policy/{name}");
    house
        .identities
        .managed_policy(&managed("lists"), &allow("kms:ListKeys", "*"));
    house
        .identities
        .managed_policy(&managed("other"), &allow("kms:CreateKey", "*"));
    let inline = |action: &str| format!("&Policy={}", encode(&allow(action, "*")));
    let arn = |name: &str| format!("&PolicyArns.member.1.arn={}", managed(name));
    for (own, more, allowed) in [
        (ALLOW_ALL, String::new(), true),
        (ALLOW_ALL, inline("kms:ListKeys"), true),
        (ALLOW_ALL, inline("kms:CreateKey"), false),
        (ALLOW_ALL, arn("lists"), true),
        (ALLOW_ALL, arn("other"), false),
        (ALLOW_ALL, inline("kms:CreateKey") + &arn("lists"), true),
        (&allow("kms:CreateKey", "*"), inline("*"), false),
    ] {
        house.identities.role(APP, &trust("*", ASSUME, ""), &[own]);
        begin(&house, "alice", "app", &assume(APP, &more)).await;
        assert_eq!(probes(&house, "app").await.is_ok(), allowed, "{own} {more}");
    }
}

#[tokio::test]
async fn policies_must_be_policies_that_exist() {
    let house = house().await;
    house.user("alice", &[]);
    house
        .identities
        .role(APP, &trust("*", ASSUME, ""), &[ALLOW_ALL]);
    let far = "arn:aws:iam::444455556666:policy/far";
    house.identities.managed_policy(far, ALLOW_ALL);
    for (more, expected) in [
        ("&Policy=%7B".to_owned(), "MalformedPolicyDocument"),
        (
            format!("&Policy={}", encode(&trust("*", ASSUME, ""))),
            "MalformedPolicyDocument",
        ),
        (
            format!("&PolicyArns.member.1.arn={far}"),
            "MalformedPolicyDocument",
        ),
        (
            "&PolicyArns.member.1.arn=arn:aws:iam::111122223333:policy/none".to_owned(),
            "MalformedPolicyDocument",
        ),
    ] {
        let refused = code(&house, "alice", &assume(APP, &more)).await;
        assert_eq!(refused.as_deref(), Some(expected), "{more}");
    }
    let many: String = (1..=11)
        .map(|at| format!("&PolicyArns.member.{at}.arn=arn:aws:iam::aws:policy/p{at}"))
        .collect();
    let refused = code(&house, "alice", &assume(APP, &many)).await;
    assert_eq!(refused.as_deref(), Some("ValidationError"));
}

#[tokio::test]
async fn their_size_is_told_and_limited() {
    let house = house().await;
    house.user("alice", &[]);
    house.identities.role(APP, &trust("*", ASSUME, ""), &[]);
    let policy = |length: usize| {
        let sid = "x".repeat(length - allow("a:b", "*").len());
        let text =
            allow("a:b", "*").replace("\"Effect\"", &format!("\"Sid\":\"{sid}\",\"Effect\""));
        assume(APP, &format!("&Policy={}", encode(&text)))
    };
    let answer = sts(&house, "alice", &policy(1000)).await;
    assert_eq!(answer.element("PackedPolicySize"), "50", "{}", answer.text);
    let answer = sts(&house, "alice", &policy(2100)).await;
    assert_eq!(
        answer.code.as_deref(),
        Some("PackedPolicyTooLarge"),
        "{}",
        answer.text
    );
    assert!(
        answer
            .text
            .contains("% of allotted space, please use smaller policy.")
    );
}
