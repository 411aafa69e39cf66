//! What holds for every combination of policies.

use crate::support::{
    Answer, Context, KEY, OBJECT, Scene, alice, anonymous, bob, document, parse, root, service,
    session,
};
use policy::{Outcome, Policy, PolicyKind, Principal, PrincipalKind, ResourceRule, lockout};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

const PRINCIPALS: [&str; 7] = [
    "*",
    "111111111111",
    "222222222222",
    "arn:aws:iam::111111111111:user/alice",
    "arn:aws:iam::222222222222:user/bob",
    "arn:aws:iam::111111111111:role/app",
    "arn:aws:sts::111111111111:assumed-role/app/s1",
];

pub(crate) fn who() -> impl Strategy<Value = Principal<'static>> {
    let all = [
        alice(),
        bob(),
        root(),
        session(),
        anonymous(),
        service("s3.amazonaws.com"),
    ];
    select(all.to_vec())
}

pub(crate) fn what() -> impl Strategy<Value = (&'static str, &'static str)> {
    select(vec![
        ("kms:Decrypt", KEY),
        ("kms:PutKeyPolicy", KEY),
        ("s3:GetObject", OBJECT),
        ("s3:PutObject", OBJECT),
    ])
}

pub(crate) fn context() -> impl Strategy<Value = Context> {
    select(vec![
        json!({}),
        json!({"aws:username": "alice"}),
        json!({"aws:username": "*", "aws:tagkeys": ["a", "b"]}),
    ])
    .prop_map(|keys| Context::from_json(&keys))
}

/// A statement, for a principal where the kind of policy has one.
pub(crate) fn statement(named: bool) -> impl Strategy<Value = Value> {
    let effect = select(vec!["Allow", "Allow", "Deny"]);
    let action = select(vec![
        "*:*",
        "kms:*",
        "kms:Decrypt",
        "s3:Get*",
        "s3:*",
        "kms:Put?eyPolicy",
    ]);
    let resource = select(vec![
        "*",
        "arn:aws:kms:*:111111111111:key/*",
        "arn:aws:s3:::bkt/*",
    ]);
    let condition = select(vec![
        Value::Null,
        Value::Null,
        json!({"StringEquals": {"aws:username": "alice"}}),
        json!({"ForAllValues:StringNotEquals": {"aws:TagKeys": ["a"]}}),
        json!({"Null": {"aws:username": true}}),
    ]);
    let (not_action, principal) = (any::<bool>(), select(PRINCIPALS.to_vec()));
    let parts = (effect, action, not_action, resource, condition, principal);
    parts.prop_map(
        move |(effect, action, not_action, resource, condition, principal)| {
            let action_element = if not_action { "NotAction" } else { "Action" };
            let mut statement = json!({"Effect": effect, "Resource": resource});
            statement[action_element] = json!(action);
            if !condition.is_null() {
                statement["Condition"] = condition;
            }
            if named {
                statement["Principal"] = json!({"AWS": principal});
            }
            statement
        },
    )
}

pub(crate) fn statements(named: bool) -> impl Strategy<Value = Vec<Value>> {
    proptest::collection::vec(statement(named), 1..4)
}

/// The documents of a scene, so that a test can change them.
#[derive(Debug, Clone)]
pub(crate) struct Documents {
    pub(crate) identity: Vec<Value>,
    pub(crate) resource: Option<(Vec<Value>, ResourceRule)>,
    pub(crate) boundary: Option<Vec<Value>>,
    pub(crate) session: Option<Vec<Value>>,
    pub(crate) scp: Option<Vec<Value>>,
}

pub(crate) fn documents() -> impl Strategy<Value = Documents> {
    let rule = select(vec![ResourceRule::Standard, ResourceRule::KeyPolicy]);
    let resource = proptest::option::of((statements(true), rule));
    let some = || proptest::option::weighted(0.3, statements(false));
    let all = (statements(false), resource, some(), some(), some());
    all.prop_map(|(identity, resource, boundary, session, scp)| Documents {
        identity,
        resource,
        boundary,
        session,
        scp,
    })
}

impl Documents {
    pub(crate) fn scene(&self) -> Scene {
        let mut scene = Scene::identity(&json!(self.identity));
        scene.resource = self.resource.as_ref().map(|(statements, rule)| {
            let kind = match rule {
                ResourceRule::KeyPolicy => PolicyKind::KeyPolicy,
                _ => PolicyKind::Resource,
            };
            (parse(kind, &json!(statements)), Some(*rule))
        });
        let optional = |kind, list: &Option<Vec<Value>>| {
            list.as_ref()
                .map(|statements| parse(kind, &json!(statements)))
        };
        scene.boundary = optional(PolicyKind::Boundary, &self.boundary);
        scene.session = optional(PolicyKind::Session, &self.session);
        let scp = optional(PolicyKind::ServiceControl, &self.scp);
        scene.scps = scp.map(|scp| vec![vec![scp]]).unwrap_or_default();
        scene
    }

    /// Every document in turn.
    pub(crate) fn layers(&mut self) -> Vec<&mut Vec<Value>> {
        let resource = self.resource.as_mut().map(|(statements, _)| statements);
        let optional = [
            resource,
            self.boundary.as_mut(),
            self.session.as_mut(),
            self.scp.as_mut(),
        ];
        std::iter::once(&mut self.identity)
            .chain(optional.into_iter().flatten())
            .collect()
    }
}

