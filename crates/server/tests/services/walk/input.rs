//! Inputs of operations, made from their shapes.

use std::collections::BTreeMap;

use platform::testing::{ACCOUNT, REGION};
use wire::shape::{Kind, Member, OperationTable, Pattern, Range, Shape, Text};
use wire::{Timestamp, Value};

use crate::walk::send::CANARY;

/// Values by the name of the member: what a shape alone does not tell.
pub(crate) struct Given {
    texts: BTreeMap<&'static str, String>,
    blob: Vec<u8>,
}

impl Given {
    /// For operations on the key of this ARN, and a ciphertext of it in base64.
    pub(crate) fn new(key: String, blob: &str) -> Self {
        let statement = |principal: &str| {
            format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{principal}
                "Action":"kms:*","Resource":"*"}}]}}"#
            )
        };
        let root = format!(r#""Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:root"}},"#);
        let region = key.split(':').nth(3).unwrap_or_default();
        let bus = format!("arn:aws:events:{region}:{ACCOUNT}:event-bus/default");
        let no_id = "00000000-0000-4000-8000-000000000000";
        let connection = format!("arn:aws:events:{region}:{ACCOUNT}:connection/walk/{no_id}");
        let texts = BTreeMap::from([
            ("ConnectionArn", connection),
            ("EventSourceArn", bus.clone()),
            ("ResourceARN", bus),
            ("AliasName", "alias/walk".to_owned()),
            ("Arn", format!("arn:aws:iam::{ACCOUNT}:user/walker")),
            ("DestinationKeyId", key.clone()),
            ("EntityPath", "o-walkwalkwalk/r-walk".to_owned()),
            ("OrganizationsPolicyId", "p-walkwalk".to_owned()),
            ("GrantId", "0".repeat(64)),
            (
                "GranteePrincipal",
                format!("arn:aws:iam::{ACCOUNT}:user/walker"),
            ),
            (
                "RetiringPrincipal",
                format!("arn:aws:iam::{ACCOUNT}:user/walker"),
            ),
            ("GranteeServicePrincipal", "ec2.amazonaws.com".to_owned()),
            ("RetiringServicePrincipal", "ec2.amazonaws.com".to_owned()),
            ("JobId", no_id.to_owned()),
            ("KeyId", key.clone()),
            (
                "OpenIDConnectProviderArn",
                format!("arn:aws:iam::{ACCOUNT}:oidc-provider/walk.example.com"),
            ),
            ("Policy", statement(&root)),
            ("PrimaryRegion", "eu-west-1".to_owned()),
            ("ReplicaRegion", "eu-west-1".to_owned()),
            ("TopicArn", format!("arn:aws:sns:{REGION}:{ACCOUNT}:walk")),
            ("QueueUrl", format!("http://localhost/{ACCOUNT}/walk")),
            ("QueueName", "walk".to_owned()),
            ("PolicyArn", format!("arn:aws:iam::{ACCOUNT}:policy/walk")),
            ("PolicyDocument", statement("")),
            (
                "ReplicationRoleARN",
                format!("arn:aws:iam::{ACCOUNT}:role/walk"),
            ),
            ("RoleArn", "arn:aws:iam::444455556666:role/walk".to_owned()),
            ("Role", format!("arn:aws:iam::{ACCOUNT}:role/walk")),
            (
                "Resource",
                format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:walk"),
            ),
            (
                "SAMLProviderArn",
                format!("arn:aws:iam::{ACCOUNT}:saml-provider/walk"),
            ),
            ("SerialNumber", format!("arn:aws:iam::{ACCOUNT}:mfa/walk")),
            ("TargetPrincipal", "444455556666".to_owned()),
            (
                "PolicySourceArn",
                format!("arn:aws:iam::{ACCOUNT}:user/walker"),
            ),
            ("Key", "Name".to_owned()),
            ("Path", "/walk/".to_owned()),
            (
                "SettingId",
                "/ssm/parameter-store/default-parameter-tier".to_owned(),
            ),
            ("Principal", format!("arn:aws:iam::{ACCOUNT}:user/walker")),
            ("TargetKeyId", key),
            ("UserName", "walker".to_owned()),
            (
                "arn",
                "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials".to_owned(),
            ),
            ("VersionId", "v1".to_owned()),
            (
                "resourceArn",
                format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:walk"),
            ),
        ]);
        let quoted = format!("\"{blob}\"");
        let blob = serde_json::from_str::<String>(&quoted).expect("text");
        Self {
            texts,
            blob: decode(&blob),
        }
    }

    /// Members that operations insist on although their models do not.
    fn is_needed(member: &Member) -> bool {
        let needed = [
            "CiphertextBlob",
            "GrantId",
            "GranteePrincipal",
            "KeyId",
            "NumberOfBytes",
            "RetiringPrincipal",
            "UserName",
            "arn",
            "logGroupName",
        ];
        member.required || needed.contains(&member.name)
    }
}

/// The members without which the operation would refuse the input itself.
pub(crate) fn needed_members(operation: &OperationTable, given: &Given) -> Value {
    structure(operation.input, given, false, 0)
}

/// Every member.
pub(crate) fn all_members(operation: &OperationTable, given: &Given) -> Value {
    structure(operation.input, given, true, 0)
}

