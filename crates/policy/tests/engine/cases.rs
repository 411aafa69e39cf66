//! Runs the decision cases of `tests/cases`: one file, one rule of AWS and the
//! page that states it.

use crate::scenes::{A, arn, principal, statement};
use crate::support::Context;
use policy::{
    Decision, GrantOutcome, Layer, Named, Outcome, Policy, PolicyKind, Reason, Request,
    ResourceRule, Sources, decide,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// As many as there must be.
const LEAST: usize = 600;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");

#[test]
fn every_case_is_decided_as_documented() {
    let mut names: Vec<String> = std::fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    let (mut count, mut seen) = (0, BTreeSet::new());
    for name in &names {
        count += check(name);
        for case in read(name) {
            let asked = json!(case.asks).to_string();
            assert!(seen.insert(asked), "{} stands twice", case.name);
        }
    }
    assert!(count >= LEAST, "{count} cases");
    println!("{count} cases in {} groups", names.len());
}

/// Runs the cases of one file; how many there are.
pub(crate) fn check(name: &str) -> usize {
    let cases = read(name);
    assert!(!cases.is_empty(), "{name} has no cases");
    let count = cases.len();
    let wrong: Vec<_> = cases.into_iter().filter_map(Case::complaint).collect();
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
    count
}

fn read(name: &str) -> Vec<Case> {
    let text = std::fs::read_to_string(format!("{FOLDER}/{name}.json")).unwrap();
    let group: Value =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    Group::read(name, &group)
}

/// What a file says about all its cases.
struct Group;

impl Group {
    fn read(name: &str, group: &Value) -> Vec<Case> {
        for source in group["source"].as_array().unwrap() {
            let page = source.as_str().unwrap();
            assert!(
                page.starts_with("https://docs.aws.amazon.com/")
                    || page.starts_with("https://aws.amazon.com/")
                    || page.starts_with("https://repost.aws/"),
                "{name} cites {page}"
            );
        }
        assert!(!group["rule"].as_str().unwrap().is_empty());
        let list = |element: &str| group[element].as_array().cloned().unwrap_or_default();
        let mut cases = Vec::new();
        for (index, row) in list("conditions").iter().enumerate() {
            cases.push(Case::condition(&format!("{name}/condition {index}"), row));
        }
        for (index, row) in list("decisions").iter().enumerate() {
            let mut row = row.clone();
            for (key, value) in group["all"].as_object().into_iter().flatten() {
                if row.get(key).is_none() {
                    row[key] = value.clone();
                }
            }
            for who in one_or_many(&row["who"]) {
                for action in one_or_many(&row["does"]) {
                    let mut row = row.clone();
                    row["who"] = who.clone();
                    row["does"] = action;
                    let name = format!("{name}/decision {index} ({})", who.as_str().unwrap());
                    cases.push(Case {
                        name,
                        asks: vec![row],
                    });
                }
            }
        }
        cases
    }
}

fn one_or_many(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(list) => list.clone(),
        single => vec![single.clone()],
    }
}

/// One case: every question must be answered as it expects.
struct Case {
    name: String,
    asks: Vec<Value>,
}

impl Case {
    /// A row `[operator, operands, values or null, holds]`, on the key `x:k`, or
    /// `{"if": .., "given": .., "holds": ..}`. Asked of an allow and of a deny.
    fn condition(name: &str, row: &Value) -> Self {
        let (condition, given, holds) = match row.as_array() {
            Some(row) => {
                let [operator, operands, values, holds, ..] = row.as_slice() else {
                    panic!("{name} is too short");
                };
                let condition = json!({operator.as_str().unwrap(): {"x:k": operands}});
                let given = if values.is_null() {
                    json!({})
                } else {
                    json!({"x:k": values})
                };
                (condition, given, holds.clone())
            }
            None => (
                row["if"].clone(),
                row["given"].clone(),
                row["holds"].clone(),
            ),
        };
        let holds = holds.as_bool().unwrap();
        let ask = |effect: &str, then: &str| {
            let conditional =
                json!({"Effect": effect, "Action": "*", "Resource": "*", "Condition": condition});
            let mut identity = vec![conditional];
            if effect == "Deny" {
                identity.push(json!("Allow *"));
            }
            json!({"who": "alice", "does": "s3:GetObject", "on": "object", "identity": identity,
                "given": given, "version": row["version"], "then": then})
        };
        let (allow, deny) = match holds {
            true => ("allowed by identity", "denied by identity"),
            false => ("not allowed by identity", "allowed by identity"),
        };
        Self {
            name: name.to_owned(),
            asks: vec![ask("Allow", allow), ask("Deny", deny)],
        }
    }

    fn complaint(self) -> Option<String> {
        let wrong: Vec<String> = self.asks.iter().filter_map(complaint).collect();
        (!wrong.is_empty()).then(|| format!("{}: {}", self.name, wrong.join("; ")))
    }
}

