//! Which policies must allow, who can deny, and what the answer says.

use crate::support::{
    ACCOUNT, Answer, Context, KEY, OBJECT, ROLE, Scene, alice, anonymous, bob, parse, root,
    service, session, statement, statement_for,
};
use policy::{
    GrantOutcome, Outcome, PolicyKind, Principal, PrincipalKind, Reason, Request, ResourceRule,
    Sources, decide, lockout,
};
use serde_json::{Value, json};

const OTHER_ROOT: &str = "arn:aws:iam::222222222222:root";
const ROOT: &str = "arn:aws:iam::111111111111:root";
const NO_RESOURCE: &str = "because no resource-based policy allows the kms:Decrypt action";
const NO_IDENTITY: &str = "because no identity-based policy allows the kms:Decrypt action";

fn decrypt(scene: &Scene, principal: Principal<'_>) -> Answer {
    scene.ask(principal, "kms:Decrypt", KEY)
}

fn get(scene: &Scene, principal: Principal<'_>) -> Answer {
    scene.ask(principal, "s3:GetObject", OBJECT)
}

fn allow() -> Answer {
    Answer {
        outcome: Outcome::Allow,
        because: String::new(),
    }
}

fn lacking(because: &str) -> Answer {
    Answer {
        outcome: Outcome::ImplicitDeny,
        because: because.into(),
    }
}

fn denied(because: &str) -> Answer {
    Answer {
        outcome: Outcome::ExplicitDeny,
        because: because.into(),
    }
}

#[test]
fn iam_alone_never_opens_a_key() {
    let decrypts = json!([statement("Allow", "kms:*")]);
    let mut scene = Scene::key(&json!([statement_for("Allow", "kms:*", ROLE)]));
    assert_eq!(decrypt(&scene, alice()), lacking(NO_RESOURCE));
    scene = scene.with_identity(&decrypts);
    assert_eq!(decrypt(&scene, alice()), lacking(NO_RESOURCE));
    assert_eq!(decrypt(&scene, root()), lacking(NO_RESOURCE));
}

#[test]
fn a_key_policy_that_names_the_account_lets_iam_decide() {
    let delegates = json!([statement_for("Allow", "kms:*", ROOT)]);
    assert_eq!(
        decrypt(&Scene::key(&delegates), alice()),
        lacking(NO_IDENTITY)
    );
    let identity = json!([statement("Allow", "kms:Decrypt")]);
    let scene = Scene::key(&delegates).with_identity(&identity);
    assert_eq!(decrypt(&scene, alice()), allow());
    assert_eq!(
        decrypt(&Scene::key(&delegates), root()),
        allow(),
        "the root user is the account"
    );
    let other = json!([statement_for("Allow", "kms:Encrypt", ROOT)]);
    let scene = Scene::key(&other).with_identity(&identity);
    assert_eq!(
        decrypt(&scene, alice()),
        lacking(NO_RESOURCE),
        "delegates another action"
    );
    let by_id = json!([statement_for("Allow", "kms:*", ACCOUNT)]);
    assert_eq!(
        decrypt(&Scene::key(&by_id).with_identity(&identity), alice()),
        allow()
    );
}

