//! What a user, group or role holds: inline policies, attached managed policies, a boundary.

use std::sync::Arc;

use platform::{Derived, Error, NamedPolicy, Result};
use policy::{Policy, PolicyKind};
use serde::{Deserialize, Serialize};

/// What kind of identity holds permissions.
#[derive(Clone, Copy)]
pub(crate) enum Holding {
    User,
    Group,
    Role,
}

impl Holding {
    /// The name as the names of quotas have it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::Role => "Role",
        }
    }
}

/// The policies that an identity holds.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Permissions {
    /// The inline policies.
    pub(crate) inline: Vec<InlinePolicy>,
    /// The ARNs of the attached managed policies, in the order in which they were attached.
    pub(crate) attached: Vec<String>,
    /// The ARN of the permissions boundary. Groups have none.
    pub(crate) boundary: Option<String>,
    #[serde(skip)]
    pub(crate) parsed: Derived<Vec<Arc<NamedPolicy>>>,
}

/// A policy that lives in the record of its identity.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct InlinePolicy {
    /// The name, in the case in which it was given.
    pub(crate) name: String,
    /// The JSON text, as it was given.
    pub(crate) document: String,
}

impl Permissions {
    /// The inline policies, parsed. A document that was accepted once and is not understood today
    /// fails the call: leaving it out could leave out a denial.
    pub(crate) fn inline_policies(&self) -> Result<&[Arc<NamedPolicy>]> {
        let parse = || self.inline.iter().map(InlinePolicy::parse).collect();
        self.parsed.get_or_make(parse).map(Vec::as_slice)
    }

    /// The inline policy of this name. Names do not distinguish case.
    pub(crate) fn inline(&self, name: &str) -> Option<&InlinePolicy> {
        self.inline.iter().find(|policy| policy.is_named(name))
    }

    /// Adds or replaces an inline policy, which keeps the case of the name under which it was made.
    pub(crate) fn put_inline(&mut self, name: String, document: String) {
        self.parsed = Derived::default();
        match self.inline.iter_mut().find(|policy| policy.is_named(&name)) {
            Some(replaced) => replaced.document = document,
            None => self.inline.push(InlinePolicy { name, document }),
        }
    }

    /// Takes an inline policy away, if it is there.
    pub(crate) fn remove_inline(&mut self, name: &str) -> Option<InlinePolicy> {
        self.parsed = Derived::default();
        let index = self
            .inline
            .iter()
            .position(|policy| policy.is_named(name))?;
        Some(self.inline.remove(index))
    }

    /// The characters of all inline policies together, without white space: what the quotas of
    /// "IAM and AWS STS quotas" count.
    pub(crate) fn inline_characters(&self) -> usize {
        let sizes = self
            .inline
            .iter()
            .map(|policy| policy::limits::significant_length(&policy.document));
        sizes.sum()
    }
}

impl InlinePolicy {
    fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    fn parse(&self) -> Result<Arc<NamedPolicy>> {
        parse_stored(&self.name, &self.document).map(Arc::new)
    }
}

/// Parses an identity-based policy that was accepted when it was stored.
pub(crate) fn parse_stored(name: &str, document: &str) -> Result<NamedPolicy> {
    let policy = Policy::parse(document, PolicyKind::Identity).map_err(|malformed| {
        let detail = malformed.detail();
        Error::internal(format!("a stored policy is malformed: {detail}"))
    })?;
    Ok(NamedPolicy {
        name: name.to_owned(),
        policy,
    })
}
