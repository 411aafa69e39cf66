//! Advanced parameters shared with other accounts.

use serde_json::{Value, json};

use crate::house::{OTHER, arn, code, done, house, make, put};

fn sharing(principal: &str, actions: &[&str]) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Principal": { "AWS": principal }, "Action": actions,
            "Resource": arn("/shared"),
        }],
    })
    .to_string()
}

fn share() -> String {
    sharing(
        OTHER,
        &[
            "ssm:GetParameter",
            "ssm:GetParameters",
            "ssm:GetParameterHistory",
        ],
    )
}

#[tokio::test]
async fn another_account_reads_what_is_shared_by_its_arn() {
    let harness = house().await;
    make(&harness, "/shared", json!({ "Tier": "Advanced" })).await;
    let by_arn = json!({ "Name": arn("/shared") });
    let before = code(&harness, "other", "GetParameter", by_arn.clone()).await;
    assert_eq!(before, "AccessDeniedException");
    let absent = json!({ "Name": arn("/absent") });
    assert_eq!(
        code(&harness, "other", "GetParameter", absent).await,
        before
    );
    let input = json!({ "ResourceArn": arn("/shared"), "Policy": share() });
    let put = done(&harness, "root", "PutResourcePolicy", input).await;
    let shown = done(&harness, "other", "GetParameter", by_arn.clone()).await;
    assert_eq!(shown["Parameter"]["Value"], "v");
    assert_eq!(shown["Parameter"]["ARN"], arn("/shared"));
    let several = json!({ "Names": [arn("/shared"), "/shared"] });
    let several = done(&harness, "other", "GetParameters", several).await;
    assert_eq!(several["InvalidParameters"], json!(["/shared"]));
    done(&harness, "other", "GetParameterHistory", by_arn.clone()).await;
    let own = done(
        &harness,
        "other",
        "DescribeParameters",
        json!({ "Shared": true }),
    )
    .await;
    assert_eq!(own["Parameters"], json!([]));
    for operation in ["DeleteParameter", "LabelParameterVersion"] {
        let input = json!({ "Name": arn("/shared"), "Labels": ["a"] });
        let refused = code(&harness, "other", operation, input).await;
        assert_eq!(refused, "ValidationException", "{operation}");
    }
    let listed = json!({ "ResourceArn": arn("/shared") });
    let listed = done(&harness, "root", "GetResourcePolicies", listed).await;
    assert_eq!(listed["Policies"][0]["PolicyId"], put["PolicyId"]);
    assert_eq!(listed["Policies"][0]["Policy"], share());
    let mut delete = put;
    delete["ResourceArn"] = json!(arn("/shared"));
    done(&harness, "root", "DeleteResourcePolicy", delete).await;
    let after = code(&harness, "other", "GetParameter", by_arn).await;
    assert_eq!(after, "AccessDeniedException");
}

#[tokio::test]
async fn policies_are_changed_by_who_knows_them() {
    let harness = house().await;
    make(&harness, "/shared", json!({ "Tier": "Advanced" })).await;
    put(&harness, "/standard", "v").await;
    let of = |more: Value| {
        let mut input = json!({ "ResourceArn": arn("/shared"), "Policy": share() });
        crate::house::merge(&mut input, more);
        input
    };
    let first = done(&harness, "root", "PutResourcePolicy", of(json!({}))).await;
    let id = &first["PolicyId"];
    for (more, expected) in [
        (json!({}), "ResourcePolicyLimitExceededException"),
        (
            json!({ "PolicyId": "x", "PolicyHash": "y" }),
            "ResourcePolicyNotFoundException",
        ),
        (
            json!({ "PolicyId": id, "PolicyHash": "y" }),
            "ResourcePolicyConflictException",
        ),
        (
            json!({ "ResourceArn": arn("/absent") }),
            "ResourceNotFoundException",
        ),
        (
            json!({ "ResourceArn": arn("/standard") }),
            "ResourcePolicyInvalidParameterException",
        ),
        (
            json!({ "ResourceArn": "arn:aws:s3:::a-bucket-of-mine" }),
            "ResourcePolicyInvalidParameterException",
        ),
        (
            json!({ "Policy": "{}", "PolicyId": id, "PolicyHash": first["PolicyHash"] }),
            "MalformedResourcePolicyDocumentException",
        ),
        (
            json!({ "Policy": " ".repeat(1025) + "{}" }),
            "ResourcePolicyLimitExceededException",
        ),
    ] {
        let refused = code(&harness, "root", "PutResourcePolicy", of(more.clone())).await;
        assert_eq!(refused, expected, "{more}");
    }
    let next = of(json!({ "PolicyId": id, "PolicyHash": first["PolicyHash"] }));
    let second = done(&harness, "root", "PutResourcePolicy", next.clone()).await;
    assert_eq!(&second["PolicyId"], id);
    assert_ne!(second["PolicyHash"], first["PolicyHash"]);
    let stale = code(&harness, "root", "PutResourcePolicy", next).await;
    assert_eq!(stale, "ResourcePolicyConflictException");
}
