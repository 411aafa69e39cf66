//! Everything that a simulation is told, checked and parsed.

use std::sync::Arc;

use api::iam::{InvalidInputException, OrderedOrganizationPolicyType, PolicySourceType};
use platform::{NamedPolicy, Result};
use policy::{Policy, PolicyKind, Span, context_keys, statement_spans};

use crate::simulation::context::Context;
use crate::simulation::entity::{Origin, Source};
use crate::simulation::{handling, subject};

/// What is simulated.
pub(crate) struct Scenario {
    /// Identity-based policies.
    pub(crate) identity: Vec<Document>,
    /// The permissions boundary.
    pub(crate) boundary: Option<Document>,
    /// Service control policies, one list a level from the root down; none outside an organization.
    pub(crate) scps: Option<Vec<Vec<Arc<NamedPolicy>>>>,
    /// The policy of every resource.
    pub(crate) resource: Option<Document>,
    /// Whose call it is.
    pub(crate) caller: Caller,
    /// The account of resources whose ARN names none.
    pub(crate) owner: String,
    /// `kms:Decrypt`, ..
    pub(crate) actions: Vec<String>,
    /// ARNs, or `*` alone.
    pub(crate) resources: Vec<String>,
    /// The condition keys.
    pub(crate) context: Context,
}

/// A policy that can be pointed into.
pub(crate) struct Document {
    /// The name and the policy.
    pub(crate) named: NamedPolicy,
    /// How results class it.
    pub(crate) kind: PolicySourceType,
    /// Where its statements stand.
    pub(crate) spans: Vec<Span>,
    /// The keys that it refers to, as it spells them.
    pub(crate) keys: Vec<String>,
    /// The bytes of its text.
    pub(crate) size: usize,
}

/// The simulated caller.
pub(crate) struct Caller {
    /// The ARN; empty where a request names none.
    pub(crate) arn: String,
    /// The account.
    pub(crate) account: String,
    /// `user`, `group` or `role`.
    pub(crate) kind: &'static str,
    /// The name.
    pub(crate) name: String,
}

/// The members that both operations of the simulator have.
pub(crate) struct Asked {
    /// `CallerArn`, or what stands for it.
    pub(crate) caller_arn: Option<String>,
    /// `ActionNames`.
    pub(crate) actions: Vec<String>,
    /// `ResourceArns`.
    pub(crate) resources: Vec<String>,
    /// `ResourcePolicy`.
    pub(crate) resource_policy: Option<String>,
    /// `ResourceOwner`.
    pub(crate) owner: Option<String>,
    /// `ResourceHandlingOption`.
    pub(crate) handling: Option<String>,
    /// `ContextEntries`, read.
    pub(crate) context: Context,
}

impl Scenario {
    /// A scenario without identity-based policies yet, of a caller of `account` unless the request
    /// names another.
    pub(crate) fn new(asked: Asked, account: &str) -> Result<Self> {
        let caller = Caller::named(asked.caller_arn.as_deref(), account)?;
        let resources = if asked.resources.is_empty() {
            vec!["*".to_owned()]
        } else {
            asked.resources
        };
        check_names(&asked.actions, &resources)?;
        handling::check(asked.handling.as_deref(), &resources)?;
        if asked.resource_policy.is_some() && caller.kind != "user" {
            let message = "Invalid caller - Caller must be an IAM user in this context.";
            return Err(InvalidInputException::new(message).into());
        }
        let is_key = |arn: &String| arn.starts_with("arn:aws:kms:");
        let grammar = if resources.iter().all(is_key) {
            PolicyKind::KeyPolicy
        } else {
            PolicyKind::Resource
        };
        let resource = asked
            .resource_policy
            .map(|text| Document::resource(&text, grammar));
        let owner = asked.owner.as_deref().map(account_of).transpose()?;
        let mut context = asked.context;
        caller.derive(&mut context);
        Ok(Self {
            identity: Vec::new(),
            boundary: None,
            scps: None,
            resource: resource.transpose()?,
            owner: owner.unwrap_or_else(|| caller.account.clone()),
            caller,
            actions: asked.actions,
            resources,
            context,
        })
    }

    /// Adds the documents of `PolicyInputList`.
    pub(crate) fn add_inputs(&mut self, documents: Vec<String>) -> Result<()> {
        for source in inputs("PolicyInputList", documents) {
            self.identity.push(Document::identity(source)?);
        }
        Ok(())
    }

    /// Sets the boundary of `PermissionsBoundaryPolicyInputList` over the one that there is.
    pub(crate) fn set_boundary(&mut self, documents: Vec<String>) -> Result<()> {
        if documents.len() > 1 {
            let message = "Only one permissions boundary policy can be simulated.";
            return Err(InvalidInputException::new(message).into());
        }
        for source in inputs("PermissionsBoundaryPolicyInputList", documents) {
            self.boundary = Some(Document::identity(source)?);
        }
        Ok(())
    }
}

