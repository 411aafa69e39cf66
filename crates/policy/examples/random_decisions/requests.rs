//! Who asks for what, in which context.

use crate::random::Random;
use policy::{Conditions, Principal, PrincipalKind, Request, ResourceRule, Values};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) const A: &str = "111111111111";
pub(crate) const B: &str = "222222222222";

/// A caller: ARN, account, unique id and what it is.
#[derive(Clone, Copy)]
struct Caller {
    arn: &'static str,
    account: &'static str,
    kind: PrincipalKind<'static>,
}

const CALLERS: [Caller; 8] = [
    Caller {
        arn: "arn:aws:iam::111111111111:user/alice",
        account: A,
        kind: PrincipalKind::User,
    },
    Caller {
        arn: "arn:aws:iam::111111111111:user/team/carol",
        account: A,
        kind: PrincipalKind::User,
    },
    Caller {
        arn: "arn:aws:iam::222222222222:user/bob",
        account: B,
        kind: PrincipalKind::User,
    },
    Caller {
        arn: "arn:aws:sts::111111111111:assumed-role/app/s1",
        account: A,
        kind: PrincipalKind::Role {
            role_arn: "arn:aws:iam::111111111111:role/app",
        },
    },
    Caller {
        arn: "arn:aws:sts::222222222222:assumed-role/build/s1",
        account: B,
        kind: PrincipalKind::Role {
            role_arn: "arn:aws:iam::222222222222:role/build",
        },
    },
    Caller {
        arn: "arn:aws:sts::111111111111:federated-user/visitor",
        account: A,
        kind: PrincipalKind::FederatedUser {
            user_arn: "arn:aws:iam::111111111111:user/visitor",
        },
    },
    Caller {
        arn: "",
        account: "",
        kind: PrincipalKind::Service("s3.amazonaws.com"),
    },
    Caller {
        arn: "",
        account: "",
        kind: PrincipalKind::Anonymous,
    },
];

/// An action on a resource of an account.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    pub(crate) action: &'static str,
    pub(crate) resource: &'static str,
    pub(crate) account: &'static str,
    pub(crate) rule: ResourceRule,
}

const fn target(
    action: &'static str,
    resource: &'static str,
    account: &'static str,
    rule: ResourceRule,
) -> Target {
    Target {
        action,
        resource,
        account,
        rule,
    }
}

const KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:db/main-AbCdEf";
const TARGETS: [Target; 11] = {
    use ResourceRule::{KeyPolicy, Standard, Trust};
    [
        target("s3:GetObject", "arn:aws:s3:::bkt/alice/a.txt", A, Standard),
        target("s3:PutObject", "arn:aws:s3:::bkt/red/x/b.txt", A, Standard),
        target("s3:GetObject", "arn:aws:s3:::bkt2/c:d.txt", B, Standard),
        target("s3:ListBucket", "arn:aws:s3:::bkt", A, Standard),
        target("kms:Decrypt", KEY, A, KeyPolicy),
        target("kms:Encrypt", KEY, A, KeyPolicy),
        target("kms:CreateGrant", KEY, A, KeyPolicy),
        target("secretsmanager:GetSecretValue", SECRET, A, Standard),
        target(
            "sqs:SendMessage",
            "arn:aws:sqs:us-east-1:222222222222:q",
            B,
            Standard,
        ),
        target(
            "sts:AssumeRole",
            "arn:aws:iam::111111111111:role/target",
            A,
            Trust,
        ),
        target(
            "sns:Publish",
            "arn:aws:sns:us-east-1:111111111111:alerts",
            A,
            Standard,
        ),
    ]
};

/// A condition key, its type, and values that a request may have.
#[derive(Clone, Copy)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: KeyKind,
    pub(crate) values: &'static [&'static str],
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Text,
    TextSet,
    Number,
    Date,
    Bool,
    Ip,
    Arn,
}

