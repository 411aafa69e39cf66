//! AWS's own policies, which are attached to everything once their type is enabled.

use std::sync::{Arc, OnceLock};

use platform::{NamedPolicy, Result};

use crate::organization::membership::{RESOURCE_CONTROL, SERVICE_CONTROL, parse};

/// A policy that AWS keeps.
pub(crate) struct Managed {
    /// The id, which is also the end of the ARN.
    pub(crate) id: &'static str,
    /// The type.
    pub(crate) kind: &'static str,
    /// The name.
    pub(crate) name: &'static str,
    /// The description.
    pub(crate) description: &'static str,
    /// The JSON text.
    pub(crate) content: &'static str,
    parsed: OnceLock<Arc<NamedPolicy>>,
}

static MANAGED: [Managed; 2] = [
    Managed {
        id: "p-FullAWSAccess",
        kind: SERVICE_CONTROL,
        name: "FullAWSAccess",
        description: "Allows access to every operation",
        content: r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "*",
      "Resource": "*"
    }
  ]
}"#,
        parsed: OnceLock::new(),
    },
    Managed {
        id: "p-RCPFullAWSAccess",
        kind: RESOURCE_CONTROL,
        name: "RCPFullAWSAccess",
        description: "Allows access to every resource",
        content: r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": "*",
      "Action": "*",
      "Resource": "*"
    }
  ]
}"#,
        parsed: OnceLock::new(),
    },
];

impl Managed {
    /// The ARN, which is the same in every organization.
    pub(crate) fn arn(&self) -> String {
        let kind = self.kind.to_ascii_lowercase();
        format!("arn:aws:organizations::aws:policy/{kind}/{}", self.id)
    }

    /// The document, parsed once.
    pub(crate) fn parsed(&self) -> Result<Arc<NamedPolicy>> {
        if let Some(parsed) = self.parsed.get() {
            return Ok(Arc::clone(parsed));
        }
        let parsed = parse(&self.arn(), self.kind, self.content)?;
        Ok(Arc::clone(self.parsed.get_or_init(|| parsed)))
    }
}

/// The policy of this id, if it is AWS's.
pub(crate) fn of_id(id: &str) -> Option<&'static Managed> {
    MANAGED.iter().find(|managed| managed.id == id)
}

/// The policy of this type, if AWS has one.
pub(crate) fn of_kind(kind: &str) -> Option<&'static Managed> {
    MANAGED.iter().find(|managed| managed.kind == kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_control_policy_of_aws_is_understood() {
        let managed = of_kind(SERVICE_CONTROL).unwrap();
        assert!(managed.parsed().is_ok());
        assert_eq!(
            managed.arn(),
            "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"
        );
    }
}
