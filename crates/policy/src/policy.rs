//! A policy document.

use crate::decide::{Asked, Request};
use crate::grammar::is_cut_short;
use crate::json::Json;
use crate::limits::DOCUMENT_MAX_BYTES;
use crate::malformed::{Fault, Malformed, Refusal};
use crate::named_principal::NamedPrincipal;
use crate::outline::Outline;
use crate::statement::{Effect, Statement};
use std::collections::HashSet;

/// What a document is attached to, which decides its grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind {
    /// A user's, group's or role's policy, inline or managed.
    Identity,
    /// A resource's policy: bucket, secret, topic.
    Resource,
    /// A KMS key's policy.
    KeyPolicy,
    /// A role's trust policy.
    Trust,
    /// A permissions boundary.
    Boundary,
    /// A policy passed when a session starts.
    Session,
    /// An organization's service control policy (SCP).
    ServiceControl,
    /// An organization's resource control policy (RCP).
    ResourceControl,
}

/// `Version`; a document without one has the older version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// `2008-10-17`: `${..}` is plain text.
    V2008,
    /// `2012-10-17`: with policy variables.
    V2012,
}

/// A parsed and compiled document: parse once, share, decide often.
#[derive(Debug)]
pub struct Policy {
    kind: PolicyKind,
    version: Version,
    id: Option<String>,
    statements: Box<[Statement]>,
}

impl Policy {
    /// Parses and validates a document as AWS does for this kind of policy.
    ///
    /// The size quotas of [`crate::limits`] are the caller's to enforce; only
    /// documents beyond [`DOCUMENT_MAX_BYTES`] are refused here.
    pub fn parse(text: &str, kind: PolicyKind) -> Result<Self, Malformed> {
        Self::read(text, kind, None).map_err(|refusal| refusal.of(kind))
    }

    /// The same for a document that is new. IAM refuses more of these than it once did of those
    /// that it keeps, and all whose version is older than `oldest`.
    pub fn parse_new(text: &str, kind: PolicyKind, oldest: Version) -> Result<Self, Malformed> {
        Self::read(text, kind, Some(oldest)).map_err(|refusal| refusal.of(kind))
    }

    /// The statements of both documents in one, for a resource that has several policies. What they
    /// mean stays what their own document's version says.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let statements = self.statements.into_iter().chain(other.statements);
        Self {
            statements: statements.collect(),
            ..self
        }
    }

    /// The kind it was parsed as.
    pub fn kind(&self) -> PolicyKind {
        self.kind
    }

    /// Its version.
    pub fn version(&self) -> Version {
        self.version
    }

    /// `Id`, if it has one.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Its statements in document order.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// The statements that apply to the request, each with its position in the document from zero.
    /// `bounded` says whether the principal has a permissions boundary.
    pub fn applying<'p>(
        &'p self,
        request: &Request<'_>,
        bounded: bool,
    ) -> impl Iterator<Item = (usize, &'p Statement)> {
        let asked = Asked::about(request, bounded);
        let statements = self.statements.iter().enumerate();
        statements.filter(move |(_, statement)| statement.applies(&asked).is_some())
    }

    /// Every principal that the document names, in document order, so that the
    /// caller can check that they exist.
    pub fn principals(&self) -> impl Iterator<Item = &NamedPrincipal> {
        self.statements.iter().flat_map(Statement::principals)
    }

    /// Whether a statement allows any action of a service, named by its prefix such as `kms`: what
    /// IAM's access advisor counts as a policy that grants access to the service. Denials do not
    /// change that.
    pub fn reaches_service(&self, service: &str) -> bool {
        let mut allowing = self
            .statements
            .iter()
            .filter(|statement| statement.effect() == Effect::Allow);
        allowing.any(|statement| statement.concerns_service(service))
    }

    /// Whether a statement denies everything in a service, `kms`, whatever the resource and the
    /// request.
    pub fn closes_service(&self, service: &str) -> bool {
        let mut denying = self
            .statements
            .iter()
            .filter(|statement| statement.effect() == Effect::Deny);
        denying.any(|statement| statement.covers_service(service))
    }

    /// Whether a statement allows an action, `kms:Decrypt`, on some resource under some condition.
    /// Denials do not change that.
    pub fn reaches_action(&self, action: &str) -> bool {
        let mut statements = self.statements.iter();
        statements.any(|statement| {
            statement.effect() == Effect::Allow && statement.concerns_action(action)
        })
    }

    /// Whether a statement allows something to everyone, and no condition narrows that to callers or
    /// places that it names: what AWS calls public. Denials do not change that.
    pub fn allows_everyone(&self) -> bool {
        self.statements.iter().any(Statement::allows_everyone)
    }

    /// Refuses a document of the older version, as IAM does for new policies.
    pub fn require_current_version(&self) -> Result<(), Malformed> {
        match self.version {
            Version::V2012 => Ok(()),
            Version::V2008 => Err(old_version().of(self.kind)),
        }
    }

    fn read(text: &str, kind: PolicyKind, oldest: Option<Version>) -> Result<Self, Refusal> {
        if text.len() > DOCUMENT_MAX_BYTES {
            return Err(Refusal::new(Fault::Json, "the document is too long"));
        }
        let json = Json::parse(text).map_err(|error| Refusal::new(Fault::Json, error))?;
        let Json::Object(members) = &json else {
            return Err(Refusal::syntax("a policy is an object"));
        };
        let (mut version, mut id, mut statements) = (Version::V2008, None, None);
        for (name, value) in members {
            match (name.as_str(), value) {
                ("Version", value) => version = read_version(value)?,
                ("Id", Json::Text(text)) => id = Some(text.clone()),
                ("Id", _) => return Err(Refusal::syntax("Id must be a string")),
                ("Statement", value) => statements = Some(value),
                _ => return Err(Refusal::unknown_field(name)),
            }
        }
        if kind.needs_current_version() && version != Version::V2012 {
            return Err(old_version());
        }
        let statements = statements.ok_or_else(no_statement)?;
        let variables = version == Version::V2012;
        let elements = listed(statements)?;
        let mut found = Findings::default();
        let statements = found.read_statements(elements, kind, variables)?;
        found.add_repeated_sid(elements);
        if let Some(oldest) = oldest {
            found.add_what_is_not_new(elements, version < oldest);
        }
        found.most_pressing()?;
        Ok(Self {
            kind,
            version,
            id,
            statements,
        })
    }
}