#[test]
fn a_delegation_under_a_condition_holds_only_then() {
    let mut delegates = statement_for("Allow", "kms:*", ROOT);
    delegates["Condition"] =
        json!({"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}});
    let scene =
        Scene::key(&json!([delegates])).with_identity(&json!([statement("Allow", "kms:*")]));
    assert_eq!(decrypt(&scene, alice()), lacking(NO_RESOURCE));
    let context = Context::from_json(&json!({"kms:ViaService": "s3.us-east-1.amazonaws.com"}));
    assert!(
        scene
            .ask_in(&context, alice(), "kms:Decrypt", KEY)
            .allowed()
    );
}

#[test]
fn a_key_of_another_account_needs_both_sides() {
    let identity = json!([statement("Allow", "kms:Decrypt")]);
    for named in [OTHER_ROOT, "222222222222", bob().arn, "*"] {
        let key = json!([statement_for("Allow", "kms:Decrypt", named)]);
        assert_eq!(
            decrypt(&Scene::key(&key), bob()),
            lacking(NO_IDENTITY),
            "{named}"
        );
        assert_eq!(
            decrypt(&Scene::key(&key).with_identity(&identity), bob()),
            allow()
        );
    }
    let key = json!([statement_for("Allow", "kms:Decrypt", ROOT)]);
    let scene = Scene::key(&key).with_identity(&identity);
    assert_eq!(decrypt(&scene, bob()), lacking(NO_RESOURCE));
}

#[test]
fn key_policy_statements_without_action_or_resource_have_no_effect() {
    for missing in ["Action", "Resource"] {
        for effect in ["Allow", "Deny"] {
            let mut inert = statement_for(effect, "kms:*", alice().arn);
            inert.as_object_mut().unwrap().remove(missing);
            let scene = Scene::key(&json!([inert]));
            assert_eq!(
                decrypt(&scene, alice()),
                lacking(NO_RESOURCE),
                "{effect} {missing}"
            );
        }
    }
}

#[test]
fn denies_name_their_layer() {
    let deny = json!([statement("Deny", "s3:GetObject")]);
    let all = || Scene::identity(&json!([statement("Allow", "*")]));
    let scene = all().with_identity(&deny);
    let because = "with an explicit deny in an identity-based policy";
    assert_eq!(get(&scene, alice()), denied(because));
    let because = "with an explicit deny in a permissions boundary";
    assert_eq!(get(&all().with_boundary(&deny), alice()), denied(because));
    let because = "with an explicit deny in a session policy";
    assert_eq!(get(&all().with_session(&deny), session()), denied(because));
    let mut scene = Scene::resource(&json!([statement_for("Deny", "s3:*", "*")]));
    let because = "with an explicit deny in a resource-based policy";
    assert_eq!(get(&scene, root()), denied(because));
    scene.resource = None;
    scene.scps = vec![vec![parse(PolicyKind::ServiceControl, &deny)]];
    let because = "with an explicit deny in a service control policy";
    assert_eq!(get(&scene, root()), denied(because));
    scene.scps = vec![];
    let deny = json!([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}]);
    scene.rcps = vec![vec![], vec![parse(PolicyKind::ResourceControl, &deny)]];
    let because = "with an explicit deny in a resource control policy";
    assert_eq!(get(&scene, root()), denied(because));
}

/// The table "resource-based policies and implicit denies in other policy
/// types" of the IAM user guide, for principals of the resource's account.
#[test]
fn how_a_resource_policy_names_the_principal_decides_what_limits_it() {
    let nothing = json!([statement("Allow", "ec2:*")]);
    let bounded = |named: &str| {
        Scene::resource(&json!([statement_for("Allow", "s3:*", named)])).with_boundary(&nothing)
    };
    let limited = |named: &str| {
        Scene::resource(&json!([statement_for("Allow", "s3:*", named)])).with_session(&nothing)
    };
    assert_eq!(get(&bounded(alice().arn), alice()), allow());
    assert_eq!(get(&bounded(session().arn), session()), allow());
    assert_eq!(get(&limited(session().arn), session()), allow());
    let boundary = "because no permissions boundary allows the s3:GetObject action";
    assert_eq!(get(&bounded(ROLE), session()), lacking(boundary));
    let no_session = "because no session policy allows the s3:GetObject action";
    assert_eq!(get(&limited(ROLE), session()), lacking(no_session));
    let role_only = Scene::resource(&json!([statement_for("Allow", "s3:*", ROLE)]));
    assert_eq!(get(&role_only, session()), allow());
    let federated = Principal {
        arn: "arn:aws:sts::111111111111:federated-user/bo",
        kind: PrincipalKind::FederatedUser {
            user_arn: alice().arn,
        },
        ..alice()
    };
    assert_eq!(get(&limited(alice().arn), federated), lacking(no_session));
    assert_eq!(get(&limited(federated.arn), federated), allow());
}

#[test]
fn the_root_user_needs_no_identity_policy_and_has_no_boundary() {
    let nothing = json!([statement("Deny", "s3:*")]);
    assert_eq!(
        get(&Scene::default().with_boundary(&nothing), root()),
        allow()
    );
    let abroad = "because no resource-based policy allows the s3:GetObject action";
    let other = Principal {
        account: "222222222222",
        arn: OTHER_ROOT,
        ..root()
    };
    assert_eq!(get(&Scene::default(), other), lacking(abroad));
    let named = Scene::resource(&json!([statement_for("Allow", "s3:*", OTHER_ROOT)]));
    assert_eq!(get(&named, other), allow());
    let mut scene = Scene::default();
    let scp = json!([statement("Allow", "ec2:*")]);
    scene.scps = vec![vec![parse(PolicyKind::ServiceControl, &scp)]];
    let because = "because no service control policy allows the s3:GetObject action";
    assert_eq!(get(&scene, root()), lacking(because));
}

#[test]
fn every_level_of_scps_must_allow_and_service_linked_roles_are_exempt() {
    let mut scene = Scene::identity(&json!([statement("Allow", "*")]));
    let level = |action| {
        vec![parse(
            PolicyKind::ServiceControl,
            &json!([statement("Allow", action)]),
        )]
    };
    scene.scps = vec![level("*"), level("s3:*")];
    assert_eq!(get(&scene, alice()), allow());
    scene.scps.push(vec![]);
    let because = "because no service control policy allows the s3:GetObject action";
    assert_eq!(get(&scene, alice()), lacking(because));
    let role_arn = "arn:aws:iam::111111111111:role/aws-service-role/x.amazonaws.com/SLR";
    let linked = Principal {
        kind: PrincipalKind::Role { role_arn },
        ..session()
    };
    assert_eq!(get(&scene, linked), allow());
}

#[test]
fn sec_i4_a_path_that_quotes_that_of_service_linked_roles_exempts_from_nothing() {
    let mut scene = Scene::identity(&json!([statement("Allow", "*")]));
    scene.scps = vec![vec![]];
    for path in [
        "/x:role/aws-service-role/",
        "/x/aws-service-role/",
        "//aws-service-role/",
        "/AWS-service-role/",
        "/aws-service-role.example/",
    ] {
        let role_arn = &format!("arn:aws:iam::111111111111:role{path}app");
        let disguised = Principal {
            kind: PrincipalKind::Role { role_arn },
            ..session()
        };
        let because = "because no service control policy allows the s3:GetObject action";
        assert_eq!(get(&scene, disguised), lacking(because), "{path}");
    }
}

#[test]
fn services_and_anonymous_callers_live_by_the_resource_policy_alone() {
    let logs = "logs.us-east-1.amazonaws.com";
    let mut named = statement("Allow", "kms:Decrypt*");
    named["Principal"] = json!({"Service": logs});
    let scene = Scene::key(&json!([named])).with_identity(&json!([statement("Allow", "*")]));
    assert_eq!(decrypt(&scene, service(logs)), allow());
    assert_eq!(
        decrypt(&scene, service("s3.amazonaws.com")),
        lacking(NO_RESOURCE)
    );
    assert_eq!(decrypt(&scene, anonymous()), lacking(NO_RESOURCE));
    let public = Scene::resource(&json!([statement_for("Allow", "s3:GetObject", "*")]));
    assert_eq!(get(&public, anonymous()), allow());
    let account = Scene::resource(&json!([statement_for("Allow", "s3:GetObject", ROOT)]));
    assert!(!get(&account, anonymous()).allowed());
    let mut closed = public;
    let deny = json!([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}]);
    closed.rcps = vec![vec![parse(PolicyKind::ResourceControl, &deny)]];
    assert_eq!(get(&closed, service(logs)).outcome, Outcome::ExplicitDeny);
}

