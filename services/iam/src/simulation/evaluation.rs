//! A scenario put to the engine: one result an action, with one part a resource.

use api::iam::{
    EvaluationResult, InvalidInputException, OrganizationsDecisionDetail,
    PermissionsBoundaryDecisionDetail, PolicyEvaluationDecisionType as Verdict,
    ResourceSpecificResult, SimulatePolicyResponse, Statement,
};
use platform::{NamedPolicy, Result};
use policy::{
    Effect, Named, Outcome, Principal, PrincipalKind, Request, ResourceRule, Sources, decide,
    reference,
};
use wire::Entries;

use crate::page::Wanted;
use crate::simulation::effort;
use crate::simulation::scenario::{Document, Scenario};

/// How many results a page has unless the caller says otherwise.
const DEFAULT_ITEMS: usize = 100;

/// The page of results that was asked for.
pub(crate) fn evaluate(mut scenario: Scenario, wanted: &Wanted) -> Result<SimulatePolicyResponse> {
    let first = match &wanted.marker {
        None => 0_usize,
        Some(marker) => marker.parse().map_err(|_| {
            platform::Error::from(InvalidInputException::new(format!(
                "Invalid Marker: {marker}"
            )))
        })?,
    };
    let size = wanted.max_items.and_then(|size| usize::try_from(size).ok());
    let room = effort::room(&scenario)?;
    let last = first.saturating_add(size.unwrap_or(DEFAULT_ITEMS).clamp(1, room));
    let actions = std::mem::take(&mut scenario.actions);
    let page = actions.iter().take(last).skip(first);
    let results = page.map(|action| scenario.result(action)).collect();
    let truncated = last < actions.len();
    Ok(SimulatePolicyResponse {
        evaluation_results: Some(results),
        is_truncated: Some(truncated),
        marker: truncated.then(|| last.to_string()),
    })
}

/// What came of one action on one resource.
struct Finding {
    resource: String,
    verdict: Verdict,
    matched: Vec<Pointed>,
    missing: Vec<String>,
    boundary: Option<bool>,
    organizations: Option<bool>,
    details: Option<Vec<(String, Verdict)>>,
}

/// A statement of a document.
#[derive(Clone, PartialEq, Eq)]
struct Pointed {
    document: usize,
    statement: usize,
}

/// What the statements of one kind of policy say.
#[derive(Clone, Copy)]
struct Said {
    allows: bool,
    denies: bool,
}

impl Said {
    fn verdict(self) -> Verdict {
        match self {
            Self { denies: true, .. } => Verdict::ExplicitDeny,
            Self { allows: true, .. } => Verdict::Allowed,
            Self { .. } => Verdict::ImplicitDeny,
        }
    }
}

impl Scenario {
    fn result(&mut self, action: &str) -> EvaluationResult {
        let resources = self.resources.clone();
        let findings: Vec<Finding> = resources
            .iter()
            .map(|resource| self.finding(action, resource))
            .collect();
        let is_named = resources.iter().any(|resource| resource != "*");
        let worst = worst(findings.iter().map(|finding| finding.verdict));
        let mut matched: Vec<Pointed> = Vec::new();
        let mut missing: Vec<String> = Vec::new();
        for finding in &findings {
            if finding.verdict == worst {
                add(&mut matched, &finding.matched);
            }
            add(&mut missing, &finding.missing);
        }
        let all = |flags: fn(&Finding) -> Option<bool>| {
            let flags: Option<Vec<bool>> = findings.iter().map(flags).collect();
            flags.map(|flags| flags.into_iter().all(|flag| flag))
        };
        EvaluationResult {
            eval_action_name: Some(action.to_owned()),
            eval_resource_name: Some(template(action, &resources)),
            eval_decision: Some(worst),
            matched_statements: Some(self.shown(&matched)),
            missing_context_values: Some(missing),
            organizations_decision_detail: all(|finding| finding.organizations).map(organizations),
            permissions_boundary_decision_detail: all(|finding| finding.boundary).map(boundary),
            eval_decision_details: details(&findings),
            resource_specific_results: is_named
                .then(|| findings.into_iter().map(|one| self.specific(one)).collect()),
        }
    }

    fn specific(&self, finding: Finding) -> ResourceSpecificResult {
        ResourceSpecificResult {
            eval_resource_name: Some(finding.resource),
            eval_resource_decision: Some(finding.verdict),
            matched_statements: Some(self.shown(&finding.matched)),
            missing_context_values: Some(finding.missing),
            eval_decision_details: finding.details.map(Entries),
            permissions_boundary_decision_detail: finding.boundary.map(boundary),
        }
    }

