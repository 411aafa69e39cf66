//! What another policy can and cannot do, for every combination of policies:
//! policies that bound a principal only ever take away, and a deny never gives.

use crate::properties::{Documents, context, documents, statement, statements, what, who};
use crate::support::{Context, Scene, parse, session};
use policy::{GrantOutcome, Outcome, PolicyKind, Principal};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// The layers that allow nothing themselves.
#[derive(Debug, Clone, Copy)]
enum Bound {
    Boundary,
    Session,
    ServiceControl,
    ResourceControl,
    Endpoint,
}

fn bound() -> impl Strategy<Value = Bound> {
    use Bound::{Boundary, Endpoint, ResourceControl, ServiceControl, Session};
    select(vec![
        Boundary,
        Session,
        ServiceControl,
        ResourceControl,
        Endpoint,
    ])
}

impl Bound {
    /// Adds a policy of this layer.
    fn add(self, scene: &mut Scene, statements: &[Value]) {
        let bare = || {
            let mut statements = statements.to_vec();
            for statement in &mut statements {
                statement.as_object_mut().unwrap().remove("Principal");
            }
            json!(statements)
        };
        match self {
            Self::Boundary => scene.boundary = Some(parse(PolicyKind::Boundary, &bare())),
            Self::Session => scene.session = Some(parse(PolicyKind::Session, &bare())),
            Self::ServiceControl => scene
                .scps
                .push(vec![parse(PolicyKind::ServiceControl, &bare())]),
            Self::ResourceControl => {
                let denies = statements.iter().map(|statement| {
                    json!({"Effect": "Deny", "Principal": "*", "Action": "s3:Get*",
                        "Resource": statement["Resource"]})
                });
                let denies: Vec<_> = denies.collect();
                let policy = parse(PolicyKind::ResourceControl, &json!(denies));
                scene.rcps.push(vec![policy]);
            }
            Self::Endpoint => {
                scene.endpoint = Some(parse(PolicyKind::Resource, &json!(statements)));
            }
        }
    }

    /// Takes every policy of this layer away.
    fn clear(self, scene: &mut Scene) {
        match self {
            Self::Boundary => scene.boundary = None,
            Self::Session => scene.session = None,
            Self::ServiceControl => scene.scps.clear(),
            Self::ResourceControl => scene.rcps.clear(),
            Self::Endpoint => scene.endpoint = None,
        }
    }
}

fn allowed(scene: &Scene, who: Principal<'_>, what: (&str, &str), context: &Context) -> bool {
    scene.ask_in(context, who, what.0, what.1).allowed()
}

/// Identity and resource policies that allow most of what is asked.
fn generous(documents: &Documents) -> Scene {
    let mut scene = documents.scene();
    let everything = json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]);
    scene
        .identity
        .push(parse(PolicyKind::Identity, &everything));
    scene
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn another_deny_never_gives_access(
        documents in documents(), who in who(), what in what(), context in context(),
        layer in 0usize..5, more in statement(true)
    ) {
        let before = documents.scene().ask_in(&context, who, what.0, what.1);
        let mut narrower = documents.clone();
        let named = narrower.resource.is_some();
        let mut layers = narrower.layers();
        let layer = layer % layers.len();
        let mut more = more;
        more["Effect"] = json!("Deny");
        if !(named && layer == 1) {
            more.as_object_mut().unwrap().remove("Principal");
        }
        layers[layer].push(more);
        let after = narrower.scene().ask_in(&context, who, what.0, what.1);
        prop_assert!(before.allowed() || !after.allowed(), "{before:?} {after:?}");
        prop_assert!(before.outcome != Outcome::ExplicitDeny || after.outcome == Outcome::ExplicitDeny);
    }

    #[test]
    fn policies_that_bound_only_take_away(
        documents in documents(), who in who(), what in what(), context in context(),
        bound in bound(), statements in statements(true)
    ) {
        let mut scene = generous(&documents);
        let with = |scene: &mut Scene| {
            bound.clear(scene);
            bound.add(scene, &statements);
            allowed(scene, who, what, &context)
        };
        let bounded = with(&mut scene);
        bound.clear(&mut scene);
        prop_assert!(!bounded || allowed(&scene, who, what, &context), "{bound:?}");
    }

    #[test]
    fn one_more_level_of_control_policies_only_takes_away(
        documents in documents(), who in who(), what in what(), context in context(),
        rcp in any::<bool>(), statements in statements(true)
    ) {
        let bound = if rcp { Bound::ResourceControl } else { Bound::ServiceControl };
        let mut scene = generous(&documents);
        let before = allowed(&scene, who, what, &context);
        bound.add(&mut scene, &statements);
        prop_assert!(before || !allowed(&scene, who, what, &context));
    }

    #[test]
    fn a_session_never_exceeds_its_role(
        documents in documents(), what in what(), context in context(),
        passed in statements(false), boundary in proptest::option::of(statements(false))
    ) {
        let mut role = generous(&documents);
        role.session = None;
        role.boundary = boundary.map(|statements| parse(PolicyKind::Boundary, &json!(statements)));
        let alone = allowed(&role, session(), what, &context);
        role.session = Some(parse(PolicyKind::Session, &json!(passed)));
        prop_assert!(alone || !allowed(&role, session(), what, &context));
    }

    #[test]
    fn a_grant_only_gives(
        documents in documents(), who in who(), what in what(), context in context()
    ) {
        let mut scene = documents.scene();
        let before = scene.ask_in(&context, who, what.0, what.1);
        let denied = Outcome::ExplicitDeny;
        scene.grant = Some(GrantOutcome::Delegate);
        let delegated = scene.ask_in(&context, who, what.0, what.1);
        scene.grant = Some(GrantOutcome::Allow);
        let direct = scene.ask_in(&context, who, what.0, what.1);
        scene.grant = Some(GrantOutcome::AllowSession);
        let to_session = scene.ask_in(&context, who, what.0, what.1);
        for after in [&delegated, &direct, &to_session] {
            prop_assert!(!before.allowed() || after.allowed());
            prop_assert_eq!(before.outcome == denied, after.outcome == denied);
        }
        prop_assert!(!delegated.allowed() || direct.allowed());
        prop_assert!(!direct.allowed() || to_session.allowed());
    }
}