#[test]
fn not_principal_spares_only_who_is_listed_in_full() {
    let deny = |names: Value| {
        let mut deny = statement("Deny", "s3:*");
        deny["NotPrincipal"] = json!({"AWS": names});
        let scene = Scene::resource(&json!([deny]));
        scene.with_identity(&json!([statement("Allow", "s3:*")]))
    };
    assert!(get(&deny(json!([ROOT, alice().arn])), alice()).allowed());
    assert!(!get(&deny(json!([alice().arn])), alice()).allowed());
    assert!(!get(&deny(json!([ROOT])), alice()).allowed());
    assert!(!get(&deny(json!([ROOT, ROLE])), session()).allowed());
    assert!(get(&deny(json!([ROOT, ROLE, session().arn])), session()).allowed());
    let mut allow = statement("Allow", "s3:*");
    allow["NotPrincipal"] = json!({"AWS": ROOT});
    let scene = Scene::resource(&json!([allow]));
    assert!(!get(&scene, alice()).allowed(), "her account is listed");
    assert!(get(&scene, anonymous()).allowed());
}

#[test]
fn a_role_is_assumed_through_its_trust_policy() {
    let trust = |principal: Value| {
        let statement =
            json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}]);
        let mut scene = Scene::default();
        let policy = parse(PolicyKind::Trust, &statement);
        scene.resource = Some((policy, Some(ResourceRule::Trust)));
        scene
    };
    let ask = |scene: &Scene, principal| scene.ask(principal, "sts:AssumeRole", ROLE);
    let no_trust = "because no role trust policy allows the sts:AssumeRole action";
    let identity = json!([statement("Allow", "sts:*")]);
    let scene = trust(json!({"Service": "ec2.amazonaws.com"})).with_identity(&identity);
    assert_eq!(ask(&scene, alice()), lacking(no_trust));
    assert_eq!(ask(&scene, service("ec2.amazonaws.com")), allow());
    assert_eq!(ask(&trust(json!({"AWS": alice().arn})), alice()), allow());
    assert!(!ask(&trust(json!({"AWS": ROOT})), alice()).allowed());
    assert_eq!(
        ask(
            &trust(json!({"AWS": ROOT})).with_identity(&identity),
            alice()
        ),
        allow()
    );
    assert!(!ask(&trust(json!({"AWS": bob().arn})), bob()).allowed());
    assert_eq!(
        ask(
            &trust(json!({"AWS": bob().arn})).with_identity(&identity),
            bob()
        ),
        allow()
    );
    let provider = "arn:aws:iam::111111111111:oidc-provider/idp.example";
    let kind = PrincipalKind::Federated { provider };
    let web = Principal {
        kind,
        ..anonymous()
    };
    assert_eq!(ask(&trust(json!({"Federated": provider})), web), allow());
    assert_eq!(
        ask(&trust(json!({"Service": "ec2.amazonaws.com"})), web),
        lacking(no_trust)
    );
}

