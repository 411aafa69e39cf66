//! Policies: their types, documents and attachments.

use serde_json::json;

use crate::organizations::house::{House, MANAGEMENT, all, statement, text};

const SCP: &str = "SERVICE_CONTROL_POLICY";
const RCP: &str = "RESOURCE_CONTROL_POLICY";

#[tokio::test]
async fn aws_s_policies_are_attached_once_their_type_is_enabled() {
    let (house, admin) = House::with_organization().await;
    let root = house.root_id(&admin).await;
    let unit = house.unit(&admin, &root, "before").await;
    let before = house.account(&admin, "before").await;
    let on = async |target: &str, kind: &str| {
        let input = json!({ "TargetId": target, "Filter": kind });
        let listed = house.done(&admin, "ListPoliciesForTarget", input).await;
        all(&listed["Policies"], "Name")
    };
    for (kind, name) in [(SCP, "FullAWSAccess"), (RCP, "RCPFullAWSAccess")] {
        assert_eq!(on(&root, kind).await, [] as [&str; 0]);
        house.enable(&admin, kind).await;
        for target in [&root, &unit, &before, &MANAGEMENT.to_owned()] {
            assert_eq!(on(target, kind).await, [name], "{target}");
        }
        let again = json!({ "RootId": root, "PolicyType": kind });
        let code = "PolicyTypeAlreadyEnabledException";
        house.refused(&admin, "EnablePolicyType", again, code).await;
    }
    let after = house.account(&admin, "after").await;
    assert_eq!(on(&after, SCP).await, ["FullAWSAccess"]);
    let roots = house.done(&admin, "ListRoots", json!({})).await;
    let types = all(&roots["Roots"][0]["PolicyTypes"], "Type");
    assert_eq!(types, [RCP, SCP]);
    let input = json!({ "PolicyId": "p-FullAWSAccess" });
    let targets = house
        .done(&admin, "ListTargetsForPolicy", input.clone())
        .await;
    assert_eq!(all(&targets["Targets"], "TargetId").len(), 5);
    let shown = house.done(&admin, "DescribePolicy", input).await;
    let summary = &shown["Policy"]["PolicySummary"];
    assert_eq!(summary["AwsManaged"], true);
    assert_eq!(
        summary["Arn"],
        "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"
    );

    let input = json!({ "RootId": root, "PolicyType": SCP });
    let disabled = house.done(&admin, "DisablePolicyType", input.clone()).await;
    assert_eq!(all(&disabled["Root"]["PolicyTypes"], "Type"), [RCP]);
    assert_eq!(on(&after, SCP).await, [] as [&str; 0]);
    let code = "PolicyTypeNotEnabledException";
    house
        .refused(&admin, "DisablePolicyType", input, code)
        .await;
}

#[tokio::test]
async fn a_policy_is_made_shown_changed_and_deleted() {
    let (house, admin) = House::with_organization().await;
    let document = statement("Deny", "kms:CreateKey");
    let input = json!({ "Name": "No keys", "Description": "none", "Type": SCP,
        "Content": document, "Tags": [{ "Key": "a", "Value": "b" }] });
    let made = house.done(&admin, "CreatePolicy", input.clone()).await;
    let summary = &made["Policy"]["PolicySummary"];
    let id = text(&summary["Id"]);
    assert_eq!(made["Policy"]["Content"], document);
    let arn = text(&summary["Arn"]);
    assert!(
        arn.ends_with(&format!("/service_control_policy/{id}")),
        "{arn}"
    );
    let one = json!({ "PolicyId": id });
    let shown = house.done(&admin, "DescribePolicy", one.clone()).await;
    assert_eq!(shown, made);
    let listed = house
        .done(&admin, "ListPolicies", json!({ "Filter": SCP }))
        .await;
    let mut names = all(&listed["Policies"], "Name");
    names.sort();
    assert_eq!(names, ["FullAWSAccess", "No keys"]);
    house
        .refused(&admin, "CreatePolicy", input, "DuplicatePolicyException")
        .await;

    let changed = statement("Deny", "kms:*");
    let input = json!({ "PolicyId": id, "Name": "Nothing", "Content": changed });
    let updated = house.done(&admin, "UpdatePolicy", input).await;
    assert_eq!(updated["Policy"]["Content"], changed);
    assert_eq!(updated["Policy"]["PolicySummary"]["Description"], "none");
    house.done(&admin, "DeletePolicy", one.clone()).await;
    for operation in ["DeletePolicy", "DescribePolicy", "UpdatePolicy"] {
        let code = "PolicyNotFoundException";
        house.refused(&admin, operation, one.clone(), code).await;
    }
    let managed = json!({ "PolicyId": "p-FullAWSAccess", "Name": "x" });
    let code = "InvalidInputException IMMUTABLE_POLICY";
    house
        .refused(&admin, "UpdatePolicy", managed.clone(), code)
        .await;
    house.refused(&admin, "DeletePolicy", managed, code).await;
}

