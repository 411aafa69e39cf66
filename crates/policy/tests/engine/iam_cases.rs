//! The table of authorization cases: one row, one rule of AWS.

use crate::support::{Context, Scene, user};
use policy::{Outcome, Policy, PolicyKind, Principal, PrincipalKind, ResourceRule};
use serde_json::Value;

const CASES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../shared/data/iam-cases.json"
);

#[test]
fn every_case_is_decided_as_aws_does() {
    let Ok(text) = std::fs::read_to_string(CASES) else {
        println!("skipped: {CASES} is absent");
        return;
    };
    let table: Value = serde_json::from_str(&text).unwrap();
    let cases = table["cases"].as_array().unwrap();
    assert_eq!(cases.len() as u64, table["count"].as_u64().unwrap());
    let mut refused = Vec::new();
    let mut wrong = Vec::new();
    for case in cases {
        let scene = scene(case, &mut refused);
        let decided = decide(case, &scene);
        let expected = case["expected"]["decision"].as_str().unwrap();
        if decided != expected {
            wrong.push(format!("{}: {decided} instead of {expected}", case["id"]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // A wildcard within a principal is refused, so that policy never exists.
    assert_eq!(refused, ["res/no-wild-principal"]);
    println!("{} cases", cases.len());
}

fn decide(case: &Value, scene: &Scene) -> &'static str {
    let request = &case["request"];
    let arn = request["principal"].as_str().unwrap();
    let role_arn = arn
        .replace(":sts:", ":iam:")
        .replace("assumed-role/", "role/");
    let role_arn = role_arn.rsplit_once('/').map_or("", |(role, _)| role);
    let principal = match arn.contains(":assumed-role/") {
        true => Principal {
            kind: PrincipalKind::Role { role_arn },
            ..user(arn)
        },
        false => user(arn),
    };
    let context = Context::from_json(&request["context"]);
    let request = policy::Request {
        principal,
        action: request["action"].as_str().unwrap(),
        resource: request["resource"].as_str().unwrap(),
        resource_account: request["resource_account"].as_str().unwrap(),
        conditions: &context,
    };
    match scene.with_sources(|sources| policy::decide(&request, sources).outcome) {
        Outcome::Allow => "Allowed",
        Outcome::ExplicitDeny => "ExplicitlyDenied",
        Outcome::ImplicitDeny => "ImplicitlyDenied",
    }
}

/// The policies of a case. One that is refused is left out, as it would be in
/// AWS, and its case is noted.
fn scene(case: &Value, refused: &mut Vec<String>) -> Scene {
    let policies = &case["policies"];
    assert!(
        policies["endpoint"].is_null(),
        "endpoint policies are not part of the engine"
    );
    let mut parse = |document: &Value, kind| match Policy::parse(&document.to_string(), kind) {
        Ok(policy) => Some(policy),
        Err(_) => {
            refused.push(case["id"].as_str().unwrap().to_owned());
            None
        }
    };
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let action = case["request"]["action"].as_str().unwrap();
    let (kind, rule) = match action.split_once(':').unwrap().0 {
        "kms" => (PolicyKind::KeyPolicy, ResourceRule::KeyPolicy),
        "sts" => (PolicyKind::Trust, ResourceRule::Trust),
        // The one row that shows a foreign ARN is about a key as well.
        _ => (PolicyKind::Resource, ResourceRule::Standard),
    };
    let mut scene = Scene::default();
    for document in list(&policies["identity"]) {
        scene
            .identity
            .extend(parse(&document, PolicyKind::Identity));
    }
    if !policies["resource"].is_null() {
        scene.resource = parse(&policies["resource"], kind).map(|policy| (policy, Some(rule)));
    }
    if !policies["session"].is_null() {
        scene.session = parse(&policies["session"], PolicyKind::Session);
    }
    for document in list(&policies["boundary"]) {
        assert!(scene.boundary.is_none(), "a principal has one boundary");
        scene.boundary = parse(&document, PolicyKind::Boundary);
    }
    for level in list(&policies["scp"]) {
        let level = list(&level["policies"]);
        let parsed = level
            .iter()
            .filter_map(|one| parse(one, PolicyKind::ServiceControl));
        scene.scps.push(parsed.collect());
    }
    for level in list(&policies["rcp"]) {
        let level = list(&level["policies"]);
        let parsed = level
            .iter()
            .filter_map(|one| parse(one, PolicyKind::ResourceControl));
        scene.rcps.push(parsed.collect());
    }
    scene
}