fn covering(effect: &str, named: bool) -> Value {
    let mut statement = json!({"Effect": effect, "Action": "*", "Resource": "*"});
    if named {
        statement["Principal"] = json!("*");
    }
    statement
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_deny_anywhere_wins(
        documents in documents(), who in who(), what in what(), context in context(), layer in 0usize..5
    ) {
        let mut documents = documents;
        let named = documents.resource.is_some();
        let mut layers = documents.layers();
        let layer = layer % layers.len();
        layers[layer].push(covering("Deny", named && layer == 1));
        let answer = documents.scene().ask_in(&context, who, what.0, what.1);
        // The one document that does not bind the root user is its boundary.
        let boundary = 1 + usize::from(named);
        let unbound = who.kind == PrincipalKind::Root && documents.boundary.is_some() && layer == boundary;
        prop_assert!(unbound || answer.outcome == Outcome::ExplicitDeny, "{answer:?}");
    }

    #[test]
    fn another_allow_never_takes_access_away(
        documents in documents(), who in who(), what in what(), context in context(),
        layer in 0usize..5, more in statement(true)
    ) {
        let before = documents.scene().ask_in(&context, who, what.0, what.1);
        let mut wider = documents.clone();
        let named = wider.resource.is_some();
        let mut layers = wider.layers();
        let layer = layer % layers.len();
        let mut more = more;
        more["Effect"] = json!("Allow");
        if !(named && layer == 1) {
            more.as_object_mut().unwrap().remove("Principal");
        }
        layers[layer].push(more);
        let after = wider.scene().ask_in(&context, who, what.0, what.1);
        prop_assert!(!before.allowed() || after.allowed(), "{before:?} {after:?}");
        let denied = |answer: &Answer| answer.outcome == Outcome::ExplicitDeny;
        prop_assert_eq!(denied(&before), denied(&after));
    }

    #[test]
    fn renaming_the_accounts_changes_nothing(
        documents in documents(), who in who(), what in what(), context in context()
    ) {
        let rename = |text: &str| text.replace("111111111111", "333333333333");
        let renamed = |list: &Vec<Value>| -> Vec<Value> {
            let renamed = rename(&json!(list).to_string());
            serde_json::from_str(&renamed).unwrap()
        };
        let other = Documents {
            identity: renamed(&documents.identity),
            resource: documents.resource.as_ref().map(|(list, rule)| (renamed(list), *rule)),
            boundary: documents.boundary.as_ref().map(renamed),
            session: documents.session.as_ref().map(renamed),
            scp: documents.scp.as_ref().map(renamed),
        };
        // An object's ARN has no account, so the owner is named outright.
        let ask = |documents: &Documents, who, resource: &str, owner: &str| {
            let request = policy::Request {
                principal: who, action: what.0, resource, resource_account: owner, conditions: &context,
            };
            documents.scene().with_sources(|sources| {
                Answer::new(policy::decide(&request, sources), what.0)
            })
        };
        let before = ask(&documents, who, what.1, "111111111111");
        let (arn, account) = (rename(who.arn), rename(who.account));
        let role_arn = rename(crate::support::ROLE);
        let kind = match who.kind {
            PrincipalKind::Role { .. } => PrincipalKind::Role { role_arn: &role_arn },
            other => other,
        };
        let who = Principal { arn: &arn, account: &account, kind, ..who };
        prop_assert_eq!(before, ask(&other, who, &rename(what.1), "333333333333"));
    }

    #[test]
    fn a_key_without_its_policy_opens_to_no_one(
        documents in documents(), who in who(), context in context()
    ) {
        let nobody = json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*",
            "Principal": {"AWS": "999999999999"}});
        let documents = Documents { resource: Some((vec![nobody], ResourceRule::KeyPolicy)), ..documents };
        let answer = documents.scene().ask_in(&context, who, "kms:Decrypt", KEY);
        prop_assert!(!answer.allowed());
    }

    #[test]
    fn sec_i10_no_sequence_of_checked_key_policies_locks_out_the_caller(
        sequence in proptest::collection::vec(statements(true), 1..12), admin in any::<bool>()
    ) {
        let context = Context::default();
        let request = policy::Request {
            principal: alice(), action: lockout::ACTION, resource: KEY,
            resource_account: crate::support::ACCOUNT, conditions: &context,
        };
        let identity = covering(if admin { "Allow" } else { "Deny" }, false);
        let mut scene = if admin { Scene::identity(&json!([identity])) } else { Scene::default() };
        let own = json!([{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
            "Principal": {"AWS": alice().arn}}]);
        scene.resource = Scene::key(&own).resource;
        for statements in sequence {
            let new = parse(PolicyKind::KeyPolicy, &json!(statements));
            if scene.with_sources(|sources| lockout::still_administers(&request, sources, &new)) {
                scene.resource = Some((new, Some(ResourceRule::KeyPolicy)));
            }
            prop_assert!(scene.ask(alice(), lockout::ACTION, KEY).allowed());
        }
    }

    #[test]
    fn arbitrary_text_is_refused_or_decided_without_panic(
        text in "\\PC{0,60}", action in "\\PC{0,20}", resource in "\\PC{0,40}"
    ) {
        let statement = json!({"Effect": "Allow", "Action": action, "Resource": resource,
            "Condition": {"StringLike": {"a:b": text}, "ArnLike": {"a:b": resource}}});
        for document in [text.clone(), document(&json!([statement]))] {
            if let Ok(policy) = Policy::parse(&document, PolicyKind::Identity) {
                let scene = Scene { identity: vec![policy], ..Scene::default() };
                let context = Context::from_json(&json!({"a:b": text}));
                scene.ask_in(&context, alice(), &action, &resource);
            }
        }
    }
}