/// Asks one question; the complaint if the answer is not the expected one.
fn complaint(ask: &Value) -> Option<String> {
    let documents = Documents::read(ask);
    let given = if ask["given"].is_null() {
        json!({})
    } else {
        ask["given"].clone()
    };
    let context = Context::from_json(&given);
    let resource = arn(ask["on"].as_str().unwrap());
    let owner = ask["owner"].as_str().or_else(|| resource.split(':').nth(4));
    let request = Request {
        principal: principal(ask["who"].as_str().unwrap()),
        action: ask["does"].as_str().unwrap(),
        resource,
        resource_account: owner.filter(|owner| !owner.is_empty()).unwrap_or(A),
        conditions: &context,
    };
    let answer = documents.with_sources(|sources| spell(&decide(&request, sources)));
    let expected = ask["then"].as_str().unwrap();
    (answer != expected).then(|| format!("{answer} instead of {expected}: {ask}"))
}

/// The outcome and the layer that made it.
fn spell(decision: &Decision<'_>) -> String {
    let by = match decision.reason {
        Reason::Statement { layer, .. } | Reason::NoAllow(layer) => match layer {
            Layer::Identity => "identity",
            Layer::Resource => "resource",
            Layer::Trust => "trust",
            Layer::Boundary => "boundary",
            Layer::Session => "session",
            Layer::ServiceControl => "scp",
            Layer::ResourceControl => "rcp",
            Layer::Endpoint => "endpoint",
        },
        Reason::RootUser => "root",
        Reason::Grant => "grant",
    };
    match decision.outcome {
        Outcome::Allow => format!("allowed by {by}"),
        Outcome::ExplicitDeny => format!("denied by {by}"),
        Outcome::ImplicitDeny => format!("not allowed by {by}"),
    }
}

/// The policies of one question.
struct Documents {
    identity: Vec<Policy>,
    resource: Option<(Policy, ResourceRule)>,
    boundary: Option<Vec<Policy>>,
    session: Option<Vec<Policy>>,
    endpoint: Option<Vec<Policy>>,
    scps: Vec<Vec<Policy>>,
    rcps: Vec<Vec<Policy>>,
    grant: Option<GrantOutcome>,
}

impl Documents {
    fn read(ask: &Value) -> Self {
        let version = ask["version"].as_str().unwrap_or("2012-10-17");
        let one = |kind, statements: &Value| -> Vec<Policy> {
            let statements: Vec<_> = statements
                .as_array()
                .into_iter()
                .flatten()
                .map(statement)
                .collect();
            if statements.is_empty() {
                return Vec::new();
            }
            let text = json!({"Version": version, "Statement": statements}).to_string();
            let policy = Policy::parse(&text, kind);
            vec![policy.unwrap_or_else(|error| panic!("{error} ({}): {text}", error.detail()))]
        };
        let optional = |kind, name: &str| ask.get(name).map(|statements| one(kind, statements));
        let levels = |kind, name: &str| -> Vec<Vec<Policy>> {
            let levels = ask[name].as_array().into_iter().flatten();
            levels.map(|level| one(kind, level)).collect()
        };
        let (kind, rule) = match ask["rule"].as_str() {
            Some("key") => (PolicyKind::KeyPolicy, ResourceRule::KeyPolicy),
            Some("trust") => (PolicyKind::Trust, ResourceRule::Trust),
            _ => (PolicyKind::Resource, ResourceRule::Standard),
        };
        let resource = optional(kind, "resource").and_then(|mut policies| policies.pop());
        Self {
            identity: one(PolicyKind::Identity, &ask["identity"]),
            resource: resource.map(|policy| (policy, rule)),
            boundary: optional(PolicyKind::Boundary, "boundary"),
            session: optional(PolicyKind::Session, "session"),
            endpoint: optional(PolicyKind::Resource, "endpoint"),
            scps: levels(PolicyKind::ServiceControl, "scps"),
            rcps: levels(PolicyKind::ResourceControl, "rcps"),
            grant: ask["grant"]
                .as_bool()
                .unwrap_or(false)
                .then_some(GrantOutcome::Allow),
        }
    }

    fn with_sources<T>(&self, use_sources: impl FnOnce(&Sources<'_>) -> T) -> T {
        fn named(policies: &[Policy]) -> Vec<Named<'_>> {
            let name = "a policy";
            policies
                .iter()
                .map(|policy| Named { name, policy })
                .collect()
        }
        let optional = |policies: &'_ Option<Vec<Policy>>| policies.is_some();
        let empty = Vec::new();
        let identity = named(&self.identity);
        let boundary = named(self.boundary.as_ref().unwrap_or(&empty));
        let session = named(self.session.as_ref().unwrap_or(&empty));
        let endpoint = named(self.endpoint.as_ref().unwrap_or(&empty));
        let scps: Vec<_> = self.scps.iter().map(|level| named(level)).collect();
        let scps: Vec<&[Named<'_>]> = scps.iter().map(Vec::as_slice).collect();
        let rcps: Vec<_> = self.rcps.iter().map(|level| named(level)).collect();
        let rcps: Vec<&[Named<'_>]> = rcps.iter().map(Vec::as_slice).collect();
        let resource = self.resource.as_ref().map(|(policy, rule)| {
            let name = "a policy";
            (Named { name, policy }, *rule)
        });
        use_sources(&Sources {
            identity: &identity,
            resource,
            boundary: optional(&self.boundary).then_some(&boundary),
            session: optional(&self.session).then_some(&session),
            endpoint: optional(&self.endpoint).then_some(&endpoint),
            scps: &scps,
            rcps: &rcps,
            grant: self.grant,
        })
    }
}
