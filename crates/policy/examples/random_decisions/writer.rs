//! Random documents that have something to do with a request.

use crate::random::Random;
use crate::requests::{Asked, KEYS, Key, KeyKind};
use policy::PolicyKind;
use serde_json::{Map, Value, json};

/// Whom resource policies name.
const NAMES: [&str; 14] = [
    "*",
    "*",
    "arn:aws:iam::111111111111:root",
    "111111111111",
    "222222222222",
    "arn:aws:iam::222222222222:root",
    "arn:aws:iam::111111111111:user/alice",
    "arn:aws:iam::111111111111:user/team/carol",
    "arn:aws:iam::222222222222:user/bob",
    "arn:aws:iam::111111111111:role/app",
    "arn:aws:iam::222222222222:role/build",
    "arn:aws:sts::111111111111:assumed-role/app/s1",
    "arn:aws:sts::111111111111:federated-user/visitor",
    "arn:aws:iam::111111111111:user/visitor",
];

/// Writes documents of one kind.
pub(crate) struct Writer<'r, 'a> {
    /// Whether its statements are for everyone: in RCPs and endpoint policies.
    pub(crate) everyone: bool,
    random: &'r mut Random,
    asked: &'a Asked,
    kind: PolicyKind,
}

impl<'r, 'a> Writer<'r, 'a> {
    pub(crate) fn new(random: &'r mut Random, asked: &'a Asked, kind: PolicyKind) -> Self {
        Self {
            everyone: kind == PolicyKind::ResourceControl,
            random,
            asked,
            kind,
        }
    }

    pub(crate) fn document(mut self) -> Value {
        let count = 1 + self.random.below(3);
        let statements: Vec<_> = (0..count).map(|_| self.statement()).collect();
        let controls = matches!(
            self.kind,
            PolicyKind::ServiceControl | PolicyKind::ResourceControl
        );
        let old = !controls && self.random.chance(4);
        let version = if old { "2008-10-17" } else { "2012-10-17" };
        json!({"Version": version, "Statement": statements})
    }

    fn statement(&mut self) -> Value {
        let rcp = self.kind == PolicyKind::ResourceControl;
        let trust = self.kind == PolicyKind::Trust;
        let deny = rcp || self.random.chance(8);
        let mut statement = Map::new();
        let mut add = |element: &str, value| statement.insert(element.into(), value);
        add("Effect", json!(if deny { "Deny" } else { "Allow" }));
        match self.kind {
            _ if self.everyone => add("Principal", json!("*")),
            PolicyKind::Resource | PolicyKind::KeyPolicy if deny && self.random.chance(15) => {
                add("NotPrincipal", self.principal())
            }
            PolicyKind::Resource | PolicyKind::KeyPolicy | PolicyKind::Trust => {
                add("Principal", self.principal())
            }
            _ => None,
        };
        let other = !rcp && !trust && self.random.chance(10);
        add(if other { "NotAction" } else { "Action" }, self.action());
        if !trust {
            let other = self.random.chance(8);
            add(
                if other { "NotResource" } else { "Resource" },
                self.resource(),
            );
        }
        if self.random.chance(if deny { 80 } else { 30 }) {
            add("Condition", self.condition());
        }
        Value::Object(statement)
    }

    fn principal(&mut self) -> Value {
        if self.random.chance(10) {
            return json!({"Service": self.random.text(&["s3.amazonaws.com", "logs.amazonaws.com"])});
        }
        let first = self.random.text(&NAMES);
        // Trust policies want a type of principal.
        if first == "*" && self.kind != PolicyKind::Trust && self.random.chance(50) {
            return json!("*");
        }
        let mut names = vec![first];
        while self.random.chance(40) {
            names.push(self.random.text(&NAMES));
        }
        json!({"AWS": names})
    }

    fn action(&mut self) -> Value {
        let asked = self.asked.target.action;
        let (service, name) = asked.split_once(':').unwrap_or((asked, ""));
        let own = match self.random.below(7) {
            0 | 1 => asked.to_owned(),
            2 => format!("{service}:*"),
            3 => format!("{service}:{}", self.blur(name)),
            4 => asked.to_uppercase(),
            5 if !matches!(self.kind, PolicyKind::Trust | PolicyKind::ResourceControl) => {
                "*".to_owned()
            }
            _ => format!("{service}:{}*", name.get(..2).unwrap_or(name)),
        };
        // KMS refuses actions that it does not have.
        let other = self.random.text(match self.kind {
            PolicyKind::Trust => &["sts:TagSession", "sts:AssumeRoleWithSAML"],
            _ => &[
                "ec2:RunInstances",
                "s3:DeleteObject",
                "kms:Sign",
                "secretsmanager:*",
            ],
        });
        match self.random.below(8) {
            0 => json!(other),
            1 => json!([other, own]),
            _ => json!(own),
        }
    }