fn read_version(value: &Json) -> Result<Version, Refusal> {
    match value {
        Json::Text(text) if text == "2008-10-17" => Ok(Version::V2008),
        Json::Text(text) if text == "2012-10-17" => Ok(Version::V2012),
        _ => Err(Refusal::new(
            Fault::InvalidVersion,
            "Version is 2012-10-17 or 2008-10-17",
        )),
    }
}

fn no_statement() -> Refusal {
    Refusal::new(Fault::NoStatement, "there is no statement")
}

fn old_version() -> Refusal {
    Refusal::new(Fault::Version, "Version must be 2012-10-17")
}

fn listed(element: &Json) -> Result<&[Json], Refusal> {
    let elements = match element {
        Json::List(list) => list.as_slice(),
        single => std::slice::from_ref(single),
    };
    if elements.is_empty() {
        return Err(no_statement());
    }
    Ok(elements)
}

/// What is wrong with a document. IAM reads one in passes, so what is wrong in a later statement
/// may be what it tells.
#[derive(Default)]
struct Findings(Vec<Refusal>);

impl Findings {
    fn read_statements(
        &mut self,
        elements: &[Json],
        kind: PolicyKind,
        variables: bool,
    ) -> Result<Box<[Statement]>, Refusal> {
        let mut statements = Vec::with_capacity(elements.len());
        for (index, element) in elements.iter().enumerate() {
            match Statement::parse(element, kind, variables) {
                Ok(statement) => statements.push(statement),
                Err(refusal) => {
                    let refusal = refusal.at(format_args!("Statement[{index}]"));
                    if !kind.is_identity_based() {
                        return Err(refusal);
                    }
                    self.0.push(refusal);
                }
            }
        }
        Ok(statements.into())
    }

    fn add_repeated_sid(&mut self, elements: &[Json]) {
        let mut seen = HashSet::new();
        let mut sids = elements
            .iter()
            .filter_map(sid)
            .filter(|sid| !sid.is_empty());
        if let Some(sid) = sids.find(|sid| !seen.insert(*sid)) {
            let detail = format!("Sid `{sid}` is repeated");
            self.0.push(Refusal::new(Fault::SidRepeated, detail));
        }
    }

    fn add_what_is_not_new(&mut self, elements: &[Json], outdated: bool) {
        if outdated {
            self.0.push(old_version());
        }
        for outline in elements.iter().flat_map(Outline::read) {
            let mut resources = outline.resources().iter();
            if let Some(cut) = resources.find(|text| is_cut_short(text)) {
                let detail = format!("`{cut}` has a segment too few");
                self.0.push(Refusal::new(Fault::LegacyParsing, detail));
            }
        }
    }

    fn most_pressing(self) -> Result<(), Refusal> {
        let found = self.0.into_iter().min_by_key(|one| one.fault.pass());
        found.map_or(Ok(()), Err)
    }
}

fn sid(element: &Json) -> Option<&str> {
    let Json::Object(members) = element else {
        return None;
    };
    let mut sids = members.iter().filter(|(name, _)| name == "Sid");
    match sids.next() {
        Some((_, Json::Text(text))) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_shared_between_threads() {
        fn check<T: Send + Sync>() {}
        check::<Policy>();
    }
}
