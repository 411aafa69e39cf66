//! The services that have AWS managed keys, and the key policies of these keys, as AWS shows them.
//!
//! Source: the policies that GetKeyPolicy returns for these keys, and "AWS managed keys" (AWS KMS
//! developer guide).

/// A service with an AWS managed key, `alias/aws/NAME`.
pub(crate) struct ManagedService {
    /// What comes behind `alias/aws/`.
    pub(crate) name: &'static str,
    /// What its endpoints begin with: `kms:ViaService` without Region and domain.
    pub(crate) endpoints: &'static [&'static str],
    /// What the key protects, for its description.
    pub(crate) protects: &'static str,
    /// `Id` of the key policy.
    pub(crate) policy_id: &'static str,
    /// Its statements.
    pub(crate) statements: &'static [Statement],
}

/// A statement of the key policy of an AWS managed key.
pub(crate) enum Statement {
    /// Whoever may use the service in the account may use the key through it.
    Through {
        /// The statement's `Sid`.
        sid: &'static str,
        actions: &'static [&'static str],
        /// `kms:ViaService`, with `*` for any Region or `{region}`.
        via: &'static str,
    },
    /// The account decides who sees the key.
    Metadata { actions: &'static [&'static str] },
    /// The service principal sees the key.
    Describes {
        sid: &'static str,
        service: &'static str,
    },
    /// Any other, as JSON with `{account}` and `{region}`.
    Other(&'static str),
}

use Statement::{Describes, Metadata, Other, Through};

const ENCRYPT: &str = "kms:Encrypt";
const DECRYPT: &str = "kms:Decrypt";
const RE_ENCRYPT: &str = "kms:ReEncrypt*";
const DATA_KEYS: &str = "kms:GenerateDataKey*";
const GRANT: &str = "kms:CreateGrant";
const LIST_GRANTS: &str = "kms:ListGrants";
const DESCRIBE: &str = "kms:DescribeKey";

const USE: &[&str] = &[ENCRYPT, DECRYPT, RE_ENCRYPT, DATA_KEYS, DESCRIBE];
const GRANT_USE: &[&str] = &[ENCRYPT, DECRYPT, RE_ENCRYPT, DATA_KEYS, GRANT, DESCRIBE];
const LIST_USE: &[&str] = &[
    ENCRYPT,
    DECRYPT,
    RE_ENCRYPT,
    DATA_KEYS,
    GRANT,
    LIST_GRANTS,
    DESCRIBE,
];