const fn key(name: &'static str, kind: KeyKind, values: &'static [&'static str]) -> Key {
    Key { name, kind, values }
}

/// Keys that every action has.
pub(crate) const KEYS: [Key; 12] = [
    key(
        "aws:username",
        KeyKind::Text,
        &["alice", "bob", "*", "a?ice"],
    ),
    key(
        "aws:PrincipalTag/team",
        KeyKind::Text,
        &["red", "Red", "blue", ""],
    ),
    key(
        "aws:PrincipalOrgID",
        KeyKind::Text,
        &["o-aaaaaaaaaa", "o-bbbbbbbbbb"],
    ),
    key(
        "aws:RequestedRegion",
        KeyKind::Text,
        &["us-east-1", "eu-west-1"],
    ),
    key("aws:TagKeys", KeyKind::TextSet, &["cost", "team", "stage"]),
    key(
        "aws:CalledVia",
        KeyKind::TextSet,
        &["athena.amazonaws.com", "cloudformation.amazonaws.com"],
    ),
    key(
        "aws:MultiFactorAuthAge",
        KeyKind::Number,
        &["0", "10", "3600", "-5"],
    ),
    key(
        "aws:CurrentTime",
        KeyKind::Date,
        &[
            "2026-01-01T00:00:00Z",
            "2026-11-21T12:00:00Z",
            "2027-06-30T23:59:59Z",
        ],
    ),
    key("aws:SecureTransport", KeyKind::Bool, &["true", "false"]),
    key(
        "aws:MultiFactorAuthPresent",
        KeyKind::Bool,
        &["true", "false"],
    ),
    key(
        "aws:SourceIp",
        KeyKind::Ip,
        &["10.1.2.3", "203.0.113.7", "2001:db8::1"],
    ),
    key(
        "aws:PrincipalArn",
        KeyKind::Arn,
        &[
            "arn:aws:iam::111111111111:user/alice",
            "arn:aws:iam::111111111111:role/app",
        ],
    ),
];

/// The context of a request.
#[derive(Default)]
pub(crate) struct Context(BTreeMap<String, Vec<String>>);

impl Conditions for Context {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        self.0
            .get(key)
            .map(|values| Values::from(values.as_slice()))
    }
}

/// One request.
pub(crate) struct Asked {
    caller: Caller,
    pub(crate) target: Target,
    pub(crate) context: Context,
}

impl Asked {
    pub(crate) fn draw(random: &mut Random) -> Self {
        let caller = CALLERS.get(random.below(CALLERS.len() + 8));
        // The first is drawn more often than the others.
        let caller = *caller.unwrap_or(&CALLERS[0]);
        let target = TARGETS
            .get(random.below(TARGETS.len()))
            .unwrap_or(&TARGETS[0]);
        let mut context = Context::default();
        for key in &KEYS {
            if random.chance(60) {
                let count = match key.kind {
                    KeyKind::TextSet => 1 + random.below(2),
                    _ => 1,
                };
                let mut values: Vec<String> = Vec::new();
                for _ in 0..count {
                    let value = random.text(key.values);
                    if !values.iter().any(|other| other == value) {
                        values.push(value.to_owned());
                    }
                }
                context.0.insert(key.name.to_ascii_lowercase(), values);
            }
        }
        Self {
            caller,
            target: *target,
            context,
        }
    }

    pub(crate) fn request(&self) -> Request<'_> {
        Request {
            principal: Principal {
                arn: self.caller.arn,
                account: self.caller.account,
                kind: self.caller.kind,
                user_id: "",
            },
            action: self.target.action,
            resource: self.target.resource,
            resource_account: self.target.account,
            conditions: &self.context,
        }
    }

    /// Whether the caller has identity-based policies and an account.
    pub(crate) fn has_account(&self) -> bool {
        !self.caller.account.is_empty()
    }

    /// Whether the caller has a session that a policy may be passed to.
    pub(crate) fn has_session(&self) -> bool {
        matches!(
            self.caller.kind,
            PrincipalKind::Role { .. } | PrincipalKind::FederatedUser { .. }
        )
    }

    /// Values of a key that the request has.
    pub(crate) fn values(&self, key: &Key) -> Vec<&str> {
        let values = self.context.0.get(&key.name.to_ascii_lowercase());
        values.into_iter().flatten().map(String::as_str).collect()
    }

    pub(crate) fn describe(&self) -> Value {
        let principal = match self.caller.kind {
            PrincipalKind::Service(name) => json!(name),
            PrincipalKind::Anonymous => Value::Null,
            _ => json!(self.caller.arn),
        };
        let context: BTreeMap<&str, Value> = KEYS
            .iter()
            .filter_map(|key| {
                let values = self.values(key);
                let value = match (key.kind, values.as_slice()) {
                    (_, []) => return None,
                    (KeyKind::TextSet, several) => json!(several),
                    (_, [only, ..]) => json!(only),
                };
                Some((key.name, value))
            })
            .collect();
        json!({
            "principal": principal,
            "action": self.target.action,
            "resource": self.target.resource,
            "account": self.target.account,
            "context": context,
        })
    }
}
