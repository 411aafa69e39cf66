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
    /// The policy of a VPC endpoint.
    Endpoint,
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
    /// Whether principal and resource belong to one account, so that the caller
    /// may learn which policy denied.
    pub within_account: bool,
}

impl Decision<'_> {
    /// Whether the request may go on.
    pub fn is_allowed(&self) -> bool {
        self.outcome == Outcome::Allow
    }

    /// The end of AWS's sentence `User: .. is not authorized to perform: ..`,
    /// e.g. `because no identity-based policy allows the kms:Decrypt action`.
    /// Empty when the request is allowed. An explicit deny within the account
    /// ends with the ARN of the policy, if it goes by one.
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
            (Outcome::ExplicitDeny, Reason::Statement { layer, policy, .. }) => {
                let article = if layer == Layer::Identity { "an" } else { "a" };
                let shown = self.within_account && layer.is_named() && policy.starts_with("arn:");
                let (colon, policy) = if shown { (": ", policy) } else { ("", "") };
                format!("with an explicit deny in {article} {layer}{colon}{policy}")
            }
            (Outcome::ImplicitDeny, Reason::NoAllow(layer)) => {
                format!("because no {layer} allows the {action} action")
            }
            _ => String::new(),
        }
    }
}

impl Layer {
    /// Whether AWS names policies of this kind in its messages: those of IAM and
    /// Organizations, not those of resources and endpoints.
    fn is_named(self) -> bool {
        match self {
            Self::Identity
            | Self::Boundary
            | Self::Session
            | Self::ServiceControl
            | Self::ResourceControl => true,
            Self::Resource | Self::Trust | Self::Endpoint => false,
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
            Self::Endpoint => "VPC endpoint policy",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The layers, how AWS's messages call them, and whether they name policies.
    const LAYERS: [(Layer, &str, &str, bool); 8] = [
        (Layer::Identity, "an", "identity-based policy", true),
        (Layer::Resource, "a", "resource-based policy", false),
        (Layer::Trust, "the", "role trust policy", false),
        (Layer::Boundary, "a", "permissions boundary", true),
        (Layer::Session, "a", "session policy", true),
        (Layer::ServiceControl, "a", "service control policy", true),
        (Layer::ResourceControl, "a", "resource control policy", true),
        (Layer::Endpoint, "a", "VPC endpoint policy", false),
    ];

    fn denied(layer: Layer, policy: &str, within_account: bool) -> String {
        let reason = Reason::Statement {
            layer,
            policy,
            index: 0,
            sid: None,
        };
        Decision {
            outcome: Outcome::ExplicitDeny,
            reason,
            within_account,
        }
        .because("kms:Decrypt")
    }

    #[test]
    fn sentences_are_those_of_aws() {
        for (layer, article, name, _) in LAYERS {
            let sentence = format!("with an explicit deny in {article} {name}");
            assert_eq!(denied(layer, "inline", true), sentence);
            let lacking = Decision {
                outcome: Outcome::ImplicitDeny,
                reason: Reason::NoAllow(layer),
                within_account: true,
            };
            let sentence = format!("because no {name} allows the kms:Decrypt action");
            assert_eq!(lacking.because("kms:Decrypt"), sentence);
        }
    }

    #[test]
    fn policies_with_arns_are_named_within_the_account_alone() {
        let arn = "arn:aws:iam::111111111111:policy/NoKeys";
        for (layer, article, name, named) in LAYERS {
            let plain = format!("with an explicit deny in {article} {name}");
            assert_eq!(denied(layer, arn, false), plain);
            let full = if named {
                format!("{plain}: {arn}")
            } else {
                plain
            };
            assert_eq!(denied(layer, arn, true), full);
        }
    }

    #[test]
    fn an_allow_needs_no_words() {
        let allowed = Decision {
            outcome: Outcome::Allow,
            reason: Reason::RootUser,
            within_account: true,
        };
        assert_eq!(allowed.because("kms:Decrypt"), "");
    }
}
