//! Known ways in which policy engines have failed, asked of this one. The case
//! files that hold the rule are run under the name of the advisory too.

use crate::cases::check;
use crate::support::{Context, KEY, OBJECT, ROLE, Scene, alice, session, statement, statement_for};
use policy::{Principal, PrincipalKind};
use serde_json::{Value, json};

fn reads(scene: &Scene, principal: Principal<'_>, context: &Value) -> bool {
    let context = Context::from_json(context);
    scene
        .ask_in(&context, principal, "s3:GetObject", OBJECT)
        .allowed()
}

#[test]
fn sec_i1_the_documented_sets_of_values() {
    assert!(check("sets") >= 70);
}

#[test]
fn sec_i2_the_engine_takes_keys_from_the_context_alone() {
    for key in [
        "aws:PrincipalArn",
        "aws:PrincipalAccount",
        "aws:username",
        "aws:userid",
        "aws:PrincipalType",
        "aws:ResourceAccount",
        "kms:ViaService",
        "kms:CallerAccount",
        "aws:SourceArn",
        "aws:CalledVia",
    ] {
        let mut there = statement("Allow", "s3:*");
        there["Condition"] = json!({"Null": {key: "false"}});
        let scene = Scene::identity(&json!([there]));
        assert!(!reads(&scene, alice(), &json!({})), "{key} is made up");
        assert!(!reads(&scene, session(), &json!({})), "{key} is made up");
        assert!(reads(&scene, alice(), &json!({key: "v"})), "{key} is there");
    }
}

#[test]
fn sec_i3_values_are_text_wherever_variables_may_stand() {
    assert!(check("variables-in-conditions") >= 50);
    assert!(check("variables-in-resources") >= 15);
}

#[test]
fn sec_i4_look_alikes_of_a_principal_have_none_of_its_permissions() {
    let own = alice();
    let look_alikes = [
        "arn:aws:iam::111111111111:user/Alice",
        "arn:aws:iam::111111111111:user/ALICE",
        "arn:aws:iam::111111111111:user/alice ",
        "arn:aws:iam::111111111111:user/ alice",
        "arn:aws:iam::111111111111:user/al\u{456}ce",
        "arn:aws:iam::111111111111:user/alice/alice",
        "arn:aws:iam::111111111111:role/alice",
        "ARN:AWS:IAM::111111111111:USER/ALICE",
    ];
    let scene = Scene::resource(&json!([statement_for("Allow", "s3:*", own.arn)]));
    assert!(reads(&scene, own, &json!({})));
    for arn in look_alikes {
        assert!(
            !reads(&scene, Principal { arn, ..own }, &json!({})),
            "{arn}"
        );
    }
    let mut named = statement("Allow", "s3:*");
    named["Condition"] = json!({"StringEquals": {"aws:username": "root"}});
    let scene = Scene::identity(&json!([named]));
    for name in [
        " root",
        "root ",
        "ROOT",
        "Root",
        "r\u{43e}\u{43e}t",
        "root\0",
        "",
    ] {
        assert!(
            !reads(&scene, own, &json!({"aws:username": name})),
            "{name:?}"
        );
    }
    assert!(reads(&scene, own, &json!({"aws:username": "root"})));
}

#[test]
fn sec_i5_a_role_is_its_account_path_and_unique_id() {
    let id = "AROAEXAMPLE00000000AA";
    let by_id = Scene::resource(&json!([statement_for("Allow", "s3:*", id)]));
    let by_arn = Scene::resource(&json!([statement_for("Allow", "s3:*", ROLE)]));
    assert!(reads(&by_id, session(), &json!({})));
    assert!(reads(&by_arn, session(), &json!({})));
    let again = Principal {
        user_id: "AROAEXAMPLE00000000ZZ:s1",
        ..session()
    };
    assert!(
        !reads(&by_id, again, &json!({})),
        "made again under its name"
    );
    for role_arn in [
        "arn:aws:iam::222222222222:role/app",
        "arn:aws:iam::111111111111:role/path/app",
        "arn:aws:iam::111111111111:role/App",
    ] {
        let kind = PrincipalKind::Role { role_arn };
        let other = Principal { kind, ..session() };
        assert!(!reads(&by_arn, other, &json!({})), "{role_arn}");
    }
}

#[test]
fn sec_i8_the_documented_sets_of_absent_keys() {
    assert!(check("absent-keys-in-sets") >= 60);
    let tags = json!({"ForAnyValue:StringEqualsIfExists": {"aws:TagKeys": ["a"]}});
    let mut allow = statement("Allow", "s3:*");
    allow["Condition"] = tags;
    let scene = Scene::identity(&json!([allow]));
    assert!(!reads(&scene, alice(), &json!({})));
    assert!(reads(&scene, alice(), &json!({"aws:TagKeys": ["a"]})));
}

#[test]
fn sec_i9_the_documented_absences_and_old_versions() {
    assert!(check("absent-keys") >= 50);
    assert!(check("version-2008") >= 10);
    assert!(check("operators-bool") >= 15);
    assert!(check("operators-null") >= 15);
}

#[test]
fn sec_i16_wildcards_of_actions_and_conditions_are_linear_too() {
    let nested = format!("{}b", "*a".repeat(100));
    let text = "a".repeat(2_000);
    let mut hostile = statement("Allow", &format!("kms:{nested}"));
    hostile["Resource"] = json!([KEY, format!("arn:aws:kms:us-east-1:111111111111:{nested}")]);
    let mut conditional = statement("Allow", "kms:*");
    conditional["Condition"] = json!({
        "StringLike": {"x:k": [nested, format!("{nested}?"), "*?*?*?*?*?*?*?b"]},
        "ArnLike": {"x:arn": [format!("arn:aws:s3:::{nested}")]}});
    let scene = Scene::identity(&json!([hostile, conditional]));
    let context = json!({"x:k": [text, text], "x:arn": format!("arn:aws:s3:::{text}")});
    // With backtracking over stars this would take longer than the universe.
    let context = Context::from_json(&context);
    let answer = scene.ask_in(&context, alice(), &format!("kms:{text}"), KEY);
    assert!(!answer.allowed());
}
