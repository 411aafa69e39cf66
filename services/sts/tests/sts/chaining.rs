//! Sessions that begin sessions: tags, source identities and what they hand on.

use platform::testing::Harness;

use crate::house::{
    ALLOW_ALL, APP, ASSUME, assume, begin, code, house, probes, sts, trust, user_arn,
};

const NEXT: &str = "arn:aws:iam::111122223333:role/next";
const ALL: &str = r#"["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]"#;
const TAGS: &str = "&Tags.member.1.Key=Team&Tags.member.1.Value=red&Tags.member.2.Key=cost&Tags.member.2.Value=9&TransitiveTagKeys.member.1=team";

fn policy(condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"kms:*","Resource":"*","Condition":{condition}}}}}"#
    )
}

async fn two_roles(first: &str, second: &str, policy: &str) -> Harness {
    let house = house().await;
    house.user("alice", &[]);
    house.identities.role(
        APP,
        &trust(&user_arn("alice"), first, ""),
        &[ALLOW_ALL, policy],
    );
    house
        .identities
        .role(NEXT, &trust(APP, second, ""), &[policy]);
    house
}

#[tokio::test]
async fn tags_are_the_principals_and_transitive_ones_pass_on() {
    let team = policy(r#"{"StringEquals":{"aws:PrincipalTag/TEAM":"red"}}"#);
    let house = two_roles(ALL, ALL, &team).await;
    begin(&house, "alice", "app", &assume(APP, TAGS)).await;
    begin(&house, "app", "next", &assume(NEXT, "")).await;
    assert!(probes(&house, "next").await.is_ok());
    let cost = policy(r#"{"Null":{"aws:PrincipalTag/cost":"false"}}"#);
    let house = two_roles(ALL, ALL, &cost).await;
    begin(&house, "alice", "app", &assume(APP, TAGS)).await;
    begin(&house, "app", "next", &assume(NEXT, "")).await;
    assert!(
        probes(&house, "next").await.is_err(),
        "`cost` is not transitive"
    );

    let marked = sts(
        &house,
        "app",
        &assume(NEXT, "&TransitiveTagKeys.member.1=TEAM"),
    )
    .await;
    assert!(
        marked.text.contains("conflicts with a transitive tag key"),
        "{}",
        marked.text
    );
    assert_eq!(marked.code.as_deref(), Some("InvalidParameterValue"));
    let again = "&Tags.member.1.Key=tEAM&Tags.member.1.Value=blue";
    let answer = sts(&house, "app", &assume(NEXT, again)).await;
    assert_eq!(answer.code.as_deref(), Some("InvalidParameterValue"));
    assert!(
        answer.text.contains("conflicts with a transitive tag key"),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn tags_need_their_own_permission_handed_on_or_passed() {
    let house = two_roles(ASSUME, ASSUME, ALLOW_ALL).await;
    let refused = sts(&house, "alice", &assume(APP, TAGS)).await;
    assert!(
        refused.text.contains("sts:TagSession on resource"),
        "{}",
        refused.text
    );
    let house = two_roles(ALL, ASSUME, ALLOW_ALL).await;
    begin(&house, "alice", "app", &assume(APP, TAGS)).await;
    let refused = sts(&house, "app", &assume(NEXT, "")).await;
    assert!(
        refused.text.contains("sts:TagSession on resource"),
        "{}",
        refused.text
    );
}

#[tokio::test]
async fn trust_policies_see_the_tags_of_the_request() {
    let house = house().await;
    house.user("alice", &[]);
    for (condition, tags, allowed) in [
        (
            r#"{"StringEquals":{"aws:RequestTag/team":"red"}}"#,
            TAGS,
            true,
        ),
        (
            r#"{"StringEquals":{"aws:RequestTag/team":"blue"}}"#,
            TAGS,
            false,
        ),
        (
            r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["Team","cost"]}}"#,
            TAGS,
            true,
        ),
        (
            r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["Team"]}}"#,
            TAGS,
            false,
        ),
        (
            r#"{"ForAnyValue:StringEquals":{"sts:TransitiveTagKeys":"team"}}"#,
            TAGS,
            true,
        ),
        (r#"{"Null":{"sts:TransitiveTagKeys":"false"}}"#, "", false),
    ] {
        let trusting = trust(&user_arn("alice"), ALL, condition);
        house.identities.role(APP, &trusting, &[]);
        let refused = code(&house, "alice", &assume(APP, tags)).await;
        assert_eq!(refused.is_none(), allowed, "{condition}: {refused:?}");
    }
}

#[tokio::test]
async fn a_source_identity_stays_and_needs_its_own_permission() {
    let house = two_roles(
        ALL,
        ALL,
        &policy(r#"{"StringEquals":{"aws:SourceIdentity":"alice"}}"#),
    )
    .await;
    let answer = begin(
        &house,
        "alice",
        "app",
        &assume(APP, "&SourceIdentity=alice"),
    )
    .await;
    assert_eq!(answer.element("SourceIdentity"), "alice");
    let answer = begin(&house, "app", "next", &assume(NEXT, "")).await;
    assert_eq!(answer.element("SourceIdentity"), "alice");
    assert!(probes(&house, "next").await.is_ok());
    assert_eq!(
        code(&house, "app", &assume(NEXT, "&SourceIdentity=alice")).await,
        None
    );
    let changed = sts(&house, "app", &assume(NEXT, "&SourceIdentity=mallory")).await;
    assert!(
        changed.text.contains("sts:SetSourceIdentity on resource"),
        "{}",
        changed.text
    );
    let reserved = code(&house, "alice", &assume(APP, "&SourceIdentity=aws:me")).await;
    assert_eq!(reserved.as_deref(), Some("ValidationError"));

    let house = two_roles(ASSUME, ASSUME, ALLOW_ALL).await;
    let refused = sts(&house, "alice", &assume(APP, "&SourceIdentity=alice")).await;
    assert!(
        refused.text.contains("sts:SetSourceIdentity on resource"),
        "{}",
        refused.text
    );
}

#[tokio::test]
async fn a_chained_session_lasts_an_hour_at_most() {
    let house = two_roles(ALL, ALL, ALLOW_ALL).await;
    let long = |role: &mut platform::Role| role.max_session_seconds = 43_200;
    house
        .identities
        .role_with(NEXT, &trust(APP, ALL, ""), &[], long);
    begin(&house, "alice", "app", &assume(APP, "")).await;
    assert_eq!(
        code(&house, "app", &assume(NEXT, "&DurationSeconds=3600")).await,
        None
    );
    let answer = sts(&house, "app", &assume(NEXT, "&DurationSeconds=3601")).await;
    let why = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.";
    assert_eq!(answer.code.as_deref(), Some("ValidationError"));
    assert!(answer.text.contains(why), "{}", answer.text);
}

#[tokio::test]
async fn tags_are_checked() {
    let house = two_roles(ALL, ALL, ALLOW_ALL).await;
    for (tags, expected) in [
        (
            "&Tags.member.1.Key=a&Tags.member.1.Value=1&Tags.member.2.Key=A&Tags.member.2.Value=2",
            "InvalidParameterValue",
        ),
        (
            "&Tags.member.1.Key=aws:a&Tags.member.1.Value=1",
            "ValidationError",
        ),
        ("&TransitiveTagKeys.member.1=a", "InvalidParameterValue"),
    ] {
        let refused = code(&house, "alice", &assume(APP, tags)).await;
        assert_eq!(refused.as_deref(), Some(expected), "{tags}");
    }
    let tag = |at: usize| format!("&Tags.member.{at}.Key=k{at}&Tags.member.{at}.Value=v");
    let full: String = (1..=50).map(tag).collect();
    assert_eq!(code(&house, "alice", &assume(APP, &full)).await, None);
    let over: String = (1..=51).map(tag).collect();
    let refused = code(&house, "alice", &assume(APP, &over)).await;
    assert_eq!(refused.as_deref(), Some("ValidationError"));
    let value = "x".repeat(256);
    let large: String = (1..=2)
        .map(|at| format!("&Tags.member.{at}.Key=k{at}&Tags.member.{at}.Value={value}"))
        .collect();
    let answer = sts(&house, "alice", &assume(APP, &large)).await;
    assert_eq!(answer.code.as_deref(), Some("PackedPolicyTooLarge"));
    assert!(
        answer
            .text
            .contains("Packed size of session tags consumes 114% of allotted space."),
        "{}",
        answer.text
    );
}
