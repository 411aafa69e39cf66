//! The policy language: parsing every kind of document, and deciding with whatever parses.
//!
//! The oracle: an explicit deny of everything, added to a policy that was accepted, wins.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use policy::{
    Conditions, Named, Policy, PolicyKind, Principal, PrincipalKind, Request, ResourceRule,
    Sources, Values, decide,
};

const KINDS: [PolicyKind; 6] = [
    PolicyKind::Identity,
    PolicyKind::Resource,
    PolicyKind::KeyPolicy,
    PolicyKind::Trust,
    PolicyKind::Boundary,
    PolicyKind::Session,
];

static DENY: LazyLock<Policy> = LazyLock::new(|| {
    let text =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    Policy::parse(text, PolicyKind::Identity).expect("a policy that denies everything")
});

struct Context;

impl Conditions for Context {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        match key {
            "aws:username" => Some("alice".into()),
            "aws:sourceip" => Some("192.0.2.7".into()),
            "aws:currenttime" => Some("2026-01-02T03:04:05Z".into()),
            "aws:securetransport" => Some(false.into()),
            "kms:encryptioncontextkeys" => Some(Values::Set(vec!["a".into(), "b".into()])),
            key if key.len() % 2 == 0 => Some("7".into()),
            _ => None,
        }
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((&choice, text)) = input.split_first() else {
        return;
    };
    let Ok(text) = str::from_utf8(text) else {
        return;
    };
    let kind = KINDS[usize::from(choice) % KINDS.len()];
    let Ok(policy) = Policy::parse(text, kind) else {
        return;
    };
    let request = Request {
        principal: Principal {
            arn: "arn:aws:iam::111122223333:user/alice",
            account: "111122223333",
            kind: PrincipalKind::User,
            user_id: "AIDAEXAMPLE00000000AA",
        },
        action: "kms:Decrypt",
        resource: "arn:aws:kms:eu-west-2:111122223333:key/1",
        resource_account: "111122223333",
        conditions: &Context,
    };
    let named = [Named {
        name: "fuzzed",
        policy: &policy,
    }];
    let denied = [Named {
        name: "deny",
        policy: &DENY,
    }];
    let plain = match kind {
        PolicyKind::Identity => Sources {
            identity: &named,
            ..Sources::default()
        },
        PolicyKind::Boundary => Sources {
            boundary: Some(&named),
            ..Sources::default()
        },
        PolicyKind::Session => Sources {
            session: Some(&named),
            ..Sources::default()
        },
        _ => Sources {
            resource: Some((named[0], ResourceRule::KeyPolicy)),
            ..Sources::default()
        },
    };
    let decision = decide(&request, &plain);
    let _ = decision.because(request.action);
    // A boundary or session policy grants nothing by itself.
    assert!(!matches!(kind, PolicyKind::Boundary | PolicyKind::Session) || !decision.is_allowed());
    let with_deny = match kind {
        PolicyKind::Identity => Sources {
            identity: &[named[0], denied[0]],
            ..plain
        },
        _ => Sources {
            identity: &denied,
            ..plain
        },
    };
    assert!(
        !decide(&request, &with_deny).is_allowed(),
        "an explicit deny did not win"
    );
});