fn structure(shape: &Shape, given: &Given, all: bool, depth: usize) -> Value {
    let members = shape.members().iter().map(|member| {
        let wanted = all && depth < 3 || Given::is_needed(member);
        wanted.then(|| value(member, given, all, depth))
    });
    Value::Structure(members.collect())
}

fn value(member: &Member, given: &Given, all: bool, depth: usize) -> Value {
    if let Some(text) = given.texts.get(member.name)
        && is_text_of(member.shape, text)
    {
        return Value::string(text.clone());
    }
    if member.name == "CiphertextBlob" {
        return Value::blob(given.blob.clone());
    }
    of_shape(member.shape, given, all, depth)
        .unwrap_or_else(|| panic!("no value is known for a member called `{}`", member.name))
}

/// Whether a shape is none of texts that this is not one of: members of one name differ.
fn is_text_of(shape: &Shape, value: &str) -> bool {
    match &shape.kind {
        Kind::String(text) => fits(text, value),
        _ => true,
    }
}

fn of_shape(shape: &Shape, given: &Given, all: bool, depth: usize) -> Option<Value> {
    Some(match &shape.kind {
        Kind::Boolean => Value::Boolean(false),
        Kind::Integer(range) | Kind::Long(range) => Value::Integer(range.min.unwrap_or(1).max(1)),
        Kind::Float(_) | Kind::Double(_) => Value::Double(1.0),
        Kind::String(text) => Value::string(of_text(text)?),
        Kind::Blob(_) => Value::blob(CANARY[0]),
        Kind::Timestamp(_) => Value::Timestamp(Timestamp::from_secs(1_767_225_600)),
        Kind::List(list) => Value::List(vec![of_shape(list.member, given, all, depth + 1)?]),
        Kind::Map(map) => {
            let Value::String(key) = of_shape(map.key, given, all, depth + 1)? else {
                return None;
            };
            Value::Map(vec![(
                key.to_string(),
                of_shape(map.value, given, all, depth + 1)?,
            )])
        }
        Kind::Structure(_) => structure(shape, given, all, depth + 1),
        Kind::Document => return None,
    })
}

/// The first value of an enum, or the first of some typical texts that the constraints allow.
fn of_text(text: &Text) -> Option<String> {
    if let Some(first) = text.values.first() {
        return Some((*first).to_owned());
    }
    let typical = [
        "walk",
        "/",
        "AKIAAAAAAAAAAAAAAAAA",
        "123456789012",
        "123456",
        "ES384",
        "cks-1234567890abcdef0",
        "arn:aws:iam::123456789012:policy/walk",
        "walk@example.com",
        "car-12345678",
        "h-12345678",
        "ou-1234-12345678",
        "p-12345678",
        "r-1234",
        "aws.partner/walk/walk",
        "walk.walk",
        "events:PutEvents",
        "arn:aws:sqs:us-east-1:123456789012:walk",
        // A filter of parameters.
        "Name",
        "https://walk.example.com/walk",
        // A rotation window.
        "1h",
        // What a function of Lambda may be configured with.
        "ALL",
        "subnet-1",
        "sg-1",
        "/mnt/walk",
        "arn:aws:elasticfilesystem:eu-west-2:123456789012:access-point/fsap-0123456789abcdef0",
        "arn:aws:lambda:eu-west-2:111122223333:layer:walk:1",
        "arn:aws:lambda:eu-west-2:123456789012:code-signing-config:csc-0123456789abcdef0",
        "arn:aws:lambda:eu-west-2:123456789012:capacity-provider:walk",
        "arn:aws:lambda:eu-west-2:123456789012:runtime/walk",
        "arn:aws:lambda:eu-west-2::runtime:walk",
        "lambda:GetLayerVersion",
        "o-walkwalkwalk",
        "*",
    ];
    let typical = typical.into_iter().map(str::to_owned);
    // What has to be long is long enough, and codes are of digits.
    let shortest = text.length.min.and_then(|min| usize::try_from(min).ok());
    let repeated = ["A", "0"].map(|letter| letter.repeat(shortest.unwrap_or(1)));
    typical
        .chain(repeated)
        .find(|candidate| fits(text, candidate))
}

fn fits(text: &Text, value: &str) -> bool {
    let matches = |pattern: &Pattern| pattern.matches(value);
    in_range(text.length, value.len()) && text.pattern.is_none_or(matches)
}

fn in_range(range: Range, length: usize) -> bool {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    range.min.is_none_or(|min| length >= min) && range.max.is_none_or(|max| length <= max)
}

/// Base64, as a JSON codec reads it.
fn decode(text: &str) -> Vec<u8> {
    let body = format!(r#"{{"CiphertextBlob":"{text}"}}"#);
    let input = api::kms::SERVICE
        .operation("Decrypt")
        .expect("Decrypt")
        .input;
    let decoded = wire::json::decode(input, body.as_bytes()).unwrap_or_else(|_| panic!("base64"));
    match decoded.member(0) {
        Some(Value::Blob(blob)) => blob.to_vec(),
        _ => panic!("the first member of Decrypt is its ciphertext"),
    }
}
