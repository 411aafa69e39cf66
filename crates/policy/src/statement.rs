//! One statement: compiled from JSON, matched against a request.

use crate::action::ActionPattern;
use crate::arn::ArnPattern;
use crate::condition::Condition;
use crate::decide::Request;
use crate::grammar::Outline;
use crate::json::Json;
use crate::malformed::{Fault, Refusal};
use crate::policy::PolicyKind;
use crate::principal::{NamedPrincipal, Reach};

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
    principals: Option<Clause<NamedPrincipal>>,
    actions: Clause<ActionPattern>,
    /// Absent in trust policies, whose resource is the role.
    resources: Option<Clause<ArnPattern>>,
    conditions: Box<[Condition]>,
    /// A key policy statement without action or resource: stored, never applied.
    inert: bool,
}

/// A list of an element, or of its `Not` form.
#[derive(Debug)]
struct Clause<T> {
    negated: bool,
    items: Box<[T]>,
}

impl<T> Clause<T> {
    fn covers(&self, matches: impl Fn(&T) -> bool) -> bool {
        self.items.iter().any(matches) != self.negated
    }
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

    /// Whether the statement applies to the request, and how directly it names
    /// the principal.
    pub(crate) fn applies(&self, request: &Request<'_>) -> Option<Reach> {
        if self.inert
            || !self
                .actions
                .covers(|pattern| pattern.matches(request.action))
        {
            return None;
        }
        let reach = self.reach(request)?;
        let conditions = request.conditions;
        let resource = self.resources.as_ref().is_none_or(|resources| {
            resources.covers(|pattern| pattern.matches(request.resource, conditions))
        });
        (resource && self.conditions.iter().all(|one| one.holds(conditions))).then_some(reach)
    }

    fn reach(&self, request: &Request<'_>) -> Option<Reach> {
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
            Effect::Deny => NamedPrincipal::except(&named.items, &request.principal),
        };
        (!spared).then_some(Reach::Direct)
    }

    pub(crate) fn parse(
        element: &Json,
        kind: PolicyKind,
        variables: bool,
    ) -> Result<Self, Refusal> {
        let elements = Elements::read(element)?;
        let effect = effect(elements.effect)?;
        let (not_action, action) = one_of(elements.action, elements.not_action, "Action")?;
        let (not_resource, resource) =
            one_of(elements.resource, elements.not_resource, "Resource")?;
        let (not_principal, principal) =
            one_of(elements.principal, elements.not_principal, "Principal")?;
        let sid = elements.sid.map(|sid| text(sid, "Sid")).transpose()?;
        let actions = action.map_or(Ok(vec![]), |list| texts(list, "Action"))?;
        let resources = resource.map_or(Ok(vec![]), |list| texts(list, "Resource"))?;
        let principals = principal.map(principals).transpose()?;
        kind.check(&Outline {
            sid,
            effect,
            has_principal: principal.is_some() && !not_principal,
            has_not_principal: principal.is_some() && not_principal,
            everyone: principals.as_deref() == Some(&[NamedPrincipal::Everyone]),
            actions: &actions,
            has_action: action.is_some() && !not_action,
            has_not_action: action.is_some() && not_action,
            resources: &resources,
            has_resource: resource.is_some(),
            has_condition: elements.condition.is_some(),
        })?;
        let compiled: Result<_, _> = actions
            .iter()
            .map(|text| ActionPattern::parse(text))
            .collect();
        let arn = |text: &&str| ArnPattern::resource(text, variables).map_err(Refusal::syntax);
        let arns: Result<_, _> = resources.iter().map(arn).collect();
        let conditions = elements.condition.map_or(Ok([].into()), |element| {
            Condition::parse_all(element, variables).map_err(|refusal| refusal.at("Condition"))
        });
        Ok(Self {
            sid: sid.map(Into::into),
            effect,
            principals: principals.map(|names| Clause {
                negated: not_principal,
                items: names.into(),
            }),
            actions: Clause {
                negated: not_action,
                items: compiled?,
            },
            resources: resource
                .map(|_| {
                    arns.map(|items| Clause {
                        negated: not_resource,
                        items,
                    })
                })
                .transpose()?,
            conditions: conditions?,
            inert: kind == PolicyKind::KeyPolicy && (actions.is_empty() || resources.is_empty()),
        })
    }
}

