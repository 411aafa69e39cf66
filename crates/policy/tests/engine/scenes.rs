//! The people, resources and statements that the case files speak of.
//!
//! A statement is JSON, or in short: `Allow s3:Get*,s3:Put* on object for alice`
//! where `!` before a list stands for its `Not` element, `on` defaults to `*`
//! and what `for` and `on` name is looked up here before it is taken literally.

use policy::{Principal, PrincipalKind};
use serde_json::{Value, json};

pub(crate) const A: &str = "111111111111";
pub(crate) const B: &str = "222222222222";

/// Who may ask, by name.
pub(crate) fn principal(name: &str) -> Principal<'_> {
    let (account, user_id, kind) = match name {
        "alice" => (A, "AIDAALICE00000000000A", PrincipalKind::User),
        "carol" => (A, "AIDACAROL00000000000A", PrincipalKind::User),
        "bob" => (B, "AIDABOB0000000000000B", PrincipalKind::User),
        "root" => (A, A, PrincipalKind::Root),
        "root-b" => (B, B, PrincipalKind::Root),
        "app" | "app-2" => (
            A,
            if name == "app" {
                "AROAAPP0000000000000A:s1"
            } else {
                "AROAAPP0000000000000A:s2"
            },
            role("app-role"),
        ),
        "app-again" => (A, "AROAAGAIN00000000000A:s1", role("app-role")),
        "build" => (B, "AROABUILD00000000000B:s1", role("build-role")),
        "linked" => (A, "AROALINKED0000000000A:s1", role("linked-role")),
        "linked-b" => (B, "AROALINKED0000000000B:s1", role("linked-role-b")),
        "fed" => (
            A,
            "111111111111:visitor",
            PrincipalKind::FederatedUser {
                user_arn: arn("alice"),
            },
        ),
        "oidc" | "saml" => (
            "",
            "",
            PrincipalKind::Federated {
                provider: arn(name),
            },
        ),
        "google" => (
            "",
            "",
            PrincipalKind::Federated {
                provider: "accounts.google.com",
            },
        ),
        "s3" => ("", "", PrincipalKind::Service("s3.amazonaws.com")),
        "logs" => (
            "",
            "",
            PrincipalKind::Service("logs.us-east-1.amazonaws.com"),
        ),
        "anonymous" => ("", "", PrincipalKind::Anonymous),
        other => panic!("nobody is called {other}"),
    };
    let outsider = account.is_empty();
    Principal {
        arn: if outsider { "" } else { arn(name) },
        account,
        kind,
        user_id,
    }
}

fn role(name: &str) -> PrincipalKind<'_> {
    PrincipalKind::Role {
        role_arn: arn(name),
    }
}

/// An ARN or what else a policy calls something, by name; other names are
/// literal.
pub(crate) fn arn(name: &str) -> &str {
    match name {
        "alice" => "arn:aws:iam::111111111111:user/alice",
        "carol" => "arn:aws:iam::111111111111:user/team/carol",
        "bob" => "arn:aws:iam::222222222222:user/bob",
        "root" | "account" => "arn:aws:iam::111111111111:root",
        "root-b" | "account-b" => "arn:aws:iam::222222222222:root",
        "account-id" => A,
        "account-b-id" => B,
        "app" => "arn:aws:sts::111111111111:assumed-role/app/s1",
        "app-2" => "arn:aws:sts::111111111111:assumed-role/app/s2",
        "app-again" => "arn:aws:sts::111111111111:assumed-role/app/s1",
        "build" => "arn:aws:sts::222222222222:assumed-role/build/s1",
        "app-role" => "arn:aws:iam::111111111111:role/app",
        "build-role" => "arn:aws:iam::222222222222:role/build",
        "linked" => "arn:aws:sts::111111111111:assumed-role/AWSServiceRoleForX/s1",
        "linked-b" => "arn:aws:sts::222222222222:assumed-role/AWSServiceRoleForX/s1",
        "linked-role" => {
            "arn:aws:iam::111111111111:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
        }
        "linked-role-b" => {
            "arn:aws:iam::222222222222:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
        }
        "fed" => "arn:aws:sts::111111111111:federated-user/visitor",
        "alice-id" => "AIDAALICE00000000000A",
        "app-id" => "AROAAPP0000000000000A",
        "oidc" => "arn:aws:iam::111111111111:oidc-provider/idp.example.com",
        "saml" => "arn:aws:iam::111111111111:saml-provider/corp",
        "google" => "accounts.google.com",
        "s3" => "s3.amazonaws.com",
        "logs" => "logs.us-east-1.amazonaws.com",
        "key" => "arn:aws:kms:us-east-1:111111111111:key/1234abcd",
        "key-b" => "arn:aws:kms:us-east-1:222222222222:key/1234abcd",
        "object" => "arn:aws:s3:::bkt/dir/file.txt",
        "objects" => "arn:aws:s3:::bkt/*",
        "secret" => "arn:aws:secretsmanager:us-east-1:111111111111:secret:db-AbCdEf",
        "secret-b" => "arn:aws:secretsmanager:us-east-1:222222222222:secret:db-AbCdEf",
        literal => literal,
    }
}

/// A statement in short, in short with a condition
/// (`{"say": "Allow s3:*", "if": {..}}`), or in full.
pub(crate) fn statement(written: &Value) -> Value {
    if let Some(text) = written.as_str() {
        return spelled_out(text);
    }
    let Some(text) = written["say"].as_str() else {
        return written.clone();
    };
    let mut statement = spelled_out(text);
    statement["Condition"] = written["if"].clone();
    statement
}

fn spelled_out(text: &str) -> Value {
    let mut words = text.split(' ');
    let mut statement = json!({"Effect": words.next().unwrap()});
    listed(&mut statement, "Action", words.next().unwrap());
    let mut everywhere = true;
    while let Some(word) = words.next() {
        let list = words.next().unwrap();
        match word {
            "on" => {
                listed(&mut statement, "Resource", list);
                everywhere = false;
            }
            "for" => named(&mut statement, list),
            _ => panic!("{word} in {text}"),
        }
    }
    // Trust policies alone have no resource, and they are for someone.
    let trusts = text.contains(" sts:") && text.contains(" for ");
    if everywhere && !trusts {
        statement["Resource"] = json!("*");
    }
    statement
}

fn listed(statement: &mut Value, element: &str, list: &str) {
    let (element, list) = negated(element, list);
    let items: Vec<_> = list.split(',').map(arn).collect();
    statement[element] = json!(items);
}

fn negated<'l>(element: &str, list: &'l str) -> (String, &'l str) {
    match list.strip_prefix('!') {
        Some(list) => (format!("Not{element}"), list),
        None => (element.to_owned(), list),
    }
}

fn named(statement: &mut Value, list: &str) {
    let (element, list) = negated("Principal", list);
    if list == "*" {
        statement[element] = json!("*");
        return;
    }
    let mut classes = json!({});
    for name in list.split(',') {
        let (class, name) = match name {
            "oidc" | "saml" | "google" => ("Federated", name),
            "s3" | "logs" => ("Service", name),
            "any-service" => ("Service", "*"),
            "any-aws" => ("AWS", "*"),
            _ if name.ends_with(".amazonaws.com") => ("Service", name),
            _ => ("AWS", name),
        };
        if classes[class].is_null() {
            classes[class] = json!([]);
        }
        classes[class]
            .as_array_mut()
            .unwrap()
            .push(json!(arn(name)));
    }
    statement[element] = classes;
}
