//! `strongroom:ExplainDecision`: how a call of a user, a role or the root user would be decided now, and why.
//!
//! It reads the policies as they stand, those of the resource and of the organization included, and
//! asks the engine that decides real calls. It shows nothing of other accounts.

use std::borrow::Cow;
use std::sync::Arc;

use platform::{
    Authorized, Caller, CallerKind, Ctx, Held, Membership, NamedPolicy, Resource, ResourcePolicy,
    Result,
};
use policy::{
    Decision, Effect, Layer, Named, Outcome, Policy, Reason, Request, ResourceRule, Sources, decide,
};

use crate::operator::invalid;
use crate::operator::tables::{ExplainRequest, ExplainResponse, Finding};
use crate::simulation::context::Context;
use crate::simulation::subject::{Found, Subject};
use crate::target::Place;

/// The name of the session in which a role is taken to call.
const SESSION: &str = "explain";

pub(super) async fn explain_decision(ctx: &Ctx, req: ExplainRequest) -> Result<ExplainResponse> {
    let place = Place::new(ctx, req.resource.clone());
    ctx.authorize("strongroom:ExplainDecision", place)
        .decide()
        .await?;
    let (caller, tags) = principal(ctx, &req.principal).await?;
    let owner = req
        .resource
        .split(':')
        .nth(4)
        .filter(|owner| !owner.is_empty());
    if owner.is_some_and(|owner| owner != ctx.account()) {
        return Err(invalid(
            "the resource belongs to another account, which alone may see its policy",
        ));
    }

    let mut context = Context::default();
    for key in req.context {
        context.give(&key.name, key.values);
    }
    derive(&caller, &tags, &mut context);
    let held = {
        let (directory, mut txn) = ctx.directory().await;
        directory.held(&mut txn, &caller).await?
    };
    let found = ctx.find_resource(&req.resource).await?;
    let case = Case {
        caller: &caller,
        action: &req.action,
        resource: &req.resource,
        context: &context,
        held: &held,
        membership: ctx.membership(ctx.account()).await?,
        found,
    };
    case.explained(ctx)
}

/// The principal of this ARN as it would call, and its tags.
async fn principal(ctx: &Ctx, arn: &str) -> Result<(Caller, Vec<(String, String)>)> {
    const ACTION: &str = "iam:SimulatePrincipalPolicy";
    let account = ctx.account();
    if arn == format!("arn:aws:iam::{account}:root") {
        let place = Place::new(ctx, arn.to_owned());
        ctx.authorize(ACTION, place).decide().await?;
        return Ok((Caller::root(account, ""), Vec::new()));
    }
    let subject = Subject::of_arn(ctx, arn).await?.permit(ctx, ACTION).await?;
    Ok((caller(&subject)?, subject.tags().to_vec()))
}

/// The principal as it would call.
fn caller(subject: &Authorized<Subject>) -> Result<Caller> {
    let account = subject.account().to_owned();
    match &subject.found {
        Some(Found::User(user)) => Ok(Caller {
            account,
            arn: user.arn(),
            user_id: user.user_id.clone(),
            kind: CallerKind::User {
                name: user.name.clone(),
            },
            access_key_id: String::new(),
            session: None,
        }),
        Some(Found::Role(role)) => Ok(Caller {
            arn: format!(
                "arn:aws:sts::{account}:assumed-role/{}/{SESSION}",
                role.name
            ),
            account,
            user_id: format!("{}:{SESSION}", role.role_id),
            kind: CallerKind::Role {
                name: role.name.clone(),
                role_arn: role.arn(),
                session_name: SESSION.to_owned(),
            },
            access_key_id: String::new(),
            session: None,
        }),
        Some(Found::Group(_)) | None => Err(invalid("groups make no calls; name a user or a role")),
    }
}

fn derive(caller: &Caller, tags: &[(String, String)], context: &mut Context) {
    for (key, value) in tags {
        context.derive(&format!("aws:PrincipalTag/{key}"), value);
    }
    context.derive("aws:PrincipalArn", caller.principal_arn());
    context.derive("aws:PrincipalAccount", &caller.account);
    context.derive("aws:PrincipalType", caller.principal_type());
    context.derive("aws:userid", &caller.user_id);
    context.derive("aws:ResourceAccount", &caller.account);
    if let Some(name) = caller.user_name() {
        context.derive("aws:username", name);
    }
}

/// A decision in words.
struct Answer {
    word: &'static str,
    reason: String,
    encoded_message: Option<String>,
}

/// Everything that a decision is made of.
struct Case<'a> {
    caller: &'a Caller,
    action: &'a str,
    resource: &'a str,
    context: &'a Context,
    held: &'a Held,
    membership: Option<Arc<Membership>>,
    found: Option<Box<dyn Resource>>,
}

