//! The answer, and why.

use std::fmt;

/// Whether a request may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It may.
    Allow,
    /// A statement denies it.
    ExplicitDeny,
    /// Something that had to allow it did not.
    ImplicitDeny,
}

/// The kinds of policy, as AWS's messages tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// Identity-based policies.
    Identity,
    /// The resource's policy, a key policy included.
    Resource,
    /// The role's trust policy.
    Trust,
    /// The permissions boundary.
    Boundary,
    /// Session policies.
    Session,
    /// Service control policies.
    ServiceControl,
    /// Resource control policies.
    ResourceControl,
}

/// What decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason<'a> {
    /// A statement allowed or denied.
    Statement {
        /// Where it stands.
        layer: Layer,
        /// The policy's name as given in [`crate::Named`].
        policy: &'a str,
        /// Position in the document, from zero.
        index: usize,
        /// Its `Sid`.
        sid: Option<&'a str>,
    },
    /// This kind of policy lacked an allow.
    NoAllow(Layer),
    /// The account's root user needs no identity policy.
    RootUser,
    /// A KMS grant.
    Grant,
}

/// The answer to one request. Borrows names from the policies it was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision<'a> {
    /// The answer.
    pub outcome: Outcome,
    /// What decided.
    pub reason: Reason<'a>,
}

impl Decision<'_> {
    /// Whether the request may go on.
    pub fn is_allowed(&self) -> bool {
        self.outcome == Outcome::Allow
    }

    /// The end of AWS's sentence `User: .. is not authorized to perform: ..`,
    /// e.g. `because no identity-based policy allows the kms:Decrypt action`.
    /// Empty when the request is allowed.
    ///
    /// Source: "Troubleshoot access denied error messages" (IAM user guide).
    pub fn because(&self, action: &str) -> String {
        match (self.outcome, self.reason) {
            (
                Outcome::ExplicitDeny,
                Reason::Statement {
                    layer: Layer::Trust,
                    ..
                },
            ) => "with an explicit deny in the role trust policy".to_owned(),
            (Outcome::ExplicitDeny, Reason::Statement { layer, .. }) => {
                let article = if layer == Layer::Identity { "an" } else { "a" };
                format!("with an explicit deny in {article} {layer}")
            }
            (Outcome::ImplicitDeny, Reason::NoAllow(layer)) => {
                format!("because no {layer} allows the {action} action")
            }
            _ => String::new(),
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Identity => "identity-based policy",
            Self::Resource => "resource-based policy",
            Self::Trust => "role trust policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::ServiceControl => "service control policy",
            Self::ResourceControl => "resource control policy",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_those_of_aws() {
        let denied = |layer| {
            let reason = Reason::Statement {
                layer,
                policy: "p",
                index: 0,
                sid: None,
            };
            Decision {
                outcome: Outcome::ExplicitDeny,
                reason,
            }
            .because("kms:Decrypt")
        };
        let lacking = |layer| {
            let reason = Reason::NoAllow(layer);
            Decision {
                outcome: Outcome::ImplicitDeny,
                reason,
            }
            .because("kms:Decrypt")
        };
        assert_eq!(
            denied(Layer::Identity),
            "with an explicit deny in an identity-based policy"
        );
        assert_eq!(
            denied(Layer::Boundary),
            "with an explicit deny in a permissions boundary"
        );
        assert_eq!(
            denied(Layer::Trust),
            "with an explicit deny in the role trust policy"
        );
        let no_resource = "because no resource-based policy allows the kms:Decrypt action";
        assert_eq!(lacking(Layer::Resource), no_resource);
        let no_scp = "because no service control policy allows the kms:Decrypt action";
        assert_eq!(lacking(Layer::ServiceControl), no_scp);
    }
}