    fn resource(&mut self) -> Value {
        let own = self.asked.target.resource;
        let (head, tail) = own.rsplit_once(':').unwrap_or((own, ""));
        let service = own.split(':').nth(2).unwrap_or("s3");
        let text = match self.random.below(12) {
            0..=3 => "*".to_owned(),
            4 | 5 => own.to_owned(),
            // IAM wants the type of its resources to be spelled out.
            6 => match tail.split_once('/').filter(|_| service == "iam") {
                Some((kind, name)) => format!("{head}:{kind}/{}", self.blur(name)),
                None => format!("{head}:{}", self.blur(tail)),
            },
            7 => format!("{head}:*"),
            // What is nowhere in particular names no region.
            8 => match service {
                "iam" => "arn:aws:iam::*:*".to_owned(),
                "s3" => "arn:aws:s3:::*".to_owned(),
                _ => format!("arn:aws:{service}:*:*:*"),
            },
            9 => "arn:aws:s3:::bkt/${aws:username}/*".to_owned(),
            10 => "arn:aws:s3:::bkt/${aws:PrincipalTag/team, 'red'}/*".to_owned(),
            _ => "arn:aws:sns:us-east-1:111111111111:other".to_owned(),
        };
        if self.random.chance(20) {
            json!([text, "arn:aws:s3:::elsewhere/*"])
        } else {
            json!(text)
        }
    }

    /// `text` with a piece replaced by a wildcard.
    fn blur(&mut self, text: &str) -> String {
        let start = self.random.below(text.len());
        let length = self.random.below(text.len() - start + 1);
        let wildcard = if length == 1 { "?" } else { "*" };
        let (head, tail) = (text.get(..start), text.get(start + length..));
        format!("{}{wildcard}{}", head.unwrap_or(""), tail.unwrap_or(""))
    }

    fn condition(&mut self) -> Value {
        let mut condition = Map::new();
        for _ in 0..1 + self.random.below(2) {
            let Some(key) = self.random.pick(&KEYS) else {
                continue;
            };
            let (operator, operands) = self.test(&key);
            let name = if self.random.chance(10) {
                key.name.to_uppercase()
            } else {
                key.name.to_owned()
            };
            condition.insert(operator, json!({name: operands}));
        }
        Value::Object(condition)
    }

    fn test(&mut self, key: &Key) -> (String, Value) {
        if self.random.chance(8) {
            return ("Null".into(), json!(self.random.text(&["true", "false"])));
        }
        let base = self.random.text(match key.kind {
            KeyKind::Text | KeyKind::TextSet => &[
                "StringEquals",
                "StringEquals",
                "StringNotEquals",
                "StringLike",
                "StringNotLike",
                "StringEqualsIgnoreCase",
                "StringNotEqualsIgnoreCase",
            ],
            KeyKind::Number => &[
                "NumericEquals",
                "NumericNotEquals",
                "NumericLessThan",
                "NumericLessThanEquals",
                "NumericGreaterThan",
                "NumericGreaterThanEquals",
            ],
            KeyKind::Date => &[
                "DateEquals",
                "DateNotEquals",
                "DateLessThan",
                "DateLessThanEquals",
                "DateGreaterThan",
                "DateGreaterThanEquals",
            ],
            KeyKind::Bool => &["Bool"],
            KeyKind::Ip => &["IpAddress", "IpAddress", "NotIpAddress"],
            KeyKind::Arn => &[
                "ArnEquals",
                "ArnLike",
                "ArnNotEquals",
                "ArnNotLike",
                "StringLike",
                "StringEquals",
            ],
        });
        let exists = if self.random.chance(20) {
            "IfExists"
        } else {
            ""
        };
        let set = match key.kind {
            KeyKind::TextSet => self.random.text(&["ForAllValues:", "ForAnyValue:"]),
            _ => "",
        };
        let count = 1 + self.random.below(2);
        let operands: Vec<_> = (0..count).map(|_| self.operand(key, base)).collect();
        (format!("{set}{base}{exists}"), json!(operands))
    }

    fn operand(&mut self, key: &Key, operator: &str) -> String {
        let there = self.asked.values(key);
        let value = match there.as_slice() {
            [first, ..] if self.random.chance(60) => (*first).to_owned(),
            _ => self.random.text(key.values).to_owned(),
        };
        match key.kind {
            KeyKind::Ip if self.random.chance(60) => self
                .random
                .text(&["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32", "0.0.0.0/0"])
                .to_owned(),
            KeyKind::Arn if self.random.chance(40) => self
                .random
                .text(&[
                    "arn:aws:iam::*:user/*",
                    "arn:aws:iam::111111111111:*",
                    "arn:aws:iam::*:role/a?p",
                ])
                .to_owned(),
            KeyKind::Text if operator.starts_with("String") && self.random.chance(12) => self
                .random
                .text(&[
                    "${aws:username}",
                    "${aws:PrincipalTag/team}",
                    "${aws:username, 'alice'}",
                    "${*}",
                ])
                .to_owned(),
            KeyKind::Text | KeyKind::TextSet if operator.ends_with("Like") && !value.is_empty() => {
                self.blur(&value)
            }
            _ => value,
        }
    }
}