impl Case<'_> {
    fn explained(&self, ctx: &Ctx) -> Result<ExplainResponse> {
        let request = Request {
            principal: self.caller.principal(),
            action: self.action,
            resource: self.resource,
            resource_account: &self.caller.account,
            conditions: self.context,
        };
        let Answer {
            word,
            reason,
            encoded_message,
        } = self.decide(ctx, &request)?;
        self.context.take_missing();
        let mut policies = Vec::new();
        for (layer, name, policy) in self.policies() {
            let statements = policy.statements();
            statements
                .iter()
                .for_each(|statement| statement.consult(&request));
            let bounded = self.held.boundary.is_some();
            policies.push(Finding {
                layer: layer.to_string(),
                policy: name.into_owned(),
                says: says(policy, &request, bounded),
            });
        }
        Ok(ExplainResponse {
            decision: word.to_owned(),
            reason,
            policies,
            missing_keys: self.context.take_missing(),
            encoded_message,
        })
    }

    fn decide(&self, ctx: &Ctx, request: &Request<'_>) -> Result<Answer> {
        let identity: Vec<Named<'_>> = self.held.identity.iter().map(named).collect();
        let boundary = self.held.boundary.as_ref().map(|one| [named(one)]);
        let levels = |levels: fn(&Membership) -> &Vec<Vec<Arc<NamedPolicy>>>| {
            let levels = self
                .membership
                .iter()
                .flat_map(move |member| levels(member));
            levels
                .map(|level| level.iter().map(named).collect())
                .collect()
        };
        let scps: Vec<Vec<Named<'_>>> = levels(|member| &member.scps);
        let rcps: Vec<Vec<Named<'_>>> = levels(|member| &member.rcps);
        let scps: Vec<&[Named<'_>]> = scps.iter().map(Vec::as_slice).collect();
        let rcps: Vec<&[Named<'_>]> = rcps.iter().map(Vec::as_slice).collect();
        let attached = self.attached();
        let sources = Sources {
            identity: &identity,
            resource: attached.as_ref().map(|attached| {
                let (name, policy) = (attached.name, attached.policy);
                (Named { name, policy }, attached.rule)
            }),
            boundary: boundary.as_ref().map(<[_; 1]>::as_slice),
            scps: &scps,
            rcps: &rcps,
            ..Sources::default()
        };
        let decision = decide(request, &sources);
        let word = match decision.outcome {
            Outcome::Allow => "allowed",
            Outcome::ExplicitDeny => "explicitDeny",
            Outcome::ImplicitDeny => "implicitDeny",
        };
        let is_refused = decision.outcome != Outcome::Allow;
        let encode = || ctx.encode_authorization_message(self.caller, request, &decision);
        Ok(Answer {
            word,
            reason: sentence(&decision),
            encoded_message: is_refused.then(encode).transpose()?,
        })
    }

    /// The policy of the resource. A trust policy speaks of those who assume the role, not of those
    /// who manage it.
    fn attached(&self) -> Option<ResourcePolicy<'_>> {
        let attached = self.found.as_ref()?.policy()?;
        let concerns = attached.rule != ResourceRule::Trust || self.action.starts_with("sts:");
        concerns.then_some(attached)
    }

    /// Every policy that takes part, in the order in which layers are looked at.
    fn policies(&self) -> Vec<(Layer, Cow<'_, str>, &Policy)> {
        let mut all: Vec<(Layer, Cow<'_, str>, &Policy)> = Vec::new();
        if let Some(member) = &self.membership {
            for one in member.scps.iter().flatten() {
                all.push((Layer::ServiceControl, Cow::Borrowed(&one.name), &one.policy));
            }
            for one in member.rcps.iter().flatten() {
                all.push((
                    Layer::ResourceControl,
                    Cow::Borrowed(&one.name),
                    &one.policy,
                ));
            }
        }
        for one in &self.held.identity {
            all.push((Layer::Identity, Cow::Borrowed(&one.name), &one.policy));
        }
        if let Some(attached) = self.attached() {
            all.push((
                Layer::Resource,
                Cow::Borrowed(attached.name),
                attached.policy,
            ));
        }
        if let Some(one) = &self.held.boundary {
            all.push((Layer::Boundary, Cow::Borrowed(&one.name), &one.policy));
        }
        all
    }
}

fn named(one: &Arc<NamedPolicy>) -> Named<'_> {
    Named {
        name: &one.name,
        policy: &one.policy,
    }
}

/// Which statements of a policy apply, and what they do.
fn says(policy: &Policy, request: &Request<'_>, bounded: bool) -> String {
    let said = policy.applying(request, bounded).map(|(index, statement)| {
        let effect = match statement.effect() {
            Effect::Allow => "allows",
            Effect::Deny => "denies",
        };
        match statement.sid() {
            Some(sid) => format!("statement {} ({sid}) {effect}", index + 1),
            None => format!("statement {} {effect}", index + 1),
        }
    });
    let said: Vec<String> = said.collect();
    if said.is_empty() {
        return "says nothing about it".to_owned();
    }
    said.join(", ")
}

/// What decided.
fn sentence(decision: &Decision<'_>) -> String {
    match decision.reason {
        Reason::Statement {
            layer,
            policy,
            index,
            sid,
        } => {
            let effect = if decision.outcome == Outcome::Allow {
                "allows"
            } else {
                "denies"
            };
            let sid = sid.map_or_else(String::new, |sid| format!(" ({sid})"));
            format!(
                "statement {}{sid} of the {layer} {policy} {effect} it",
                index + 1
            )
        }
        Reason::NoAllow(layer) => format!("no {layer} allows it"),
        Reason::RootUser => "the root user needs no policy".to_owned(),
        Reason::Grant => "a grant of the key allows it".to_owned(),
    }
}
