//! One statement: compiled from JSON, matched against a request.

use crate::action::ActionPattern;
use crate::arn::ArnPattern;
use crate::condition::Condition;
use crate::decide::{Asked, Request};
use crate::json::Json;
use crate::malformed::Refusal;
use crate::named_principal::{NamedPrincipal, Reach};
use crate::outline::{Listed, Outline};
use crate::policy::PolicyKind;
use crate::prefixes::Prefixes;

/// What a matching statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Allows, unless something denies.
    Allow,
    /// Denies, whatever allows.
    Deny,
}

/// A compiled statement.
#[derive(Debug)]
pub struct Statement {
    sid: Option<Box<str>>,
    effect: Effect,
    /// Absent in policies that are attached to a principal.
    principals: Option<Listed<NamedPrincipal>>,
    actions: Listed<ActionPattern>,
    /// Turns away most of the actions that it does not cover.
    prefixes: Prefixes,
    /// Absent in trust policies, whose resource is the role.
    resources: Option<Listed<ArnPattern>>,
    conditions: Box<[Condition]>,
    /// A key policy statement without action or resource: stored, never applied.
    inert: bool,
}

impl Statement {
    /// `Sid`, if it has one.
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// `Effect`.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// Everyone that `Principal` or `NotPrincipal` names.
    pub fn principals(&self) -> impl Iterator<Item = &NamedPrincipal> {
        self.principals
            .iter()
            .flat_map(|clause| clause.items.iter())
    }

    /// Whether it allows something to everyone, and no condition narrows that to some.
    pub(crate) fn allows_everyone(&self) -> bool {
        let is_for_everyone = self.principals.as_ref().is_some_and(|principals| {
            principals.negated || principals.items.contains(&NamedPrincipal::Everyone)
        });
        self.effect == Effect::Allow
            && !self.inert
            && is_for_everyone
            && !self.conditions.iter().any(Condition::narrows)
    }

    /// Whether it is about any action of a service, on some resource under some condition.
    pub(crate) fn concerns_service(&self, service: &str) -> bool {
        let mut actions = self.actions.items.iter();
        if self.actions.negated {
            !actions.any(|pattern| pattern.covers_service(service))
        } else {
            actions.any(|pattern| pattern.names_service(service))
        }
    }

    /// Whether it is about every action of a service, on every resource, under every condition.
    pub(crate) fn covers_service(&self, service: &str) -> bool {
        let mut actions = self.actions.items.iter();
        let every_action = if self.actions.negated {
            !actions.any(|pattern| pattern.names_service(service))
        } else {
            actions.any(|pattern| pattern.covers_service(service))
        };
        let every_resource = self.resources.as_ref().is_none_or(|resources| {
            !resources.negated && resources.items.iter().any(ArnPattern::is_any)
        });
        every_action && every_resource && self.conditions.is_empty() && !self.inert
    }

    /// Whether it is about an action, on some resource under some condition.
    pub(crate) fn concerns_action(&self, action: &str) -> bool {
        !self.inert && self.actions.covers(|pattern| pattern.matches(action))
    }

    /// Whether the statement applies to the request, and how directly it names
    /// the principal.
    pub(crate) fn applies(&self, asked: &Asked<'_, '_>) -> Option<Reach> {
        let request = asked.request;
        if self.inert
            || !self.prefixes.admit(asked.prefix)
            || !self
                .actions
                .covers(|pattern| pattern.matches(request.action))
        {
            return None;
        }
        let reach = self.reach(request, asked.bounded)?;
        let conditions = request.conditions;
        let resource = self.resources.as_ref().is_none_or(|resources| {
            resources.covers(|pattern| pattern.matches(request.resource, conditions))
        });
        (resource && self.conditions.iter().all(|one| one.holds(conditions))).then_some(reach)
    }

    /// Asks `request` for every condition key on which it depends whether the statement applies:
    /// for simulations, which tell what is missing. Decisions stop at the first that fails.
    pub fn consult(&self, request: &Request<'_>) {
        let about = self
            .actions
            .covers(|pattern| pattern.matches(request.action));
        if self.inert || !about || self.reach(request, false).is_none() {
            return;
        }
        let conditions = request.conditions;
        for pattern in self.resources.iter().flat_map(|listed| listed.items.iter()) {
            pattern.matches(request.resource, conditions);
        }
        for one in &self.conditions {
            one.holds(conditions);
        }
    }

    fn reach(&self, request: &Request<'_>, bounded: bool) -> Option<Reach> {
        let Some(named) = &self.principals else {
            return Some(Reach::Direct);
        };
        let reach = named
            .items
            .iter()
            .filter_map(|name| name.reach(&request.principal))
            .max();
        if !named.negated {
            return reach;
        }
        // Each effect takes the reading that gives less access: an allow spares
        // whoever is named in any way, a deny only who is named in full.
        let spared = match self.effect {
            Effect::Allow => reach.is_some(),
            // A principal with a boundary cannot be excepted ("Permissions
            // boundaries for IAM entities", IAM user guide).
            Effect::Deny => !bounded && NamedPrincipal::except(&named.items, &request.principal),
        };
        (!spared).then_some(Reach::Direct)
    }

    /// Compiles a statement that follows the grammar of its kind of policy.
    pub(crate) fn parse(
        element: &Json,
        kind: PolicyKind,
        variables: bool,
    ) -> Result<Self, Refusal> {
        let outline = Outline::read(element)?;
        let of_identity = kind.is_identity_based();
        let conditions = outline.condition.map(|element| {
            Condition::parse_all(element, of_identity, variables)
                .map_err(|refusal| refusal.at("Condition"))
        });
        let mut conditions = conditions.transpose();
        if of_identity {
            // IAM reads conditions before it asks what a statement is about.
            conditions = Ok(conditions?);
        }
        kind.check(&outline)?;
        let inert = kind == PolicyKind::KeyPolicy
            && (outline.actions().is_empty() || outline.resources().is_empty());
        let arn = |text: &&str| ArnPattern::resource(text, variables).map_err(Refusal::syntax);
        let prefixes = match &outline.actions {
            Some(list) if !list.negated => Prefixes::of(&list.items),
            _ => Prefixes::ALL,
        };
        let actions = outline
            .actions
            .map(|list| list.compile(|text| ActionPattern::parse(text)));
        Ok(Self {
            sid: outline.sid.map(Into::into),
            effect: outline.effect,
            principals: outline.principals,
            actions: actions.transpose()?.unwrap_or_default(),
            prefixes,
            resources: outline
                .resources
                .map(|list| list.compile(arn))
                .transpose()?,
            conditions: conditions?.unwrap_or_default(),
            inert,
        })
    }
}