/// The elements of a statement as written.
#[derive(Default)]
struct Elements<'j> {
    sid: Option<&'j Json>,
    effect: Option<&'j Json>,
    principal: Option<&'j Json>,
    not_principal: Option<&'j Json>,
    action: Option<&'j Json>,
    not_action: Option<&'j Json>,
    resource: Option<&'j Json>,
    not_resource: Option<&'j Json>,
    condition: Option<&'j Json>,
}

impl<'j> Elements<'j> {
    fn read(element: &'j Json) -> Result<Self, Refusal> {
        let Json::Object(members) = element else {
            return Err(Refusal::syntax("a statement is an object"));
        };
        let mut elements = Self::default();
        for (name, value) in members {
            let place = match name.as_str() {
                "Sid" => &mut elements.sid,
                "Effect" => &mut elements.effect,
                "Principal" => &mut elements.principal,
                "NotPrincipal" => &mut elements.not_principal,
                "Action" => &mut elements.action,
                "NotAction" => &mut elements.not_action,
                "Resource" => &mut elements.resource,
                "NotResource" => &mut elements.not_resource,
                "Condition" => &mut elements.condition,
                _ => return Err(Refusal::syntax("unknown element").at(name)),
            };
            *place = Some(value);
        }
        Ok(elements)
    }
}

fn effect(element: Option<&Json>) -> Result<Effect, Refusal> {
    match element {
        Some(Json::Text(text)) if text == "Allow" => Ok(Effect::Allow),
        Some(Json::Text(text)) if text == "Deny" => Ok(Effect::Deny),
        Some(Json::Text(text))
            if text.eq_ignore_ascii_case("allow") || text.eq_ignore_ascii_case("deny") =>
        {
            Err(Refusal::new(
                Fault::LegacyParsing,
                format!("Effect `{text}` is wrongly cased"),
            ))
        }
        Some(_) => Err(Refusal::syntax("Effect is Allow or Deny")),
        None => Err(Refusal::syntax("Effect is missing")),
    }
}

/// The element in its plain or its `Not` form, never both.
fn one_of<'j>(
    plain: Option<&'j Json>,
    negated: Option<&'j Json>,
    name: &str,
) -> Result<(bool, Option<&'j Json>), Refusal> {
    match (plain, negated) {
        (Some(_), Some(_)) => Err(Refusal::syntax(format!("both {name} and Not{name}"))),
        (plain, None) => Ok((false, plain)),
        (None, negated) => Ok((true, negated)),
    }
}

fn text<'j>(element: &'j Json, name: &str) -> Result<&'j str, Refusal> {
    match element {
        Json::Text(text) => Ok(text),
        _ => Err(Refusal::syntax(format!("{name} must be a string"))),
    }
}

fn texts<'j>(element: &'j Json, name: &str) -> Result<Vec<&'j str>, Refusal> {
    match element {
        Json::List(list) => list.iter().map(|item| text(item, name)).collect(),
        single => text(single, name).map(|text| vec![text]),
    }
}

/// `"*"`, or an object of lists by type. Never empty.
fn principals(element: &Json) -> Result<Vec<NamedPrincipal>, Refusal> {
    let mut names = Vec::new();
    match element {
        Json::Text(text) if text == "*" => names.push(NamedPrincipal::Everyone),
        Json::Text(text) => {
            let fault = Fault::InvalidPrincipal(format!("\"{text}\""));
            return Err(Refusal::new(fault, "a principal has a type"));
        }
        Json::Object(classes) => {
            for (class, list) in classes {
                for text in texts(list, "Principal")? {
                    names.push(NamedPrincipal::parse(class, text)?);
                }
            }
        }
        _ => return Err(Refusal::syntax("Principal is `*` or an object")),
    }
    if names.is_empty() {
        return Err(Refusal::new(Fault::NoPrincipal, "an empty principal"));
    }
    Ok(names)
}