#[tokio::test]
async fn documents_that_are_none_of_their_type_are_refused() {
    let (house, admin) = House::with_organization().await;
    let long = format!("{}{}", statement("Deny", "kms:*"), " ".repeat(10_240));
    let grants = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}}"#;
    let malformed = "MalformedPolicyDocumentException";
    for (kind, content, code) in [
        (SCP, "{}", malformed),
        (SCP, grants, malformed),
        (RCP, grants, malformed),
        (RCP, &statement("Deny", "kms:*"), malformed),
        ("TAG_POLICY", &statement("Deny", "kms:*"), malformed),
        (
            SCP,
            &long,
            "ConstraintViolationException POLICY_CONTENT_LIMIT_EXCEEDED",
        ),
    ] {
        let input = json!({ "Name": "n", "Description": "", "Type": kind, "Content": content });
        house.refused(&admin, "CreatePolicy", input, code).await;
    }
}

#[tokio::test]
async fn attachments_have_their_conditions() {
    let (house, admin) = House::with_organization().await;
    let root = house.root_id(&admin).await;
    let policy = house.policy(&admin, SCP, &statement("Deny", "kms:*")).await;
    let on = |policy: &str| json!({ "PolicyId": policy, "TargetId": root });
    let code = "PolicyTypeNotEnabledException";
    house
        .refused(&admin, "AttachPolicy", on(&policy), code)
        .await;
    house.enable(&admin, SCP).await;
    house.enable(&admin, RCP).await;
    let code = "PolicyNotAttachedException";
    house
        .refused(&admin, "DetachPolicy", on(&policy), code)
        .await;
    let last = "ConstraintViolationException MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED";
    house
        .refused(&admin, "DetachPolicy", on("p-FullAWSAccess"), last)
        .await;
    let fixed = "InvalidInputException NON_DETACHABLE_POLICY";
    house
        .refused(&admin, "DetachPolicy", on("p-RCPFullAWSAccess"), fixed)
        .await;
    house.attach(&admin, &policy, &root).await;
    let code = "DuplicatePolicyAttachmentException";
    house
        .refused(&admin, "AttachPolicy", on(&policy), code)
        .await;
    let one = json!({ "PolicyId": policy });
    house
        .refused(&admin, "DeletePolicy", one.clone(), "PolicyInUseException")
        .await;
    // What replaces the policy of AWS lets it go.
    house.detach(&admin, "p-FullAWSAccess", &root).await;
    house
        .refused(&admin, "DetachPolicy", on(&policy), last)
        .await;
    house.attach(&admin, "p-FullAWSAccess", &root).await;
    for number in 0..3 {
        let document = statement("Deny", &format!("s3:Get{}", "x".repeat(number)));
        let more = house.policy(&admin, SCP, &document).await;
        house.attach(&admin, &more, &root).await;
    }
    let more = house
        .policy(&admin, SCP, &statement("Deny", "sqs:SendMessage"))
        .await;
    let code = "ConstraintViolationException MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED";
    house.refused(&admin, "AttachPolicy", on(&more), code).await;
    house.detach(&admin, &policy, &root).await;
    house.done(&admin, "DeletePolicy", one).await;
    let absent = json!({ "PolicyId": more, "TargetId": "999999999999" });
    let code = "TargetNotFoundException";
    house
        .refused(&admin, "AttachPolicy", absent.clone(), code)
        .await;
    house.refused(&admin, "DetachPolicy", absent, code).await;
}
