//! A scene for decisions: principals, contexts and policies in few words.

use policy::{
    Conditions, Decision, GrantOutcome, Named, Outcome, Policy, PolicyKind, Principal,
    PrincipalKind, Request, ResourceRule, Sources, Values, decide,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) const ACCOUNT: &str = "111111111111";
pub(crate) const KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/1";
pub(crate) const OBJECT: &str = "arn:aws:s3:::bkt/a/b.txt";
pub(crate) const ROLE: &str = "arn:aws:iam::111111111111:role/app";

/// Condition keys with their values.
#[derive(Debug, Clone, Default)]
pub(crate) struct Context(pub(crate) BTreeMap<String, Vec<String>>);

impl Conditions for Context {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        self.0
            .get(key)
            .map(|values| Values::from(values.as_slice()))
    }
}

impl Context {
    /// From an object of strings and lists of strings.
    pub(crate) fn from_json(object: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let values = |value: &Value| match value {
            Value::Array(list) => list.iter().map(text).collect(),
            single => vec![text(single)],
        };
        let object = object.as_object().unwrap();
        Self(
            object
                .iter()
                .map(|(key, value)| (key.to_lowercase(), values(value)))
                .collect(),
        )
    }
}

pub(crate) fn user(arn: &str) -> Principal<'_> {
    let account = arn.split(':').nth(4).unwrap();
    Principal {
        arn,
        account,
        kind: PrincipalKind::User,
        user_id: "AIDAEXAMPLE00000000AA",
    }
}

pub(crate) fn alice() -> Principal<'static> {
    user("arn:aws:iam::111111111111:user/alice")
}

pub(crate) fn bob() -> Principal<'static> {
    user("arn:aws:iam::222222222222:user/bob")
}

pub(crate) fn root() -> Principal<'static> {
    Principal {
        kind: PrincipalKind::Root,
        ..user("arn:aws:iam::111111111111:root")
    }
}

pub(crate) fn session() -> Principal<'static> {
    Principal {
        arn: "arn:aws:sts::111111111111:assumed-role/app/s1",
        account: ACCOUNT,
        kind: PrincipalKind::Role { role_arn: ROLE },
        user_id: "AROAEXAMPLE00000000AA:s1",
    }
}

pub(crate) fn service(name: &str) -> Principal<'_> {
    Principal {
        arn: "",
        account: "",
        kind: PrincipalKind::Service(name),
        user_id: "",
    }
}

pub(crate) fn anonymous() -> Principal<'static> {
    Principal {
        arn: "",
        account: "",
        kind: PrincipalKind::Anonymous,
        user_id: "",
    }
}