/// Of keys that nobody makes grants for.
const SEE: Statement = Metadata {
    actions: &["kms:Describe*", "kms:Get*", "kms:List*"],
};
/// Of keys with grants.
const SEE_AND_REVOKE: Statement = Metadata {
    actions: &["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
};

/// A service whose policy names it twice in the first `Sid`.
macro_rules! through {
    ($label:literal, $actions:expr, $endpoint:literal) => {
        Through {
            sid: concat!(
                "Allow access through ",
                $label,
                " for all principals in the account that are authorized to use ",
                $label
            ),
            actions: $actions,
            via: concat!($endpoint, ".{region}.amazonaws.com"),
        }
    };
}

macro_rules! service {
    ($name:literal, $endpoints:expr, $protects:literal, $id:literal, $statements:expr) => {
        ManagedService {
            name: $name,
            endpoints: $endpoints,
            protects: $protects,
            policy_id: $id,
            statements: $statements,
        }
    };
}

/// Sorted by name.
#[rustfmt::skip]
pub(crate) static SERVICES: &[ManagedService] = &[
    service!("acm", &["acm"], "ACM private keys", "auto-acm-4", &[
        Other(ACM_DECRYPTION_GRANT), Other(ACM_ENCRYPTION_GRANT), Other(ACM_OWNER),
        Other(ACM_SAME_KEY), Other(ACM_DECRYPT),
    ]),
    service!("backup", &["backup"], "Backup data", "auto-backup-1", &[
        Through {
            sid: "Allow access through Backup for all principals in the account that are authorized to use Backup Storage",
            actions: &[GRANT, DECRYPT, DATA_KEYS],
            via: "backup.{region}.amazonaws.com",
        },
        SEE_AND_REVOKE,
    ]),
    service!("codecommit", &["codecommit"], "CodeCommit repositories", "auto-codecommit-2", &[
        through!("CodeCommit", USE, "codecommit"), SEE,
    ]),
    service!("connect", &["connect"], "Connect data", "auto-connect-3", &[
        through!("Connect", &[GRANT, "kms:Describe*", "kms:Get*", "kms:List*"], "connect"),
        Describes { sid: "Allow Connect to directly describe the key", service: "connect.amazonaws.com" },
        SEE_AND_REVOKE,
        Other(CONNECT_DIRECT),
        Other(CONNECT_CONTEXT),
        through!("S3", &[DECRYPT], "s3"),
        through!("KVS", &[DECRYPT], "kinesisvideo"),
    ]),
    service!("dynamodb", &["dynamodb"], "DynamoDB data", "auto-dynamodb-3", &[
        Through {
            sid: "Allow access through Amazon DynamoDB for all principals in the account that are authorized to use Amazon DynamoDB",
            actions: GRANT_USE,
            via: "dynamodb.*.amazonaws.com",
        },
        SEE_AND_REVOKE,
        Describes { sid: "Allow DynamoDB to directly describe the key", service: "dynamodb.amazonaws.com" },
    ]),
    service!("ebs", &["ec2"], "EBS volumes", "auto-ebs-2", &[
        through!("EBS", GRANT_USE, "ec2"), SEE_AND_REVOKE,
    ]),
    service!("elasticfilesystem", &["elasticfilesystem"], "EFS filesystems", "auto-elasticfilesystem-1", &[
        Through {
            sid: "Allow access to EFS for all principals in the account that are authorized to use EFS",
            actions: GRANT_USE,
            via: "elasticfilesystem.{region}.amazonaws.com",
        },
        SEE_AND_REVOKE,
    ]),
    service!("es", &["es"], "Elasticsearch data", "auto-es-2", &[
        through!("OpenSearch Service", GRANT_USE, "es"),
        SEE_AND_REVOKE,
        Describes {
            sid: "Allow OpenSearch service principals to describe the key directly",
            service: "es.amazonaws.com",
        },
    ]),
    service!("fsx", &["fsx"], "FSx resources", "auto-fsx-1", &[
        through!("FSx", LIST_USE, "fsx"), SEE_AND_REVOKE,
    ]),
    service!("glue", &["glue"], "Glue data", "auto-glue-1", &[
        through!("Glue", GRANT_USE, "glue"), SEE_AND_REVOKE,
    ]),
    service!("kinesis", &["kinesis"], "Kinesis data", "auto-kinesis-1", &[
        through!("Amazon Kinesis", USE, "kinesis"), SEE,
    ]),
    service!("kinesisvideo", &["kinesisvideo"], "kinesisvideo data", "auto-kinesisvideo-1", &[
        through!("Kinesis Video Streams", GRANT_USE, "kinesisvideo"), SEE_AND_REVOKE,
    ]),
    service!("lambda", &["lambda"], "Lambda functions", "auto-awslambda", &[
        through!("AWS Lambda", GRANT_USE, "lambda"), SEE_AND_REVOKE,
    ]),
    service!("lightsail", &["lightsail"], "Lightsail signals", "auto-lightsail-1", &[
        through!("Lightsail", USE, "lightsail"),
        SEE,
        Describes {
            sid: "Allow Lightsail with service principal name lightsail.amazonaws.com to describe the key directly",
            service: "lightsail.amazonaws.com",
        },
    ]),
    service!("rds", &["rds"], "RDS database volumes", "auto-rds-2", &[
        through!("RDS", LIST_USE, "rds"), SEE_AND_REVOKE,
    ]),
    service!("redshift", &["redshift", "redshift-serverless"], "Redshift clusters", "auto-redshift-3", &[
        through!("RedShift", GRANT_USE, "redshift"),
        through!("RedShift-Serverless", GRANT_USE, "redshift-serverless"),
        SEE_AND_REVOKE,
    ]),
    service!("s3", &["s3"], "S3 objects", "auto-s3-2", &[
        through!("S3", USE, "s3"), SEE,
    ]),
    service!("secretsmanager", &["secretsmanager"], "Secrets Manager data", "auto-secretsmanager-2", &[
        through!("AWS Secrets Manager", &[ENCRYPT, DECRYPT, RE_ENCRYPT, GRANT, DESCRIBE], "secretsmanager"),
        // AWS gives this statement the `Sid` of the one before, which it accepts from nobody else.
        Through {
            sid: "Allow data keys through AWS Secrets Manager of any Region for all principals in the account that are authorized to use AWS Secrets Manager",
            actions: &[DATA_KEYS],
            via: "secretsmanager.*.amazonaws.com",
        },
        SEE_AND_REVOKE,
    ]),
    service!("sns", &["sns"], "SNS data", "auto-sns-1", &[
        through!("SNS", &[DECRYPT, DATA_KEYS, GRANT, LIST_GRANTS, DESCRIBE], "sns"), SEE_AND_REVOKE,
    ]),
    service!("sqs", &["sqs"], "SQS messages", "auto-sqs-1", &[
        Through {
            sid: "Allow access through Simple Queue Service (SQS) for all principals in the account that are authorized to use SQS",
            actions: GRANT_USE,
            via: "sqs.{region}.amazonaws.com",
        },
        SEE_AND_REVOKE,
    ]),
    service!("ssm", &["ssm"], "SSM parameters", "auto-ssm-1", &[
        through!("SSM", USE, "ssm"), SEE,
    ]),
    service!("workspaces", &["workspaces"], "WorkSpaces volumes", "auto-workspaces-1", &[
        through!("Workspaces", LIST_USE, "workspaces"), SEE_AND_REVOKE,
    ]),
    service!("xray", &["xray"], "X-Ray data", "auto-xray-1", &[
        through!("X-Ray", GRANT_USE, "xray"),
        SEE_AND_REVOKE,
        Describes {
            sid: "Allow X-Ray Service with service principal name xray.amazonaws.com to describe the key directly",
            service: "xray.amazonaws.com",
        },
    ]),
];

const ACM_DECRYPTION_GRANT: &str = r#"{
    "Sid" : "Allow creation of decryption grants",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "*"
    },
    "Action" : "kms:CreateGrant",
    "Resource" : "*",
    "Condition" : {
      "StringEquals" : {
        "kms:CallerAccount" : "{account}",
        "kms:ViaService" : "acm.{region}.amazonaws.com"
      },
      "ForAllValues:StringEquals" : {
        "kms:GrantOperations" : "Decrypt"
      },
      "Bool" : {
        "kms:GrantIsForAWSResource" : "true"
      }
    }
  }"#;