/// The service control policies of `OrderedOrganizationPolicyInputList`.
pub(crate) fn organization(
    levels: Vec<OrderedOrganizationPolicyType>,
) -> Result<Option<Vec<Vec<Arc<NamedPolicy>>>>> {
    if levels.is_empty() {
        return Ok(None);
    }
    let level = |(index, level): (usize, OrderedOrganizationPolicyType)| {
        let name = format!("OrderedOrganizationPolicyInputList.{}", index + 1);
        let documents = level.service_control_policy_input_list.unwrap_or_default();
        let parse = |source: Source| {
            let policy = parse(&source.id, &source.document, PolicyKind::ServiceControl)?;
            let name = source.id;
            Ok(Arc::new(NamedPolicy { name, policy }))
        };
        inputs(&name, documents).map(parse).collect::<Result<_>>()
    };
    let levels = levels.into_iter().enumerate().map(level);
    levels.collect::<Result<_>>().map(Some)
}

impl Document {
    /// An identity-based policy, or a boundary.
    pub(crate) fn identity(source: Source) -> Result<Self> {
        let Source { id, document, .. } = source;
        Self::read(
            id,
            &document,
            PolicyKind::Identity,
            PolicySourceType::IamPolicy,
        )
    }

    fn resource(text: &str, grammar: PolicyKind) -> Result<Self> {
        let id = "ResourcePolicy".to_owned();
        Self::read(id, text, grammar, PolicySourceType::ResourcePolicy)
    }

    fn read(id: String, text: &str, grammar: PolicyKind, kind: PolicySourceType) -> Result<Self> {
        Ok(Self {
            kind,
            spans: statement_spans(text),
            size: text.len(),
            keys: keys(&id, text, grammar)?,
            named: NamedPolicy {
                policy: parse(&id, text, grammar)?,
                name: id,
            },
        })
    }
}

/// The keys that a document of a request refers to.
pub(crate) fn keys(id: &str, text: &str, grammar: PolicyKind) -> Result<Vec<String>> {
    context_keys(text, grammar).map_err(|malformed| invalid(id, &malformed))
}

fn parse(id: &str, text: &str, grammar: PolicyKind) -> Result<Policy> {
    Policy::parse(text, grammar).map_err(|malformed| invalid(id, &malformed))
}

fn invalid(id: &str, malformed: &policy::Malformed) -> platform::Error {
    InvalidInputException::new(format!("Invalid Input Policy {id}: {malformed}")).into()
}

fn inputs(list: &str, documents: Vec<String>) -> impl Iterator<Item = Source> {
    let documents = documents.into_iter().enumerate();
    documents.map(move |(index, document)| Source {
        id: format!("{list}.{}", index + 1),
        document,
        origin: Origin::Input,
    })
}

impl Caller {
    fn named(arn: Option<&str>, account: &str) -> Result<Self> {
        let Some(arn) = arn else {
            return Ok(Self {
                arn: String::new(),
                account: account.to_owned(),
                kind: "",
                name: String::new(),
            });
        };
        let (account, kind, name) = subject::parts(arn)?;
        Ok(Self {
            arn: arn.to_owned(),
            account: account.to_owned(),
            kind,
            name: name.to_owned(),
        })
    }

    /// The keys that follow from who calls.
    fn derive(&self, context: &mut Context) {
        if self.arn.is_empty() {
            return;
        }
        context.derive("aws:PrincipalArn", &self.arn);
        context.derive("aws:PrincipalAccount", &self.account);
        match self.kind {
            "user" => {
                context.derive("aws:PrincipalType", "User");
                context.derive("aws:username", &self.name);
            }
            "role" => context.derive("aws:PrincipalType", "AssumedRole"),
            _ => {}
        }
    }
}

fn check_names(actions: &[String], resources: &[String]) -> Result<()> {
    let is_action = |name: &String| {
        let parts = name.split_once(':');
        parts.is_some_and(|(vendor, action)| !vendor.is_empty() && !action.is_empty())
            && !name.contains(['*', '?'])
    };
    if let Some(name) = actions.iter().find(|name| !is_action(name)) {
        let message = format!("ActionNames are not in a valid format: {name}.");
        return Err(InvalidInputException::new(message).into());
    }
    let is_arn =
        |arn: &String| arn == "*" || arn.starts_with("arn:") && arn.splitn(6, ':').count() == 6;
    if let Some(arn) = resources.iter().find(|arn| !is_arn(arn)) {
        let message = format!("ResourceNames are not in a valid ARN format: {arn}.");
        return Err(InvalidInputException::new(message).into());
    }
    Ok(())
}

/// The account in `arn:aws:iam::account:root`, or the number alone.
fn account_of(owner: &str) -> Result<String> {
    let inner = owner.strip_prefix("arn:aws:iam::");
    let number = inner
        .and_then(|rest| rest.strip_suffix(":root"))
        .unwrap_or(owner);
    if number.len() == 12 && number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(number.to_owned());
    }
    let message = format!("ResourceOwner is not in a valid format: {owner}.");
    Err(InvalidInputException::new(message).into())
}