/// A document of version 2012-10-17.
pub(crate) fn document(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

pub(crate) fn parse(kind: PolicyKind, statements: &Value) -> Policy {
    Policy::parse(&document(statements), kind).unwrap_or_else(|error| {
        panic!("{error} ({}): {statements}", error.detail());
    })
}

/// A statement on every resource.
pub(crate) fn statement(effect: &str, action: &str) -> Value {
    json!({"Effect": effect, "Action": action, "Resource": "*"})
}

/// A statement on every resource for one AWS principal.
pub(crate) fn statement_for(effect: &str, action: &str, principal: &str) -> Value {
    let mut statement = statement(effect, action);
    statement["Principal"] = json!({"AWS": principal});
    statement
}

/// Owned policies of one request; `None` means that there is no such policy.
#[derive(Default)]
pub(crate) struct Scene {
    pub(crate) identity: Vec<Policy>,
    pub(crate) resource: Option<(Policy, Option<ResourceRule>)>,
    pub(crate) boundary: Option<Policy>,
    pub(crate) session: Option<Policy>,
    pub(crate) scps: Vec<Vec<Policy>>,
    pub(crate) rcps: Vec<Vec<Policy>>,
    pub(crate) endpoint: Option<Policy>,
    pub(crate) grant: Option<GrantOutcome>,
}

impl Scene {
    pub(crate) fn identity(statements: &Value) -> Self {
        Self::default().with_identity(statements)
    }

    pub(crate) fn with_identity(mut self, statements: &Value) -> Self {
        self.identity.push(parse(PolicyKind::Identity, statements));
        self
    }

    pub(crate) fn key(statements: &Value) -> Self {
        let resource = parse(PolicyKind::KeyPolicy, statements);
        Self {
            resource: Some((resource, Some(ResourceRule::KeyPolicy))),
            ..Self::default()
        }
    }

    pub(crate) fn resource(statements: &Value) -> Self {
        let resource = parse(PolicyKind::Resource, statements);
        Self {
            resource: Some((resource, None)),
            ..Self::default()
        }
    }

    pub(crate) fn with_boundary(mut self, statements: &Value) -> Self {
        self.boundary = Some(parse(PolicyKind::Boundary, statements));
        self
    }

    pub(crate) fn with_session(mut self, statements: &Value) -> Self {
        self.session = Some(parse(PolicyKind::Session, statements));
        self
    }

    /// Hands the borrowed form to `use_sources`.
    pub(crate) fn with_sources<T>(&self, use_sources: impl FnOnce(&Sources<'_>) -> T) -> T {
        fn name<'a>(name: &'a str, policies: &'a [Policy]) -> Vec<Named<'a>> {
            policies
                .iter()
                .map(|policy| Named { name, policy })
                .collect()
        }
        let identity = name("identity", &self.identity);
        let boundary = self.boundary.as_ref().map(std::slice::from_ref);
        let boundary = boundary.map(|policies| name("boundary", policies));
        let session = self.session.as_ref().map(std::slice::from_ref);
        let session = session.map(|policies| name("session", policies));
        let endpoint = self.endpoint.as_ref().map(std::slice::from_ref);
        let endpoint = endpoint.map(|policies| name("endpoint", policies));
        let scps: Vec<_> = self.scps.iter().map(|level| name("scp", level)).collect();
        let scps: Vec<&[Named<'_>]> = scps.iter().map(Vec::as_slice).collect();
        let rcps: Vec<_> = self.rcps.iter().map(|level| name("rcp", level)).collect();
        let rcps: Vec<&[Named<'_>]> = rcps.iter().map(Vec::as_slice).collect();
        let resource = self.resource.as_ref().map(|(policy, rule)| {
            (
                Named {
                    name: "resource",
                    policy,
                },
                rule.unwrap_or(ResourceRule::Standard),
            )
        });
        use_sources(&Sources {
            identity: &identity,
            resource,
            boundary: boundary.as_deref(),
            session: session.as_deref(),
            scps: &scps,
            rcps: &rcps,
            endpoint: endpoint.as_deref(),
            grant: self.grant,
        })
    }

    pub(crate) fn ask(&self, principal: Principal<'_>, action: &str, resource: &str) -> Answer {
        self.ask_in(&Context::default(), principal, action, resource)
    }

    /// The resource belongs to the account of its ARN, or to [`ACCOUNT`].
    pub(crate) fn ask_in(
        &self,
        context: &Context,
        principal: Principal<'_>,
        action: &str,
        resource: &str,
    ) -> Answer {
        let owner = resource
            .split(':')
            .nth(4)
            .filter(|account| !account.is_empty());
        let request = Request {
            principal,
            action,
            resource,
            resource_account: owner.unwrap_or(ACCOUNT),
            conditions: context,
        };
        self.with_sources(|sources| Answer::new(decide(&request, sources), action))
    }
}

/// A decision without borrows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) outcome: Outcome,
    pub(crate) because: String,
}

impl Answer {
    pub(crate) fn new(decision: Decision<'_>, action: &str) -> Self {
        Self {
            outcome: decision.outcome,
            because: decision.because(action),
        }
    }

    pub(crate) fn allowed(&self) -> bool {
        self.outcome == Outcome::Allow
    }
}