    fn finding(&mut self, action: &str, resource: &str) -> Finding {
        let segment = resource.split(':').nth(4).unwrap_or_default();
        let account = if segment.is_empty() {
            &self.owner
        } else {
            segment
        }
        .to_owned();
        self.context.derive("aws:ResourceAccount", &account);
        let request = Request {
            principal: self.principal(),
            action,
            resource,
            resource_account: &account,
            conditions: &self.context,
        };
        let decision = self.decide(&request);
        let bounded = self.boundary.is_some();
        let identity: Vec<&Document> = self.identity.iter().collect();
        let bounds: Vec<&Document> = self.boundary.iter().collect();
        let attached: Vec<&Document> = self.resource.iter().collect();
        let (by_identity, by_boundary, by_resource) = (
            said(&identity, &request, bounded),
            said(&bounds, &request, bounded),
            said(&attached, &request, bounded),
        );
        let organizations = self.allowed_by_organizations(&request);
        let crosses = account != self.caller.account;
        let denied_by_organization = organizations == Some(false);
        let boundary = self
            .boundary
            .as_ref()
            .map(|_| by_boundary.allows && !by_boundary.denies);
        let verdict = match decision {
            Outcome::Allow => Verdict::Allowed,
            Outcome::ExplicitDeny => Verdict::ExplicitDeny,
            Outcome::ImplicitDeny => Verdict::ImplicitDeny,
        };
        let mut parts = vec![("IAM Policy".to_owned(), by_identity.verdict())];
        parts.extend(boundary.map(|_| {
            (
                "Permissions Boundary Policy".to_owned(),
                by_boundary.verdict(),
            )
        }));
        parts.push(("Resource Policy".to_owned(), by_resource.verdict()));
        let details = match crosses {
            true => Some(parts),
            false => Some(Vec::new()),
        };
        Finding {
            resource: resource.to_owned(),
            verdict,
            matched: self.matched(&request),
            missing: self.missing(&request),
            boundary,
            organizations,
            details: details.filter(|_| resource != "*" && !denied_by_organization),
        }
    }

    fn principal(&self) -> Principal<'_> {
        let caller = &self.caller;
        Principal {
            arn: &caller.arn,
            account: &caller.account,
            kind: match caller.kind {
                "role" => PrincipalKind::Role {
                    role_arn: &caller.arn,
                },
                _ => PrincipalKind::User,
            },
            user_id: "",
        }
    }

    fn decide(&self, request: &Request<'_>) -> Outcome {
        let identity: Vec<Named<'_>> = self.identity.iter().map(Document::named).collect();
        let boundary = self.boundary.as_ref().map(|one| [one.named()]);
        let rule = if request.resource.starts_with("arn:aws:kms:") {
            ResourceRule::KeyPolicy
        } else {
            ResourceRule::Standard
        };
        let levels: Vec<Vec<Named<'_>>> = self
            .scps
            .iter()
            .flatten()
            .map(|level| level.iter().map(|one| named(one)).collect())
            .collect();
        let scps: Vec<&[Named<'_>]> = levels.iter().map(Vec::as_slice).collect();
        let sources = Sources {
            identity: &identity,
            resource: self.resource.as_ref().map(|one| (one.named(), rule)),
            boundary: boundary.as_ref().map(<[_; 1]>::as_slice),
            scps: &scps,
            ..Sources::default()
        };
        decide(request, &sources).outcome
    }

    /// Whether every level of service control policies allows and none denies.
    fn allowed_by_organizations(&self, request: &Request<'_>) -> Option<bool> {
        let levels = self.scps.as_ref()?;
        Some(levels.iter().all(|level| {
            let effects = level
                .iter()
                .flat_map(|one| one.policy.applying(request, self.boundary.is_some()))
                .map(|(_, statement)| statement.effect());
            let effects: Vec<Effect> = effects.collect();
            effects.contains(&Effect::Allow) && !effects.contains(&Effect::Deny)
        }))
    }

    /// Of each kind of policy the denials that apply, or else what allows; of the boundary its
    /// denials alone.
    fn matched(&self, request: &Request<'_>) -> Vec<Pointed> {
        let resource = self.of_kind(request, |place| place == Place::Resource);
        let identity = self.of_kind(request, |place| place == Place::Identity);
        let mut boundary = self.of_kind(request, |place| place == Place::Boundary);
        if boundary.iter().any(|(_, effect)| *effect == Effect::Allow) {
            boundary.clear();
        }
        let all = resource.into_iter().chain(identity).chain(boundary);
        all.map(|(pointed, _)| pointed).collect()
    }

    fn of_kind(
        &self,
        request: &Request<'_>,
        wanted: impl Fn(Place) -> bool,
    ) -> Vec<(Pointed, Effect)> {
        let mut found = Vec::new();
        for (index, (place, document)) in self.documents().enumerate() {
            if wanted(place) {
                let applying = document
                    .named
                    .policy
                    .applying(request, self.boundary.is_some());
                found.extend(applying.map(|(statement, compiled)| {
                    let pointed = Pointed {
                        document: index,
                        statement,
                    };
                    (pointed, compiled.effect())
                }));
            }
        }
        if found.iter().any(|(_, effect)| *effect == Effect::Deny) {
            found.retain(|(_, effect)| *effect == Effect::Deny);
        }
        found
    }

    /// The keys that identity-based and resource policies ask for in vain, as they spell them.
    fn missing(&self, request: &Request<'_>) -> Vec<String> {
        let documents = || {
            let documents = self.documents();
            documents.filter(|(place, _)| *place != Place::Boundary)
        };
        self.context.take_missing();
        for (_, document) in documents() {
            let statements = document.named.policy.statements();
            statements
                .iter()
                .for_each(|statement| statement.consult(request));
        }
        let missing = self.context.take_missing();
        let mut spelled: Vec<String> = Vec::new();
        for key in documents().flat_map(|(_, document)| &document.keys) {
            let is_missing = missing.iter().any(|one| one.eq_ignore_ascii_case(key));
            if is_missing && !spelled.iter().any(|one| one.eq_ignore_ascii_case(key)) {
                spelled.push(key.clone());
            }
        }
        spelled
    }

    pub(crate) fn documents(&self) -> impl Iterator<Item = (Place, &Document)> {
        let resource = self.resource.iter().map(|one| (Place::Resource, one));
        let identity = self.identity.iter().map(|one| (Place::Identity, one));
        let boundary = self.boundary.iter().map(|one| (Place::Boundary, one));
        resource.chain(identity).chain(boundary)
    }

    fn shown(&self, pointed: &[Pointed]) -> Vec<Statement> {
        let documents: Vec<&Document> = self.documents().map(|(_, document)| document).collect();
        let statement = |one: &Pointed| {
            let document = documents.get(one.document)?;
            let span = document.spans.get(one.statement)?;
            Some(Statement {
                source_policy_id: Some(document.named.name.clone()),
                source_policy_type: Some(document.kind),
                start_position: Some(position(span.start)),
                end_position: Some(position(span.end)),
            })
        };
        pointed.iter().filter_map(statement).collect()
    }
}

