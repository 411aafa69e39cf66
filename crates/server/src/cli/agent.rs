//! The command line of `agent`.

use std::path::PathBuf;

use clap::Args;

pub(super) const AGENT_HELP: &str = "It answers GET /secretsmanager/get?secretId=ID, with versionId, \
versionStage and refreshNow=true, GET /v1/ID, and GET /systemsmanager/parameters/get?name=NAME, with \
version, label and withDecryption=true, as the AWS Secrets Manager Agent and the AWS Parameters and \
Secrets Lambda Extension do. Each call shows a token in the header X-Aws-Parameters-Secrets-Token: \
what AWS_TOKEN says, or the file that it names as file:///var/run/awssmatoken, or else \
AWS_SESSION_TOKEN or AWS_CONTAINER_AUTHORIZATION_TOKEN.\n\nThe configuration file takes log_level, \
http_address, http_port, region, ttl_seconds, cache_size, ssrf_headers, ssrf_env_variables, \
path_prefix, max_conn, ignore_transient_errors and validate_credentials.";

/// The options of `agent`.
#[derive(Args, Clone, Default)]
pub struct AgentOptions {
    /// The configuration, a TOML file with the keys of the AWS Secrets Manager Agent's.
    #[arg(short, long, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// The URL of the server; AWS's own will do, too [default: AWS_ENDPOINT_URL_<SERVICE>, or
    /// AWS_ENDPOINT_URL, or http://127.0.0.1:4566].
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
    /// The region [default: that of the configuration, or of the AWS environment or profile, or
    /// us-east-1].
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Send plain HTTP to an address that is not loopback. Whoever can read the network reads
    /// every plaintext.
    #[arg(long)]
    pub insecure_http: bool,
}
