//! Each operation asks for what AWS documents: its own action, on a resource of a documented type.
//! (https://docs.aws.amazon.com/service-authorization/latest/reference/)

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use platform::Witness;
use platform::testing::Harness;
use policy::reference::{self, AccessLevel, Action, Service};
use wire::{OperationTable, ServiceTable};

use crate::walk::input::{Given, all_members, needed_members};
use crate::walk::send::send;
use crate::walk::{house, is_exempt, operations};

/// Operations that ask for other actions than the one of their name, and those of the reference's
/// dependent actions: operation, action, where AWS says so.
const OTHER_ACTIONS: &[(&str, &str, &str)] = &[
    (
        "secretsmanager:ValidateResourcePolicy",
        "secretsmanager:ValidateResourcePolicy",
        "Secrets Manager API reference, ValidateResourcePolicy",
    ),
    (
        "secretsmanager:ValidateResourcePolicy",
        "secretsmanager:PutResourcePolicy",
        "Secrets Manager API reference, ValidateResourcePolicy",
    ),
    (
        "secretsmanager:CreateSecret",
        "secretsmanager:CreateSecret",
        "Secrets Manager API reference, CreateSecret",
    ),
    (
        "secretsmanager:CreateSecret",
        "secretsmanager:ReplicateSecretToRegions",
        "Secrets Manager API reference, CreateSecret",
    ),
    (
        "secretsmanager:AssociateCrossAccountReplica",
        "secretsmanager:AssociateCrossAccountReplica",
        "Secrets Manager API reference, AssociateCrossAccountReplica",
    ),
    (
        "secretsmanager:AssociateCrossAccountReplica",
        "secretsmanager:GetSecretValue",
        "Secrets Manager API reference, AssociateCrossAccountReplica",
    ),
    (
        "secretsmanager:CreateSecret",
        "secretsmanager:PutResourcePolicy",
        "Secrets Manager API reference, CreateSecret",
    ),
    // There is no action `lambda:Invoke`.
    (
        "lambda:Invoke",
        "lambda:InvokeFunction",
        "Lambda API reference, Invoke",
    ),
    // There is no action `kms:ReEncrypt`.
    (
        "kms:ReEncrypt",
        "kms:ReEncryptFrom",
        "KMS API reference, ReEncrypt",
    ),
    (
        "kms:ReEncrypt",
        "kms:ReEncryptTo",
        "KMS API reference, ReEncrypt",
    ),
    // There is no action `lambda:GetLayerVersionByArn`.
    (
        "lambda:GetLayerVersionByArn",
        "lambda:GetLayerVersion",
        "AWS Lambda API reference, GetLayerVersionByArn",
    ),
    (
        "sns:PublishBatch",
        "sns:Publish",
        "Amazon SNS developer guide, batching",
    ),
    (
        "sqs:ChangeMessageVisibilityBatch",
        "sqs:ChangeMessageVisibility",
        "Amazon SQS developer guide, API permissions",
    ),
    (
        "sqs:DeleteMessageBatch",
        "sqs:DeleteMessage",
        "Amazon SQS developer guide, API permissions",
    ),
    (
        "sqs:SendMessageBatch",
        "sqs:SendMessage",
        "Amazon SQS developer guide, API permissions",
    ),
];

/// The operator's service, of which AWS documents nothing; `services/iam/tests/iam/operator.rs` tests
/// what it asks.
const OWN_SERVICE: &str = "strongroom";

/// Whether a type that the reference calls required is one of several, of which a call has one:
/// operation, type, why.
const ONE_OF_SEVERAL: &[(&str, &str, &str)] = &[
    (
        "iam:GenerateServiceLastAccessedDetails",
        "group",
        "the ARN names one thing of any of these types",
    ),
    (
        "iam:GenerateServiceLastAccessedDetails",
        "policy",
        "the ARN names one thing of any of these types",
    ),
    (
        "iam:GenerateServiceLastAccessedDetails",
        "role",
        "the ARN names one thing of any of these types",
    ),
    (
        "iam:GenerateServiceLastAccessedDetails",
        "user",
        "the ARN names one thing of any of these types",
    ),
    (
        "iam:ListPoliciesGrantingServiceAccess",
        "group",
        "the ARN names one thing of any of these types",
    ),
    (
        "iam:ListPoliciesGrantingServiceAccess",
        "role",
        "the ARN names one thing of any of these types",
    ),
    (
        "iam:ListPoliciesGrantingServiceAccess",
        "user",
        "the ARN names one thing of any of these types",
    ),
    (
        "organizations:MoveAccount",
        "root",
        "accounts also move between units",
    ),
];

/// Decisions on resources that the reference does not list for the action: operation, action, why.
const OTHER_RESOURCES: &[(&str, &str, &str)] = &[
    (
        "sns:Publish",
        "sns:Publish",
        "what is for no topic, such as a text message, is about everything",
    ),
    (
        "sts:GetFederationToken",
        "sts:TagSession",
        "the session that is tagged (\"Pass session tags in AWS STS\", IAM user guide)",
    ),
    (
        "logs:DescribeLogGroups",
        "logs:DescribeLogGroups",
        "all groups of the account, as AWS's refusals name them",
    ),
];

