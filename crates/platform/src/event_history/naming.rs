//! Under which names the event history lists what an event is about. They are neither the resources
//! that the event lists nor always their ARNs: they stand in the request and in the answer (events
//! with their `Resources`, as LookupEvents gives them, on record).

use std::borrow::Cow;

use wire::json::{Members, text};

use super::event::Touched;

/// A type of resources, if the history says one, and where a name of such a one stands.
type Rule = (&'static str, Place, &'static [&'static str]);

#[derive(Clone, Copy)]
enum Place {
    Request,
    Answer,
}

use Place::{Answer, Request};

const KMS_KEY: &str = "AWS::KMS::Key";

/// Of calls that use a key the history says no type.
const KEY_USED: &[Rule] = &[
    ("", Request, &["keyId"]),
    ("", Request, &["sourceKeyId"]),
    ("", Request, &["destinationKeyId"]),
];
const KEY_MADE: &[Rule] = &[
    (KMS_KEY, Answer, &["keyMetadata", "keyId"]),
    (KMS_KEY, Answer, &["keyMetadata", "arn"]),
];
const KEY_MANAGED: &[Rule] = &[
    (KMS_KEY, Request, &["keyId"]),
    (KMS_KEY, Answer, &["keyId"]),
];
const QUEUE: &[Rule] = &[
    ("AWS::SQS::Queue", Request, &["queueUrl"]),
    ("AWS::SQS::Queue", Answer, &["queueUrl"]),
];
const FUNCTION_MADE: &[Rule] = &[("AWS::Lambda::Function", Answer, &["functionName"])];
const FUNCTION_MANAGED: &[Rule] = &[("AWS::Lambda::Function", Request, &["functionName"])];
const LOGS: &[Rule] = &[
    ("AWS::Logs::Destination", Request, &["destinationName"]),
    ("AWS::Logs::LogGroup", Request, &["logGroupName"]),
];
/// By the last part of the type, as the history has them.
const IDENTITIES: &[Rule] = &[
    ("AWS::IAM::AccessKey", Request, &["accessKeyId"]),
    ("AWS::IAM::AccessKey", Answer, &["accessKey", "accessKeyId"]),
    ("AWS::IAM::Group", Request, &["groupName"]),
    ("AWS::IAM::Group", Answer, &["group", "groupId"]),
    ("AWS::IAM::Group", Answer, &["group", "arn"]),
    (
        "AWS::IAM::InstanceProfile",
        Request,
        &["instanceProfileName"],
    ),
    ("AWS::IAM::Policy", Request, &["policyName"]),
    ("AWS::IAM::Policy", Request, &["policyArn"]),
    ("AWS::IAM::Policy", Answer, &["policy", "arn"]),
    ("AWS::IAM::Role", Request, &["roleName"]),
    ("AWS::IAM::Role", Answer, &["role", "roleId"]),
    ("AWS::IAM::Role", Answer, &["role", "arn"]),
    ("AWS::IAM::User", Request, &["userName"]),
    ("AWS::IAM::User", Answer, &["user", "userId"]),
    ("AWS::IAM::User", Answer, &["user", "arn"]),
];
const SESSION: &[Rule] = &[
    (
        "AWS::IAM::AccessKey",
        Answer,
        &["credentials", "accessKeyId"],
    ),
    ("AWS::STS::AssumedRole", Answer, &["assumedRoleUser", "arn"]),
    (
        "AWS::STS::AssumedRole",
        Answer,
        &["assumedRoleUser", "assumedRoleId"],
    ),
    ("AWS::STS::AssumedRole", Request, &["roleSessionName"]),
    (
        "AWS::STS::FederatedUser",
        Answer,
        &["federatedUser", "federatedUserId"],
    ),
    ("AWS::STS::FederatedUser", Answer, &["federatedUser", "arn"]),
    ("AWS::IAM::Role", Request, &["roleArn"]),
];
const FEDERATED: &[Rule] = &[("AWS::STS::FederatedUser", Request, &["name"])];

/// What names are taken from, by the operation; none of an operation whose resources go by their ARNs.
fn rules(source: &str, operation: &str, read_only: bool) -> Option<&'static [&'static [Rule]]> {
    Some(match source {
        "kms.amazonaws.com" => match operation {
            "CreateKey" => &[KEY_MADE],
            "GetPublicKey" => &[KEY_MANAGED],
            "DescribeKey" => &[KEY_USED],
            _ if operation.ends_with("Alias") || operation.starts_with("List") => return None,
            _ if operation.starts_with("Get") => return None,
            _ if read_only => &[KEY_USED],
            _ => &[KEY_MANAGED],
        },
        "sqs.amazonaws.com" => &[QUEUE],
        "lambda.amazonaws.com" => match operation {
            "CreateFunction20150331" => &[FUNCTION_MADE],
            "DeleteFunctionEventInvokeConfig" | "UpdateFunctionEventInvokeConfig" => &[],
            _ if read_only => &[],
            _ => &[FUNCTION_MANAGED],
        },
        "logs.amazonaws.com" => &[LOGS],
        "events.amazonaws.com" | "organizations.amazonaws.com" => &[],
        "iam.amazonaws.com" if read_only => &[],
        "iam.amazonaws.com" => &[IDENTITIES],
        "sts.amazonaws.com" if operation == "GetFederationToken" => &[SESSION, FEDERATED],
        "sts.amazonaws.com" => &[SESSION],
        _ => return None,
    })
}

/// The types and names that the history lists of an event, of which this is the operation, and what
/// it says of request, answer and resources.
pub(super) fn names<'a>(
    (source, operation, read_only): (&str, &str, bool),
    (request, answer): (&'a str, &'a str),
    touched: &[Touched<'a>],
) -> Vec<(Cow<'a, str>, Cow<'a, str>)> {
    let Some(rules) = rules(source, operation, read_only) else {
        let known = touched.iter();
        return known.map(|it| (it.kind.clone(), it.arn.clone())).collect();
    };
    let mut names: Vec<(Cow<'a, str>, Cow<'a, str>)> = Vec::new();
    for (kind, place, path) in rules.iter().copied().flatten() {
        let from = match place {
            Request => request,
            Answer => answer,
        };
        if let Some(name) = at(from, path)
            && !names.iter().any(|(_, known)| *known == name)
        {
            names.push((Cow::Borrowed(kind), name));
        }
    }
    names
}

/// The text that stands at a path of members.
fn at<'a>(json: &'a str, path: &[&str]) -> Option<Cow<'a, str>> {
    let value = path.iter().try_fold(json, |value, name| {
        Members::of(value)
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    });
    text(value?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(call: (&str, &str, bool), request: &str, answer: &str, expected: &[(&str, &str)]) {
        let touched = [Touched {
            arn: "arn:x".into(),
            kind: "X".into(),
        }];
        let found = names(call, (request, answer), &touched);
        let found: Vec<_> = found
            .iter()
            .map(|(kind, name)| (&**kind, &**name))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_role_has_three_names_when_it_is_made_and_one_when_it_is_deleted() {
        let iam = "iam.amazonaws.com";
        let answer = r#"{"role":{"path":"/","roleName":"r","roleId":"AROA","arn":"arn:r"}}"#;
        let role = "AWS::IAM::Role";
        let all = [(role, "r"), (role, "AROA"), (role, "arn:r")];
        check(
            (iam, "CreateRole", false),
            r#"{"roleName":"r"}"#,
            answer,
            &all,
        );
        let request = r#"{"roleName":"r","policyName":"p"}"#;
        let both = [("AWS::IAM::Policy", "p"), (role, "r")];
        check((iam, "DeleteRolePolicy", false), request, "null", &both);
        check((iam, "GetRole", true), r#"{"roleName":"r"}"#, "null", &[]);
    }

    #[test]
    fn keys_that_are_used_have_no_type_and_those_that_are_managed_two_names() {
        let (kms, request) = ("kms.amazonaws.com", r#"{"keyId":"1234"}"#);
        check((kms, "Encrypt", true), request, "null", &[("", "1234")]);
        check((kms, "Decrypt", true), "{}", "null", &[]);
        let both = [(KMS_KEY, "1234"), (KMS_KEY, "arn:k")];
        check(
            (kms, "DisableKey", false),
            request,
            r#"{"keyId":"arn:k"}"#,
            &both,
        );
        check((kms, "GetPublicKey", true), request, "null", &both[..1]);
    }

    #[test]
    fn sessions_are_named_with_their_keys_and_roles() {
        let answer = r#"{"credentials":{"accessKeyId":"ASIA"},"assumedRoleUser":{"assumedRoleId":"AROA:s","arn":"arn:s"}}"#;
        let request = r#"{"roleArn":"arn:r","roleSessionName":"s"}"#;
        let session = "AWS::STS::AssumedRole";
        let expected = [
            ("AWS::IAM::AccessKey", "ASIA"),
            (session, "arn:s"),
            (session, "AROA:s"),
            (session, "s"),
            ("AWS::IAM::Role", "arn:r"),
        ];
        check(
            ("sts.amazonaws.com", "AssumeRole", true),
            request,
            answer,
            &expected,
        );
    }

    #[test]
    fn what_has_no_rule_goes_by_its_arn() {
        let call = ("secretsmanager.amazonaws.com", "PutSecretValue", false);
        check(call, r#"{"secretId":"s"}"#, "null", &[("X", "arn:x")]);
        check(("events.amazonaws.com", "PutRule", false), "{}", "{}", &[]);
    }
}
