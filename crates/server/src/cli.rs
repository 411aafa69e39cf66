//! The command line: one table from which parsing, `--help`, completions and the man page come.

mod agent;
mod exec;
mod functions;
mod parameters;
mod secrets;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use self::agent::AGENT_HELP;
pub use self::agent::AgentOptions;
use self::exec::EXEC_HELP;
pub use self::exec::ExecOptions;
pub use self::functions::{FunctionOptions, FunctionsOption};
pub use self::parameters::{
    CatalogueCommand, ExportOptions, ImportOptions, PathOptions, SsmCommand,
};
pub use self::secrets::{SecretsCommand, SecretsExportOptions, SecretsImportOptions};
use crate::client::Endpoint;
use crate::moment::Moment;
use crate::outbound::Opening;
use crate::proxies::Cidr;

/// The AWS security and encryption stack as one program.
#[derive(Parser)]
#[command(name = "strongroom", version, about, max_term_width = 100, after_help = AFTER_HELP)]
pub struct Cli {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

const AFTER_HELP: &str = "Every option is also read from the environment variable STRONGROOM_<OPTION>, from the file that \
STRONGROOM_<OPTION>_FILE names, and from the TOML file that --config names; the command line wins, then the \
environment, then the file.\n\nExit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 denied, 5 sealed or unavailable, \
130 interrupted.";

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// Serve the AWS APIs.
    Serve(Box<ServeOptions>),
    /// Tell whether a server is ready.
    Status(EndpointOptions),
    /// Print the environment that points AWS clients to a server.
    Env(EndpointOptions),
    /// Ask why permissions are as they are.
    Iam {
        /// What to do.
        #[command(subcommand)]
        command: IamCommand,
    },
    /// See or make the accounts of an installation. Takes the root access key of its first account,
    /// in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
    Account {
        /// What to do.
        #[command(subcommand)]
        command: AccountCommand,
    },
    /// See keys, export public keys, or make keys with fixed ids for tests. Takes AWS credentials.
    Keys {
        /// What to do.
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Serve a key to Kubernetes: a KMS v2 plugin on a Unix socket. Takes AWS credentials with the
    /// permissions kms:DescribeKey, kms:Encrypt and kms:Decrypt.
    #[command(name = "k8s-kms")]
    K8sKms(PluginOptions),
    /// Run a command with parameters and secrets as environment variables. Takes AWS credentials with
    /// the permissions ssm:GetParametersByPath or secretsmanager:GetSecretValue and, for secure
    /// strings and keys of one's own, kms:Decrypt.
    #[command(after_help = EXEC_HELP)]
    Exec(ExecOptions),
    /// See, copy and compare the parameters of Parameter Store. Takes AWS credentials.
    Ssm {
        /// What to do.
        #[command(subcommand)]
        command: SsmCommand,
    },
    /// Copy the secrets of Secrets Manager. Takes AWS credentials.
    Secrets {
        /// What to do.
        #[command(subcommand)]
        command: SecretsCommand,
    },
    /// Serve secrets and parameters to programs on this machine, from a cache in memory, over HTTP on
    /// a loopback address. Takes AWS credentials with the permissions secretsmanager:GetSecretValue
    /// and ssm:GetParameter.
    #[command(after_help = AGENT_HELP)]
    Agent(AgentOptions),
    /// Look into the audit journal of a data directory.
    Audit {
        /// What to do.
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// What runs between the server and a function, which only the server starts.
    #[command(hide = true)]
    Confine {
        /// Which part of it.
        stage: String,
    },
    /// Print the completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the man page.
    Man,
}

/// What `iam` does.
#[derive(Subcommand)]
pub enum IamCommand {
    /// Tell how a call would be decided now, and which policy decides. Takes AWS credentials with
    /// the permissions iam:SimulatePrincipalPolicy and strongroom:ExplainDecision.
    Explain {
        /// The ARN of the user, role or root user that would call.
        #[arg(long, value_name = "ARN")]
        principal: String,
        /// The action, for example kms:Decrypt.
        #[arg(long, value_name = "ACTION")]
        action: String,
        /// The ARN of the resource.
        #[arg(long, value_name = "ARN", default_value = "*")]
        resource: String,
        /// A condition key with its value, for example aws:SourceIp=192.0.2.1; repeatable.
        #[arg(long, value_name = "KEY=VALUE")]
        context: Vec<String>,
        /// Print the encoded authorization message of a refusal, and nothing else.
        #[arg(long)]
        encoded: bool,
        /// Which server to ask.
        #[command(flatten)]
        endpoint: EndpointOptions,
    },
}

/// What `account` does.
#[derive(Subcommand)]
pub enum AccountCommand {
    /// List the accounts.
    List(EndpointOptions),
    /// Make an account; prints its root access key once, as export lines.
    Create {
        /// The name.
        #[arg(long, value_name = "TEXT")]
        name: Option<String>,
        /// The e-mail address of the root user, which no other account has.
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
        /// Which server to ask.
        #[command(flatten)]
        endpoint: EndpointOptions,
    },
}

/// What `keys` does.
#[derive(Subcommand)]
pub enum KeysCommand {
    /// List the keys of the account and region by ARN, each with its aliases.
    List(ServerOptions),
    /// Print the public key of a key pair.
    ExportPublic {
        /// The key: id, ARN or alias.
        #[arg(long, value_name = "KEY")]
        key_id: String,
        /// The format.
        #[arg(long, value_enum, default_value_t = PublicKeyFormat::Pem)]
        format: PublicKeyFormat,
        /// The file to write instead of standard output.
        #[arg(long, value_name = "PATH")]
        output: Option<PathBuf>,
        /// Which server to ask.
        #[command(flatten)]
        server: ServerOptions,
    },
    /// Make keys with fixed ids, and material if it is given, on a server with --dev; prints their
    /// ARNs. Keys that are there already are brought to what the file says, but keep their material.
    #[command(after_help = SEED_HELP)]
    Seed {
        /// The file: TOML, or JSON with the same members if its name ends in .json.
        file: PathBuf,
        /// Which server to ask.
        #[command(flatten)]
        server: ServerOptions,
    },
}

const SEED_HELP: &str = "The file has a [[key]] for each key:\n\n  [[key]]\n  id = \
\"1234abcd-12ab-34cd-56ef-1234567890ab\"\n  aliases = [\"alias/tests\"]\n\nid is a UUID. Optional are \
account (12 digits), region, spec (SYMMETRIC_DEFAULT, RSA_2048, ..), usage, description, policy (JSON in a text), \
tags (a table), aliases, and material: base64, hex: with digits, or PKCS#8 in PEM.";

/// What `audit` does.
#[derive(Subcommand)]
pub enum AuditCommand {
    /// Check every record and the hash chain of the whole journal.
    Verify(UnlockOptions),
    /// Print the events that were asked for, the oldest first, one JSON object a line.
    Query(QueryOptions),
    /// Write events as a log file of CloudTrail: one JSON object with all of them as Records.
    Export {
        /// The file, which must not exist; compressed with gzip if its name ends in .gz [default:
        /// standard output].
        #[arg(long, value_name = "PATH")]
        output: Option<PathBuf>,
        /// Which events.
        #[command(flatten)]
        filter: EventFilter,
        /// Where the journal is.
        #[command(flatten)]
        unlock: UnlockOptions,
    },
    /// Print a file of a trail, decompressed and, where the trail has a KMS key, decrypted. Takes AWS
    /// credentials with the permission kms:Decrypt.
    Open {
        /// The file, in its bucket's folder.
        #[arg(value_name = "PATH")]
        file: PathBuf,
        /// The server whose KMS has the key.
        #[command(flatten)]
        server: ServerOptions,
    },
    /// Print the newest events, one JSON object a line.
    Tail {
        /// How many events.
        #[arg(short = 'n', long, default_value_t = 10, value_name = "COUNT")]
        lines: usize,
        /// Keep printing events as they come.
        #[arg(short, long)]
        follow: bool,
        /// Where the journal is.
        #[command(flatten)]
        unlock: UnlockOptions,
    },
}

/// The options of `audit query`.
#[derive(Args, Clone, Default)]
pub struct QueryOptions {
    /// Print a table for people.
    #[arg(long)]
    pub table: bool,
    /// No more than these.
    #[arg(long, value_name = "COUNT")]
    pub limit: Option<u64>,
    /// Which events.
    #[command(flatten)]
    pub filter: EventFilter,
    /// Where the journal is.
    #[command(flatten)]
    pub unlock: UnlockOptions,
}

/// Which events: those that fit all that is given.
#[derive(Args, Clone, Default)]
pub struct EventFilter {
    /// Not before: 2026-01-31T12:00:00Z, a date, or a time ago such as 90m, 24h or 7d.
    #[arg(long, value_name = "TIME")]
    pub from: Option<Moment>,
    /// Before: in the same ways.
    #[arg(long, value_name = "TIME")]
    pub to: Option<Moment>,
    /// The operation, for example Decrypt.
    #[arg(long, value_name = "NAME")]
    pub event_name: Option<String>,
    /// The service: kms, or kms.amazonaws.com.
    #[arg(long, value_name = "SERVICE")]
    pub source: Option<String>,
    /// The user, by name or ARN; of a role's session, also the session's name or the role's; root.
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// The access key that signed.
    #[arg(long, value_name = "ID")]
    pub access_key: Option<String>,
    /// A resource: its ARN, or what follows the last slash or colon of it.
    #[arg(long, value_name = "ARN")]
    pub resource: Option<String>,
    /// The error, for example AccessDenied; `any` for whatever error.
    #[arg(long, value_name = "CODE")]
    pub error: Option<String>,
    /// The account.
    #[arg(long, value_name = "DIGITS")]
    pub account: Option<String>,
    /// The region.
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
}

/// Where the data is and how it is unlocked.
#[derive(Args, Clone, Default)]
pub struct UnlockOptions {
    /// The data directory [default: ./strongroom-data].
    #[arg(long, value_name = "PATH")]
    pub data_dir: Option<PathBuf>,
    /// What unlocks the data [default: key-file].
    #[arg(long, value_enum)]
    pub seal: Option<SealKind>,
    /// The key file; outside the data directory [default: <data-dir>.key].
    #[arg(long, value_name = "PATH")]
    pub key_file: Option<PathBuf>,
    /// The passphrase for `--seal passphrase`. Prefer STRONGROOM_PASSPHRASE_FILE: a command line
    /// can be seen by others.
    #[arg(long, value_name = "TEXT", hide_short_help = true)]
    pub passphrase: Option<String>,
    /// A TOML file with any of these options.
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,
}

/// The options of `serve`.
#[derive(Args, Clone, Default)]
pub struct ServeOptions {
    /// For development: keep everything in memory unless --data-dir is given, check nothing
    /// unless --auth enforce is given, and serve /_strongroom/dev.
    #[arg(long)]
    pub dev: bool,
    /// Where the data is.
    #[command(flatten)]
    pub unlock: UnlockOptions,
    /// Where to serve the AWS APIs; port 0 picks a free one [default: 127.0.0.1:4566].
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Where to serve metrics and probes [default: 127.0.0.1:4567, or a free port if --listen has
    /// port 0].
    #[arg(long, value_name = "ADDRESS")]
    pub admin_listen: Option<SocketAddr>,
    /// Where others reach this server, http(s)://HOST[:PORT]: what links in messages of SNS lead to
    /// [default: the address of --listen].
    #[arg(long, value_name = "URL")]
    pub public_url: Option<Endpoint>,
    /// The account made on first start, 12 digits [default: random].
    #[arg(long, value_name = "DIGITS")]
    pub account_id: Option<String>,
    /// The region that `env` suggests [default: us-east-1].
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Whether signatures and policies decide [default: enforce].
    #[arg(long, value_enum)]
    pub auth: Option<AuthOption>,
    /// Whether request rates are limited as AWS limits them [default: on; off with --dev].
    #[arg(long, value_enum)]
    pub quotas: Option<QuotasOption>,
    /// Serve plain HTTP on an address that is not loopback. Whoever can read the network reads
    /// every plaintext.
    #[arg(long)]
    pub insecure_http: bool,
    /// Serve TLS with this certificate chain, a PEM file; with --tls-key. SIGHUP reads both again.
    #[arg(long, value_name = "PATH")]
    pub tls_cert: Option<PathBuf>,
    /// The private key of --tls-cert, a PEM file.
    #[arg(long, value_name = "PATH")]
    pub tls_key: Option<PathBuf>,
    /// A proxy, or range of them, whose X-Forwarded-For tells where calls come from; repeatable. Of
    /// others the header is ignored.
    #[arg(long, value_name = "CIDR")]
    pub trusted_proxy: Vec<Cidr>,
    /// The root access key id to use instead of a random one; with --root-secret-access-key.
    #[arg(long, value_name = "ID", hide_short_help = true)]
    pub root_access_key_id: Option<String>,
    /// The root secret access key. Prefer STRONGROOM_ROOT_SECRET_ACCESS_KEY_FILE.
    #[arg(long, value_name = "SECRET", hide_short_help = true)]
    pub root_secret_access_key: Option<String>,
    /// Answer for these Regions alone, several parted by commas; of the data of others, nothing
    /// is given out or changed by calls [default: all of AWS's, and that of --region].
    #[arg(long, value_name = "LIST")]
    pub regions: Option<String>,
    /// Read the keys of an OpenID Connect issuer from a file instead of fetching them:
    /// ISSUER=FILE, several parted by commas.
    #[arg(long, value_name = "ISSUER=FILE")]
    pub oidc_jwks: Option<String>,
    /// A private network, or address, where OpenID Connect issuers may be; repeatable. Others are
    /// reached at public addresses alone.
    #[arg(long, value_name = "CIDR")]
    pub oidc_network: Vec<Cidr>,
    /// A network, an address or the name of a host that webhooks, API destinations and OpenID Connect
    /// issuers may be at; repeatable. Others are reached at public addresses alone.
    #[arg(long, value_name = "CIDR|HOST")]
    pub outbound_allow: Vec<Opening>,
    /// Let plain HTTP go to what --outbound-allow names. Others are reached over HTTPS alone.
    #[arg(long)]
    pub outbound_http: bool,
    /// Believe the root certificates in this PEM file too, beside those of the system, when others
    /// are called.
    #[arg(long, value_name = "PATH")]
    pub outbound_ca: Option<PathBuf>,
    /// Where the audit journal goes.
    #[command(flatten)]
    pub forward: ForwardOptions,
    /// How functions run.
    #[command(flatten)]
    pub functions: FunctionOptions,
    /// Believe attestation documents of enclaves and instances under the root certificates in this
    /// PEM file, instead of under the one of AWS's Nitro system in the partition `aws`.
    #[arg(long, value_name = "PATH")]
    pub attestation_root: Option<PathBuf>,
    /// Where the log files of trails go: a directory with a folder for each bucket. Without it,
    /// there is no bucket.
    #[arg(long, value_name = "PATH")]
    pub trail_directory: Option<PathBuf>,
    /// How many days events are kept in the audit journal, 90 or more, or 0 for ever. What a trail
    /// has yet to deliver, and whoever else reads the journal has yet to read, is kept longer
    /// [default: 400].
    #[arg(long, value_name = "DAYS")]
    pub journal_retention: Option<u32>,
    /// Where the log files of trails go instead: the endpoint of an S3, https://HOST[:PORT].
    #[arg(long, value_name = "URL", conflicts_with = "trail_directory")]
    pub trail_endpoint: Option<String>,
    /// The access key id for --trail-endpoint.
    #[arg(long, value_name = "ID")]
    pub trail_access_key_id: Option<String>,
    /// Its secret access key. Prefer STRONGROOM_TRAIL_SECRET_ACCESS_KEY_FILE.
    #[arg(long, value_name = "SECRET", hide_short_help = true)]
    pub trail_secret_access_key: Option<String>,
    /// How much to log, for example `info` or `warn,platform=debug` [default: info].
    #[arg(long, value_name = "FILTER")]
    pub log: Option<String>,
    /// How logs look [default: text on a terminal, json elsewhere].
    #[arg(long, value_enum)]
    pub log_format: Option<LogFormat>,
}

/// Where the audit journal is forwarded.
#[derive(Args, Clone, Default)]
pub struct ForwardOptions {
    /// Forward the audit journal to this syslog receiver, over TLS (RFC 5424 and 5425) [default port:
    /// 6514].
    #[arg(long, value_name = "HOST[:PORT]")]
    pub forward_syslog: Option<String>,
    /// Forward the audit journal to this OTLP/HTTP receiver of logs, for example
    /// https://collector:4318/v1/logs.
    #[arg(long, value_name = "URL")]
    pub forward_otlp: Option<String>,
    /// More headers for --forward-otlp: NAME=VALUE, several parted by commas. Prefer
    /// STRONGROOM_FORWARD_OTLP_HEADERS_FILE.
    #[arg(long, value_name = "LIST", hide_short_help = true)]
    pub forward_otlp_headers: Option<String>,
    /// Forward the audit journal to this URL, in JSON arrays that are signed as Standard Webhooks are;
    /// with --forward-webhook-secret.
    #[arg(long, value_name = "URL")]
    pub forward_webhook: Option<String>,
    /// What messages to --forward-webhook are signed with, as text or as whsec_ and base64. Prefer
    /// STRONGROOM_FORWARD_WEBHOOK_SECRET_FILE.
    #[arg(long, value_name = "SECRET", hide_short_help = true)]
    pub forward_webhook_secret: Option<String>,
    /// Believe only the root certificates in this PEM file where the audit journal is forwarded
    /// [default: those of the system].
    #[arg(long, value_name = "PATH")]
    pub forward_ca: Option<PathBuf>,
    /// Show this certificate chain where the audit journal is forwarded, a PEM file; with
    /// --forward-key.
    #[arg(long, value_name = "PATH")]
    pub forward_cert: Option<PathBuf>,
    /// The private key of --forward-cert, a PEM file.
    #[arg(long, value_name = "PATH")]
    pub forward_key: Option<PathBuf>,
    /// Where in the audit journal a destination begins that is new [default: start].
    #[arg(long, value_enum)]
    pub forward_from: Option<ForwardFrom>,
}

/// Which server `status` and `env` ask.
#[derive(Args, Clone, Default)]
pub struct EndpointOptions {
    /// Where the server listens [default: 127.0.0.1:4566].
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// The region to print [default: the server's].
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// A TOML file with any of these options.
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,
}

/// Which server is asked, by its URL.
#[derive(Args, Clone, Default)]
pub struct ServerOptions {
    /// The URL of the server; AWS's own will do, too [default: AWS_ENDPOINT_URL_<SERVICE>, or
    /// AWS_ENDPOINT_URL, or http://127.0.0.1:4566].
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
    /// The region [default: that of the AWS environment or profile, or us-east-1].
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Send plain HTTP to an address that is not loopback. Whoever can read the network reads
    /// every plaintext.
    #[arg(long)]
    pub insecure_http: bool,
    /// A TOML file with any of these options.
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,
}

/// The options of `k8s-kms`.
#[derive(Args, Clone, Default)]
pub struct PluginOptions {
    /// The key: id, ARN or alias of a symmetric encryption key [default: alias/k8s].
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// The socket [default: /run/strongroom/k8s-kms.sock].
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// Print the EncryptionConfiguration for kube-apiserver's --encryption-provider-config, and
    /// serve nothing.
    #[arg(long)]
    pub print_config: bool,
    /// Which server to ask.
    #[command(flatten)]
    pub server: ServerOptions,
}

/// What unlocks the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SealKind {
    /// A file with a random key.
    KeyFile,
    /// A passphrase, stretched with Argon2id.
    Passphrase,
}

/// Whether anything is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AuthOption {
    /// Signatures and policies decide.
    Enforce,
    /// Every call is allowed.
    Off,
}

/// How a public key is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PublicKeyFormat {
    /// SubjectPublicKeyInfo in PEM.
    Pem,
    /// SubjectPublicKeyInfo in DER.
    Der,
    /// A JSON Web Key.
    Jwk,
}

/// Whether request rates are limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum QuotasOption {
    /// Calls over a rate are throttled.
    On,
    /// No call is throttled.
    Off,
}

/// Where in the journal a destination begins that is new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ForwardFrom {
    /// With the oldest event there is.
    #[default]
    Start,
    /// With the next event.
    Now,
}

/// How logs look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}