const ACM_ENCRYPTION_GRANT: &str = r#"{
    "Sid" : "Allow creation of encryption grant",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "*"
    },
    "Action" : "kms:CreateGrant",
    "Resource" : "*",
    "Condition" : {
      "StringEquals" : {
        "kms:CallerAccount" : "{account}",
        "kms:ViaService" : "acm.{region}.amazonaws.com"
      },
      "ForAllValues:StringEquals" : {
        "kms:GrantOperations" : [ "Encrypt", "ReEncryptFrom", "ReEncryptTo" ]
      },
      "Bool" : {
        "kms:GrantIsForAWSResource" : "true"
      }
    }
  }"#;

const ACM_OWNER: &str = r#"{
    "Sid" : "Allowed operations for the key owner",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "*"
    },
    "Action" : [ "kms:DescribeKey", "kms:ListGrants", "kms:RevokeGrant", "kms:GetKeyPolicy" ],
    "Resource" : "*",
    "Condition" : {
      "StringEquals" : {
        "kms:CallerAccount" : "{account}"
      }
    }
  }"#;

const ACM_SAME_KEY: &str = r#"{
    "Sid" : "Deny re-encryption to any other key",
    "Effect" : "Deny",
    "Principal" : {
      "AWS" : "*"
    },
    "Action" : "kms:ReEncrypt*",
    "Resource" : "*",
    "Condition" : {
      "Bool" : {
        "kms:ReEncryptOnSameKey" : "false"
      }
    }
  }"#;

const ACM_DECRYPT: &str = r#"{
    "Sid" : "Allow decrypt",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "*"
    },
    "Action" : "kms:Decrypt",
    "Resource" : "*",
    "Condition" : {
      "StringEquals" : {
        "kms:CallerAccount" : "{account}",
        "kms:ViaService" : "acm.{region}.amazonaws.com"
      }
    }
  }"#;

const CONNECT_DIRECT: &str = r#"{
    "Sid" : "Restrict direct usage",
    "Effect" : "Deny",
    "Principal" : {
      "AWS" : "*"
    },
    "Action" : [ "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*" ],
    "Resource" : "*",
    "Condition" : {
      "Null" : {
        "kms:ViaService" : "true"
      }
    }
  }"#;

const CONNECT_CONTEXT: &str = r#"{
    "Sid" : "Restrict usage to Connect data",
    "Effect" : "Deny",
    "Principal" : {
      "AWS" : "*"
    },
    "Action" : [ "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*" ],
    "Resource" : "*",
    "Condition" : {
      "Null" : {
        "kms:EncryptionContext:aws:connect:OrganizationId" : "true"
      }
    }
  }"#;