#[test]
fn a_grant_allows_without_policies_but_not_against_a_deny() {
    let granted = |scene: &Scene, principal| {
        let context = Context::default();
        let action = "kms:Decrypt";
        let request = Request {
            principal,
            action,
            resource: KEY,
            resource_account: ACCOUNT,
            conditions: &context,
        };
        scene.with_sources(|sources| {
            let sources = Sources {
                grant: Some(GrantOutcome::Allow),
                ..*sources
            };
            let decision = decide(&request, &sources);
            assert!(!decision.is_allowed() || decision.reason == Reason::Grant);
            Answer::new(decision, action)
        })
    };
    let key = || Scene::key(&json!([statement_for("Allow", "kms:Put*", ROOT)]));
    assert_eq!(granted(&key(), alice()), allow());
    assert_eq!(granted(&key(), bob()), allow());
    let deny = json!([statement("Deny", "kms:*")]);
    let because = "with an explicit deny in an identity-based policy";
    assert_eq!(
        granted(&key().with_identity(&deny), alice()),
        denied(because)
    );
    let sign = json!([statement("Allow", "kms:Sign")]);
    let because = "because no session policy allows the kms:Decrypt action";
    assert_eq!(
        granted(&key().with_session(&sign), session()),
        lacking(because)
    );
    assert_eq!(granted(&key(), session()), allow());
    let mut bounded = key();
    bounded.scps = vec![vec![parse(PolicyKind::ServiceControl, &sign)]];
    let because = "because no service control policy allows the kms:Decrypt action";
    assert_eq!(granted(&bounded, alice()), lacking(because));
}