/// Which layer a document belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Resource,
    Identity,
    Boundary,
}

impl Document {
    fn named(&self) -> Named<'_> {
        named(&self.named)
    }
}

fn named(one: &NamedPolicy) -> Named<'_> {
    Named {
        name: &one.name,
        policy: &one.policy,
    }
}

fn said(documents: &[&Document], request: &Request<'_>, bounded: bool) -> Said {
    let mut said = Said {
        allows: false,
        denies: false,
    };
    for document in documents {
        for (_, statement) in document.named.policy.applying(request, bounded) {
            match statement.effect() {
                Effect::Allow => said.allows = true,
                Effect::Deny => said.denies = true,
            }
        }
    }
    said
}

/// The most restrictive decision a kind of policy, over all resources.
fn details(findings: &[Finding]) -> Option<Entries<Verdict>> {
    let each: Option<Vec<_>> = findings.iter().map(|one| one.details.as_ref()).collect();
    let mut merged: Vec<(String, Verdict)> = Vec::new();
    for (kind, verdict) in each?.into_iter().flatten() {
        match merged.iter_mut().find(|(known, _)| known == kind) {
            Some((_, known)) => *known = worst([*known, *verdict]),
            None => merged.push((kind.clone(), *verdict)),
        }
    }
    Some(Entries(merged))
}

fn worst(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
    let rank = |verdict: &Verdict| match verdict {
        Verdict::Allowed => 0,
        Verdict::ImplicitDeny => 1,
        Verdict::ExplicitDeny => 2,
    };
    let worst = verdicts.into_iter().max_by_key(rank);
    worst.unwrap_or(Verdict::ImplicitDeny)
}

fn add<T: Clone + PartialEq>(list: &mut Vec<T>, more: &[T]) {
    for one in more {
        if !list.contains(one) {
            list.push(one.clone());
        }
    }
}

/// The form of the ARNs of the type of resource that the action is simulated on, or `*`.
fn template(action: &str, resources: &[String]) -> String {
    let types = || {
        let prefix = action.split(':').next()?;
        let service = reference::service(prefix)?;
        let action = reference::action(action)?;
        let types = action.resources.iter();
        let mut types = types.filter_map(|target| service.resource(target.resource));
        types.find(|kind| resources.iter().any(|arn| kind.matches(arn)))
    };
    types().map_or_else(|| "*".to_owned(), |kind| kind.arn.to_owned())
}

fn position(position: policy::Position) -> api::iam::Position {
    api::iam::Position {
        line: i32::try_from(position.line).ok(),
        column: i32::try_from(position.column).ok(),
    }
}

fn organizations(allowed: bool) -> OrganizationsDecisionDetail {
    OrganizationsDecisionDetail {
        allowed_by_organizations: Some(allowed),
    }
}

fn boundary(allowed: bool) -> PermissionsBoundaryDecisionDetail {
    PermissionsBoundaryDecisionDetail {
        allowed_by_permissions_boundary: Some(allowed),
    }
}
