//! The APIs that are called.

/// A service with a JSON API.
#[derive(Clone, Copy, Debug)]
pub struct Api {
    /// The service in the credential scope, for example `kms`.
    pub signing_name: &'static str,
    /// What `X-Amz-Target` begins with.
    pub target_prefix: &'static str,
    /// The variable that names its endpoint alone ("Service-specific endpoints", AWS SDKs and Tools).
    pub endpoint_variable: &'static str,
}

/// AWS Key Management Service.
pub const KMS: Api = Api {
    signing_name: "kms",
    target_prefix: "TrentService",
    endpoint_variable: "AWS_ENDPOINT_URL_KMS",
};

/// What operators ask of Parameter Store beyond AWS's API.
pub const SSM_OPERATOR: Api = Api {
    signing_name: "strongroom",
    target_prefix: "StrongroomParameterStore",
    endpoint_variable: "AWS_ENDPOINT_URL_SSM",
};

/// AWS Systems Manager, of which Parameter Store is a part.
pub const SSM: Api = Api {
    signing_name: "ssm",
    target_prefix: "AmazonSSM",
    endpoint_variable: "AWS_ENDPOINT_URL_SSM",
};

/// AWS Secrets Manager.
pub const SECRETS_MANAGER: Api = Api {
    signing_name: "secretsmanager",
    target_prefix: "secretsmanager",
    endpoint_variable: "AWS_ENDPOINT_URL_SECRETS_MANAGER",
};

/// AWS Security Token Service, which speaks the query protocol alone.
pub const STS: Api = Api {
    signing_name: "sts",
    target_prefix: "",
    endpoint_variable: "AWS_ENDPOINT_URL_STS",
};
