//! A statement as written: its elements, typed, before they are compiled.

use crate::json::Json;
use crate::malformed::{Fault, Refusal};
use crate::named_principal::NamedPrincipal;
use crate::statement::Effect;

/// The elements of a statement.
pub(crate) struct Outline<'j> {
    pub(crate) sid: Option<&'j str>,
    pub(crate) effect: Effect,
    pub(crate) principals: Option<Listed<NamedPrincipal>>,
    /// Whether the principals are `"*"`, written without a type.
    pub(crate) bare_star: bool,
    pub(crate) actions: Option<Listed<&'j str>>,
    pub(crate) resources: Option<Listed<&'j str>>,
    pub(crate) condition: Option<&'j Json>,
}

/// The values of an element, or of its `Not` form.
#[derive(Debug)]
pub(crate) struct Listed<T> {
    pub(crate) negated: bool,
    pub(crate) items: Box<[T]>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self {
            negated: false,
            items: [].into(),
        }
    }
}

impl<T> Listed<T> {
    /// Whether the element covers something, given what each value matches.
    pub(crate) fn covers(&self, matches: impl Fn(&T) -> bool) -> bool {
        self.items.iter().any(matches) != self.negated
    }

    pub(crate) fn compile<U>(
        &self,
        compile: impl Fn(&T) -> Result<U, Refusal>,
    ) -> Result<Listed<U>, Refusal> {
        let items = self.items.iter().map(compile).collect::<Result<_, _>>()?;
        Ok(Listed {
            negated: self.negated,
            items,
        })
    }
}

impl<'j> Outline<'j> {
    pub(crate) fn read(element: &'j Json) -> Result<Self, Refusal> {
        let elements = Elements::read(element)?;
        let strings = |name| move |list| texts(list, name);
        Ok(Self {
            sid: elements.sid.map(|sid| text(sid, "Sid")).transpose()?,
            effect: effect(elements.effect)?,
            actions: listed(
                elements.action,
                elements.not_action,
                "Action",
                strings("Action"),
            )?,
            resources: listed(
                elements.resource,
                elements.not_resource,
                "Resource",
                strings("Resource"),
            )?,
            principals: listed(
                elements.principal,
                elements.not_principal,
                "Principal",
                principals,
            )?,
            bare_star: matches!(elements.principal, Some(Json::Text(text)) if text == "*"),
            condition: elements.condition,
        })
    }

    /// The values of `Action` or `NotAction`.
    pub(crate) fn actions(&self) -> &[&'j str] {
        self.actions.as_ref().map_or(&[], |list| &list.items)
    }

    /// The values of `Resource` or `NotResource`.
    pub(crate) fn resources(&self) -> &[&'j str] {
        self.resources.as_ref().map_or(&[], |list| &list.items)
    }
}

/// The elements by name.
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
                _ => return Err(Refusal::unknown_field(name)),
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
        Some(Json::Text(text)) => Err(Refusal::new(
            Fault::InvalidEffect(text.clone()),
            format!("Effect is Allow or Deny, not `{text}`"),
        )),
        Some(_) => Err(Refusal::syntax("Effect is Allow or Deny")),
        None => Err(Refusal::new(Fault::NoEffect, "Effect is missing")),
    }
}

/// Reads an element in its plain or its `Not` form, never both.
fn listed<'j, T>(
    plain: Option<&'j Json>,
    negated: Option<&'j Json>,
    name: &str,
    read: impl Fn(&'j Json) -> Result<Vec<T>, Refusal>,
) -> Result<Option<Listed<T>>, Refusal> {
    let (negated, element) = match (plain, negated) {
        (Some(_), Some(_)) => return Err(Refusal::syntax(format!("both {name} and Not{name}"))),
        (None, None) => return Ok(None),
        (Some(element), None) => (false, element),
        (None, Some(element)) => (true, element),
    };
    Ok(Some(Listed {
        negated,
        items: read(element)?.into(),
    }))
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
