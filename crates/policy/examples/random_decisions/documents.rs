//! The policies of one set, as documents and as the engine reads them.

use crate::random::Random;
use crate::requests::Asked;
use crate::writer::Writer;
use policy::{Layer, Named, Outcome, Policy, PolicyKind, Reason, ResourceRule, Sources, decide};
use serde_json::{Value, json};

/// The documents of one set.
pub(crate) struct Documents {
    identity: Vec<Value>,
    resource: Option<Value>,
    rule: ResourceRule,
    boundary: Option<Value>,
    session: Option<Value>,
    scps: Vec<Vec<Value>>,
    rcps: Vec<Vec<Value>>,
    endpoint: Option<Value>,
}

impl Documents {
    pub(crate) fn draw(random: &mut Random, asked: &Asked) -> Self {
        let account = asked.has_account();
        let rule = asked.target.rule;
        let mut one = |kind, percent| {
            random
                .chance(percent)
                .then(|| Writer::new(random, asked, kind).document())
        };
        let resource = match rule {
            ResourceRule::Standard => one(PolicyKind::Resource, 60),
            ResourceRule::KeyPolicy => one(PolicyKind::KeyPolicy, 100),
            ResourceRule::Trust => one(PolicyKind::Trust, 100),
        };
        let mut identity = Vec::new();
        for percent in [95, 50] {
            identity.extend(one(PolicyKind::Identity, if account { percent } else { 0 }));
        }
        let boundary = one(PolicyKind::Boundary, if account { 15 } else { 0 });
        let session = one(
            PolicyKind::Session,
            if asked.has_session() { 25 } else { 0 },
        );
        let endpoint = random.chance(8).then(|| {
            let mut writer = Writer::new(random, asked, PolicyKind::Resource);
            writer.everyone = true;
            writer.document()
        });
        let mut levels = |kind, percent| {
            let count = if random.chance(percent) {
                1 + random.below(3)
            } else {
                0
            };
            let mut levels = Vec::new();
            for _ in 0..count {
                let mut level = Vec::new();
                if kind == PolicyKind::ServiceControl && random.chance(85) {
                    level.push(full_access());
                }
                if level.is_empty() || random.chance(40) {
                    level.push(Writer::new(random, asked, kind).document());
                }
                levels.push(level);
            }
            levels
        };
        let scps = levels(PolicyKind::ServiceControl, if account { 25 } else { 0 });
        let rcps = levels(PolicyKind::ResourceControl, 15);
        Self {
            identity,
            resource,
            rule,
            boundary,
            session,
            scps,
            rcps,
            endpoint,
        }
    }

    pub(crate) fn describe(&self) -> Value {
        json!({
            "identity": self.identity,
            "resource": self.resource,
            "boundary": self.boundary,
            "session": self.session,
            "scps": self.scps,
            "rcps": self.rcps,
            "endpoint": self.endpoint,
        })
    }

    pub(crate) fn parse(&self) -> Result<Parsed, String> {
        let optional = |document: &Option<Value>, kind| -> Result<Option<Vec<Policy>>, String> {
            document
                .as_ref()
                .map(|document| Ok(vec![parse(document, kind)?]))
                .transpose()
        };
        let levels = |levels: &[Vec<Value>], kind| -> Result<Vec<Vec<Policy>>, String> {
            levels
                .iter()
                .map(|level| level.iter().map(|one| parse(one, kind)).collect())
                .collect()
        };
        let kind = match self.rule {
            ResourceRule::Standard => PolicyKind::Resource,
            ResourceRule::KeyPolicy => PolicyKind::KeyPolicy,
            ResourceRule::Trust => PolicyKind::Trust,
        };
        let identity = self
            .identity
            .iter()
            .map(|one| parse(one, PolicyKind::Identity));
        Ok(Parsed {
            identity: identity.collect::<Result<_, _>>()?,
            resource: self
                .resource
                .as_ref()
                .map(|one| parse(one, kind))
                .transpose()?,
            rule: self.rule,
            boundary: optional(&self.boundary, PolicyKind::Boundary)?,
            session: optional(&self.session, PolicyKind::Session)?,
            endpoint: optional(&self.endpoint, PolicyKind::Resource)?,
            scps: levels(&self.scps, PolicyKind::ServiceControl)?,
            rcps: levels(&self.rcps, PolicyKind::ResourceControl)?,
        })
    }
}

fn parse(document: &Value, kind: PolicyKind) -> Result<Policy, String> {
    let text = document.to_string();
    Policy::parse(&text, kind).map_err(|error| format!("{error} ({}): {text}", error.detail()))
}

fn full_access() -> Value {
    let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

/// The documents of one set, ready to decide.
pub(crate) struct Parsed {
    identity: Vec<Policy>,
    resource: Option<Policy>,
    rule: ResourceRule,
    boundary: Option<Vec<Policy>>,
    session: Option<Vec<Policy>>,
    endpoint: Option<Vec<Policy>>,
    scps: Vec<Vec<Policy>>,
    rcps: Vec<Vec<Policy>>,
}

impl Parsed {
    /// The outcome, and the layer that made it.
    pub(crate) fn decide(&self, asked: &Asked) -> (&'static str, Option<String>) {
        let optional = |list: &'_ Option<Vec<Policy>>| list.is_some();
        let empty = Vec::new();
        let (boundary, session, endpoint) = (
            named(self.boundary.as_ref().unwrap_or(&empty)),
            named(self.session.as_ref().unwrap_or(&empty)),
            named(self.endpoint.as_ref().unwrap_or(&empty)),
        );
        let identity = named(&self.identity);
        let scps: Vec<_> = self.scps.iter().map(|level| named(level)).collect();
        let scps: Vec<&[Named<'_>]> = scps.iter().map(Vec::as_slice).collect();
        let rcps: Vec<_> = self.rcps.iter().map(|level| named(level)).collect();
        let rcps: Vec<&[Named<'_>]> = rcps.iter().map(Vec::as_slice).collect();
        let resource = self.resource.as_ref();
        let sources = Sources {
            identity: &identity,
            resource: resource.map(|policy| (Named { name: "", policy }, self.rule)),
            boundary: optional(&self.boundary).then_some(&boundary),
            session: optional(&self.session).then_some(&session),
            endpoint: optional(&self.endpoint).then_some(&endpoint),
            scps: &scps,
            rcps: &rcps,
            grant: None,
        };
        let decision = decide(&asked.request(), &sources);
        let layer = match decision.reason {
            Reason::Statement { layer, .. } | Reason::NoAllow(layer) => Some(layer),
            Reason::RootUser | Reason::Grant => None,
        };
        let outcome = match decision.outcome {
            Outcome::Allow => "Allowed",
            Outcome::ExplicitDeny => "ExplicitlyDenied",
            Outcome::ImplicitDeny => "ImplicitlyDenied",
        };
        (outcome, layer.map(|layer: Layer| layer.to_string()))
    }
}

fn named(policies: &[Policy]) -> Vec<Named<'_>> {
    policies
        .iter()
        .map(|policy| Named { name: "", policy })
        .collect()
}