/// As recordings of AWS show it of sessions of roles and of federated users.
#[test]
fn a_grant_to_a_session_is_limited_by_what_is_denied_alone() {
    let granted = |scene: &Scene| {
        let context = Context::default();
        let request = Request {
            principal: session(),
            action: "kms:Decrypt",
            resource: KEY,
            resource_account: ACCOUNT,
            conditions: &context,
        };
        scene.with_sources(|sources| {
            let sources = Sources {
                grant: Some(GrantOutcome::AllowSession),
                ..*sources
            };
            decide(&request, &sources).is_allowed()
        })
    };
    let key = || Scene::key(&json!([statement_for("Allow", "kms:Put*", ROOT)]));
    let sign = json!([statement("Allow", "kms:Sign")]);
    let deny = json!([statement("Deny", "kms:Decrypt")]);
    let mut bounded = key();
    bounded.boundary = Some(parse(PolicyKind::Boundary, &sign));
    assert!(granted(&bounded) && granted(&key().with_session(&sign)));
    assert!(!granted(&key().with_session(&deny)));
    let mut organized = key();
    organized.scps = vec![vec![parse(PolicyKind::ServiceControl, &sign)]];
    assert!(!granted(&organized));
}

#[test]
fn a_grant_to_an_account_leaves_the_choice_to_its_identity_policies() {
    let granted = |scene: &Scene, principal| {
        let context = Context::default();
        let action = "kms:Decrypt";
        let request = Request {
            principal,
            action,
            resource: KEY,
            resource_account: ACCOUNT,
            conditions: &context,
        };
        scene.with_sources(|sources| {
            let grant = Some(GrantOutcome::Delegate);
            let sources = Sources { grant, ..*sources };
            Answer::new(decide(&request, &sources), action)
        })
    };
    let key = || Scene::key(&json!([statement_for("Allow", "kms:Put*", ROOT)]));
    let because = "because no identity-based policy allows the kms:Decrypt action";
    assert_eq!(granted(&key(), alice()), lacking(because));
    let decrypt = json!([statement("Allow", "kms:Decrypt")]);
    let alone = key().with_identity(&decrypt);
    assert_eq!(granted(&alone, alice()), allow());
    assert_eq!(granted(&key(), root()), allow());
    let sign = json!([statement("Allow", "kms:Sign")]);
    let because = "because no session policy allows the kms:Decrypt action";
    let limited = key().with_identity(&decrypt).with_session(&sign);
    assert_eq!(granted(&limited, session()), lacking(because));
    let because = "because no permissions boundary allows the kms:Decrypt action";
    let mut bounded = key().with_identity(&decrypt);
    bounded.boundary = Some(parse(PolicyKind::Boundary, &sign));
    assert_eq!(granted(&bounded, alice()), lacking(because));
}

#[test]
fn sec_i10_a_key_policy_must_leave_its_author_in_charge() {
    let administers = |scene: &Scene, principal, statements: &Value| {
        let new = parse(PolicyKind::KeyPolicy, statements);
        let context = Context::default();
        let request = Request {
            principal,
            action: "kms:CreateKey",
            resource: KEY,
            resource_account: ACCOUNT,
            conditions: &context,
        };
        scene.with_sources(|sources| {
            let sources = Sources {
                grant: Some(GrantOutcome::Allow),
                ..*sources
            };
            lockout::still_administers(&request, &sources, &new)
        })
    };
    let nobody = Scene::key(&json!([statement_for("Allow", "kms:*", "*")]));
    let delegates = json!([statement_for("Allow", "kms:*", ROOT)]);
    let admin = Scene::identity(&json!([statement("Allow", "kms:*")]));
    assert!(administers(&nobody, root(), &delegates));
    assert!(administers(&admin, alice(), &delegates));
    assert!(
        !administers(&nobody, alice(), &delegates),
        "only delegated, and IAM does not allow"
    );
    assert!(administers(
        &nobody,
        alice(),
        &json!([statement_for("Allow", "kms:Put*", alice().arn)])
    ));
    assert!(!administers(
        &admin,
        alice(),
        &json!([statement_for("Allow", "kms:*", ROLE)])
    ));
    let use_only = json!([statement_for("Allow", "kms:Decrypt", alice().arn)]);
    assert!(!administers(&admin, alice(), &use_only));
    let denied = json!([
        statement_for("Allow", "kms:*", alice().arn),
        statement_for("Deny", "kms:PutKeyPolicy", "*")
    ]);
    assert!(!administers(&admin, alice(), &denied));
}
