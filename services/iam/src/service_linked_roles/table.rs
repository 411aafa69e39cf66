//! The services that have service-linked roles here ("AWS services that work with IAM").

/// A service with its role.
pub(crate) struct LinkedService {
    /// The service principal.
    pub(crate) principal: &'static str,
    /// The name of the role. None of these services takes a custom suffix.
    pub(crate) role_name: &'static str,
    /// The name of the AWS managed policy of the role, below `/aws-service-role/`.
    policy: &'static str,
}

impl LinkedService {
    /// The path of the role.
    pub(crate) fn path(&self) -> String {
        path(self.principal)
    }

    /// The ARN of the role's policy.
    pub(crate) fn policy_arn(&self) -> String {
        format!("arn:aws:iam::aws:policy/aws-service-role/{}", self.policy)
    }

    /// The role's trust policy, which lets the service alone assume it.
    pub(crate) fn trust(&self) -> String {
        let principal = self.principal;
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{principal}"}},"Action":"sts:AssumeRole"}}]}}"#
        )
    }
}

/// The path of the roles of a service.
pub(crate) fn path(principal: &str) -> String {
    format!("/aws-service-role/{principal}/")
}

/// The service of this principal. Principals distinguish case.
pub(crate) fn find(principal: &str) -> Option<&'static LinkedService> {
    TABLE.iter().find(|known| known.principal == principal)
}

const fn row(
    principal: &'static str,
    role_name: &'static str,
    policy: &'static str,
) -> LinkedService {
    LinkedService {
        principal,
        role_name,
        policy,
    }
}

static TABLE: [LinkedService; 8] = [
    row(
        "access-analyzer.amazonaws.com",
        "AWSServiceRoleForAccessAnalyzer",
        "AccessAnalyzerServiceRolePolicy",
    ),
    row(
        "apidestinations.events.amazonaws.com",
        "AWSServiceRoleForAmazonEventBridgeApiDestinations",
        "AmazonEventBridgeApiDestinationsServiceRolePolicy",
    ),
    row(
        "cks.kms.amazonaws.com",
        "AWSServiceRoleForKeyManagementServiceCustomKeyStores",
        "AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy",
    ),
    row(
        "cloudtrail.amazonaws.com",
        "AWSServiceRoleForCloudTrail",
        "CloudTrailServiceRolePolicy",
    ),
    row(
        "events.amazonaws.com",
        "AWSServiceRoleForCloudWatchEvents",
        "CloudWatchEventsServiceRolePolicy",
    ),
    row(
        "mrk.kms.amazonaws.com",
        "AWSServiceRoleForKeyManagementServiceMultiRegionKeys",
        "AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy",
    ),
    row(
        "organizations.amazonaws.com",
        "AWSServiceRoleForOrganizations",
        "AWSOrganizationsServiceTrustPolicy",
    ),
    row(
        "ssm.amazonaws.com",
        "AWSServiceRoleForAmazonSSM",
        "AmazonSSMServiceRolePolicy",
    ),
];

#[cfg(test)]
mod tests {
    use policy::{Policy, PolicyKind};

    use super::*;
    use crate::aws_managed;

    #[test]
    fn every_role_has_a_policy_and_a_trust_policy() {
        for service in &TABLE {
            assert!(aws_managed::find(&service.policy_arn()).is_some());
            assert!(Policy::parse(&service.trust(), PolicyKind::Trust).is_ok());
            assert!(service.role_name.starts_with("AWSServiceRoleFor"));
            assert!(service.role_name.len() <= 64);
        }
    }
}
