//! The key policy of a key that was created without one.

use crate::key_id::partition;

/// The policy that gives the account full access and thereby leaves decisions to IAM, in AWS's own
/// spacing ("Default key policy").
pub(crate) fn default_policy(region: &str, account: &str) -> String {
    let partition = partition(region);
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {{
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:{partition}:iam::{account}:root"
    }},
    "Action" : "kms:*",
    "Resource" : "*"
  }} ]
}}"#
    )
}