/// Operations that a root user may not call at all.
const NOT_AS_ROOT: &[&str] = &["AssumeRole", "AssumeRoot", "ChangePassword"];

/// The decisions that calls asked: action and resource.
#[derive(Default)]
struct Notes {
    asked: Mutex<BTreeSet<(String, String)>>,
    waived: Mutex<bool>,
}

impl Witness for Notes {
    fn asks(&self, action: &'static str, resource_arn: &str) {
        let asked = (action.to_owned(), resource_arn.to_owned());
        self.asked.lock().expect("notes").insert(asked);
    }

    fn needs_none(&self) {
        *self.waived.lock().expect("notes") = true;
    }
}

#[tokio::test]
async fn sec_s10_i6_i7_every_operation_asks_for_the_documented_action_on_a_documented_resource() {
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for (service, operation, _) in operations() {
        if service.signing_name == OWN_SERVICE {
            continue;
        }
        let name = format!("{}:{}", service.signing_name, operation.name);
        // What carries no signature asks once its proof holds, which a table cannot make up.
        if !seen.insert(name.clone()) || operation.unsigned {
            continue;
        }
        let notes = asked_by(service, operation).await;
        let waived = *notes.waived.lock().expect("notes");
        assert_eq!(waived, is_exempt(service, operation), "{name}");
        let asked = notes.asked.lock().expect("notes");
        if waived {
            assert!(asked.is_empty(), "{name} {asked:?}");
            continue;
        }
        let tags = has_tags(operation);
        faults.extend(
            check(&name, tags, &asked)
                .into_iter()
                .map(|fault| format!("{name}: {fault}")),
        );
    }
    assert!(seen.len() > 30, "{} operations", seen.len());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What root is asked in calls with the members that are needed, in an empty house; and with all
/// members, in one where everything has been made that can be.
async fn asked_by(service: &'static ServiceTable, operation: &'static OperationTable) -> Notes {
    let notes = Arc::new(Notes::default());
    for furnished in [false, true] {
        let (harness, given) = house().await;
        if furnished {
            furnish(&harness, service, &given).await;
        }
        let of_this_house = Arc::new(Notes::default());
        harness.pipeline.watch(Arc::clone(&of_this_house) as _);
        let input = match furnished {
            true => all_members(operation, &given),
            false => needed_members(operation, &given),
        };
        let protocol = service.protocols[0];
        let who = match NOT_AS_ROOT.contains(&operation.name) {
            true => "admin",
            false => "root",
        };
        send(&harness, who, service, operation, protocol, &input).await;
        let asked = std::mem::take(&mut *of_this_house.asked.lock().expect("notes"));
        notes.asked.lock().expect("notes").extend(asked);
        *notes.waived.lock().expect("notes") |= *of_this_house.waived.lock().expect("notes");
    }
    Arc::into_inner(notes).expect("nobody else has them")
}

/// Calls everything of the service that makes something.
async fn furnish(harness: &Harness, service: &'static ServiceTable, given: &Given) {
    for operation in service.operations {
        if operation.name.starts_with("Create") {
            let input = needed_members(operation, given);
            send(
                harness,
                "root",
                service,
                operation,
                service.protocols[0],
                &input,
            )
            .await;
        }
    }
}

/// Whether callers may give tags to what the operation makes.
fn has_tags(operation: &OperationTable) -> bool {
    let mut members = operation.input.members().iter();
    members.any(|member| member.name.eq_ignore_ascii_case("Tags"))
}

/// What is wrong with the decisions that an operation asked.
fn check(name: &str, tags: bool, asked: &BTreeSet<(String, String)>) -> Vec<String> {
    let mut faults = Vec::new();
    let expected = expected_actions(name);
    for action in &expected {
        if !asked.iter().any(|(asked, _)| asked == action) {
            faults.push(format!("never asks for {action}; asks {asked:?}"));
        }
    }
    for (action, resource) in asked {
        let Some((service, known)) = documented(action) else {
            faults.push(format!("{action} is not an action"));
            continue;
        };
        let depends = |own: &String| {
            let own = documented(own);
            own.is_some_and(|(_, own)| own.dependents.contains(&action.as_str()))
        };
        // "Tagging IAM resources" (IAM user guide) and its like: who makes a thing with tags needs
        // the permission to tag it as well.
        let is_tagging = tags && known.access_level == AccessLevel::Tagging;
        if !expected.contains(action) && !expected.iter().any(depends) && !is_tagging {
            faults.push(format!("asks for {action}, which is another action"));
        }
        let is_other = |(operation, other, _): &(&str, &str, &str)| {
            *operation == name && *other == action.as_str()
        };
        if OTHER_RESOURCES.iter().any(is_other) {
            continue;
        }
        if !is_documented_resource(service, known, resource) {
            faults.push(format!(
                "asks for {action} on {resource}, which is no resource of it"
            ));
        }
    }
    faults.extend(
        expected
            .iter()
            .flat_map(|action| missing_types(name, action, asked)),
    );
    faults
}

/// The actions that an operation must ask for.
fn expected_actions(name: &str) -> Vec<String> {
    let others = OTHER_ACTIONS
        .iter()
        .filter(|(operation, ..)| *operation == name);
    let others: Vec<String> = others.map(|(_, action, _)| (*action).to_owned()).collect();
    match others.is_empty() {
        true => vec![name.to_owned()],
        false => others,
    }
}

fn documented(action: &str) -> Option<(&'static Service, &'static Action)> {
    let (prefix, _) = action.split_once(':')?;
    let service = reference::service(prefix)?;
    let found = reference::action(action)?;
    // Policies disregard case, but records and errors show what was asked.
    (action == format!("{}:{}", service.prefix, found.name)).then_some((service, found))
}

/// A resource of a type of the action. Actions that know no type, or none that they require, are
/// about `*`; IAM's lists are about the collection below a path, `arn:aws:iam::account:user/`
/// ("Troubleshoot access denied error messages", IAM user guide).
fn is_documented_resource(service: &Service, action: &Action, resource: &str) -> bool {
    let types = action.resources.iter();
    let mut types = types.filter_map(|target| service.resource(target.resource));
    if types.any(|kind| kind.matches(resource)) {
        return true;
    }
    let needs_type = action.resources.iter().any(|target| target.required);
    let member = format!("{resource}x");
    let is_collection = resource.ends_with('/')
        && action.access_level == AccessLevel::List
        && service.resources.iter().any(|kind| kind.matches(&member));
    !needs_type && (resource == "*" || is_collection)
}

/// The types that the reference requires of an action and that no decision was about.
fn missing_types(name: &str, action: &str, asked: &BTreeSet<(String, String)>) -> Vec<String> {
    let Some((service, known)) = documented(action) else {
        return Vec::new();
    };
    let required = known.resources.iter().filter(|target| target.required);
    let excused = |resource: &str| {
        ONE_OF_SEVERAL
            .iter()
            .any(|(operation, kind, _)| *operation == name && *kind == resource)
    };
    let missing = required.filter(|target| {
        let kind = service.resource(target.resource).expect("a known type");
        let is_asked =
            |(asked, resource): &(String, String)| asked == action && kind.matches(resource);
        !excused(target.resource) && !asked.iter().any(is_asked)
    });
    missing
        .map(|target| {
            format!(
                "never asks for {action} on a resource of type {}",
                target.resource
            )
        })
        .collect()
}

#[test]
fn the_check_finds_what_it_is_for() {
    let check = |name: &str, asked: &[(&str, &str)]| {
        let asked = asked
            .iter()
            .map(|(action, arn)| ((*action).to_owned(), (*arn).to_owned()));
        check(name, name.contains("Create"), &asked.collect()).len()
    };
    let key = "arn:aws:kms:us-east-1:111122223333:key/1";
    let alias = "arn:aws:kms:us-east-1:111122223333:alias/a";
    assert_eq!(check("kms:Decrypt", &[("kms:Decrypt", key)]), 0);
    assert_eq!(check("kms:CreateKey", &[("kms:CreateKey", "*")]), 0);
    let tagging = [("kms:CreateKey", "*"), ("kms:TagResource", key)];
    assert_eq!(check("kms:CreateKey", &tagging), 0, "a dependent action");
    let both = [("kms:CreateAlias", alias), ("kms:CreateAlias", key)];
    assert_eq!(check("kms:CreateAlias", &both), 0);
    assert_eq!(check("kms:CreateAlias", &both[..1]), 1, "one type of two");
    assert_eq!(check("kms:Decrypt", &[]), 2, "no action, on no type");
    assert_eq!(check("kms:Decrypt", &[("kms:Decrypt", "*")]), 2);
    assert_eq!(check("kms:Decrypt", &[("kms:Encrypt", key)]), 3);
    let both = [("kms:Decrypt", key), ("kms:Encrypt", key)];
    assert_eq!(check("kms:Decrypt", &both), 1, "another action");
    let user = "arn:aws:iam::111122223333:user/x";
    let tagging = [("iam:CreateUser", user), ("iam:TagUser", user)];
    assert_eq!(check("iam:CreateUser", &tagging), 0);
    let tagging = [("iam:GetUser", user), ("iam:TagUser", user)];
    assert_eq!(check("iam:GetUser", &tagging), 1, "nothing is made");
    let users = "arn:aws:iam::111122223333:user/";
    assert_eq!(check("iam:ListUsers", &[("iam:ListUsers", users)]), 0);
    assert_eq!(check("iam:ListUsers", &[("iam:ListUsers", user)]), 1);
    assert_eq!(check("iam:GetUser", &[("iam:GetUser", users)]), 2);
    let both = [("kms:Decrypt", key), ("kms:Decrypt", user)];
    assert_eq!(check("kms:Decrypt", &both), 1, "another resource");
    let odd = [("kms:Decrypt", key), ("kms:decrypt", key)];
    assert_eq!(check("kms:Decrypt", &odd), 1, "another case");
}
