//! From flags, environment and configuration file to settings that hold.
//!
//! An option is looked up on the command line, in `STRONGROOM_<OPTION>`, in the file that
//! `STRONGROOM_<OPTION>_FILE` names, and in the TOML file of `--config`, in this order.

mod forward;
mod functions;
mod outbound;
mod target;
mod trails;

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::ValueEnum;
use crypto::Secret;
use platform::environment;
use platform::{AWS_ACCOUNT, AuthMode, Regions, is_account, is_region};
use toml::Table;

pub use self::forward::{ForwardSettings, OtlpSettings, WebhookSettings};
pub use self::functions::FunctionSettings;
pub use self::outbound::OutboundSettings;
pub use self::target::{PluginSettings, Target, client, plugin, region_for, target};
pub use self::trails::TrailSettings;
use crate::cli::{
    AuthOption, EndpointOptions, LogFormat, QuotasOption, SealKind, ServeOptions, UnlockOptions,
};
use crate::client::Endpoint;
use crate::exit::Failure;
use crate::key_sets;
use crate::proxies::{Cidr, TrustedProxies};
use crate::tls::TlsFiles;

/// Everything `serve` needs to know.
pub struct Settings {
    /// Whether development endpoints exist.
    pub dev: bool,
    /// Where the data is; none keeps it in memory.
    pub storage: Option<Unlock>,
    /// Where to serve the AWS APIs.
    pub listen: SocketAddr,
    /// Where to serve metrics and probes.
    pub admin_listen: SocketAddr,
    /// Where others reach this server; where it listens, if nobody says.
    pub public_url: Option<Endpoint>,
    /// The account to make on first start.
    pub account_id: Option<String>,
    /// The region to suggest.
    pub region: String,
    /// The Regions to answer for.
    pub regions: Regions,
    /// Whether anything is checked.
    pub auth: AuthMode,
    /// Whether request rates are limited.
    pub limits_rates: bool,
    /// The certificate to serve TLS with.
    pub tls: Option<TlsFiles>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// The root access key to use.
    pub root_key: Option<(String, Secret<String>)>,
    /// Files with the keys of OpenID Connect issuers.
    pub key_set_files: BTreeMap<String, PathBuf>,
    /// Private networks where OpenID Connect issuers may be.
    pub issuer_networks: Vec<Cidr>,
    /// Whom the program may call.
    pub outbound: OutboundSettings,
    /// Where the audit journal is forwarded.
    pub forward: ForwardSettings,
    /// How functions run.
    pub functions: FunctionSettings,
    /// The root certificates of attestation documents; none is AWS's.
    pub attestation_root: Option<PathBuf>,
    /// Where the log files of trails go.
    pub trails: TrailSettings,
    /// How many days events are kept in the journal; for ever without it.
    pub journal_days: Option<u32>,
    /// The log filter.
    pub log: String,
    /// How logs look.
    pub log_format: Option<LogFormat>,
}

/// A data directory and what unlocks it.
pub struct Unlock {
    /// The directory.
    pub data_dir: PathBuf,
    /// The seal.
    pub seal: Seal,
}

/// A root seal with its secret.
pub enum Seal {
    /// The key file's path.
    KeyFile(PathBuf),
    /// The passphrase.
    Passphrase(Secret<String>),
}

const CONFIG_KEYS: &[&str] = &[
    "dev",
    "data-dir",
    "seal",
    "key-file",
    "listen",
    "admin-listen",
    "public-url",
    "account-id",
    "region",
    "endpoint",
    "key",
    "socket",
    "regions",
    "auth",
    "quotas",
    "insecure-http",
    "root-access-key-id",
    "tls-cert",
    "tls-key",
    "oidc-jwks",
    "oidc-network",
    "outbound-allow",
    "outbound-http",
    "outbound-ca",
    "forward-syslog",
    "forward-otlp",
    "forward-webhook",
    "forward-ca",
    "forward-cert",
    "forward-key",
    "forward-from",
    "functions",
    "function-directory",
    "function-interpreters",
    "function-python",
    "function-node",
    "function-workers",
    "trusted-proxy",
    "attestation-root",
    "trail-directory",
    "journal-retention",
    "trail-endpoint",
    "trail-access-key-id",
    "trail-secret-access-key",
    "log",
    "log-format",
];

/// The environment and the configuration file behind the command line.
struct Sources {
    file: Table,
}

impl Sources {
    fn read(config: Option<&Path>) -> Result<Self, Failure> {
        let config = config.map(Path::to_owned);
        let Some(path) =
            config.or_else(|| environment::variable("STRONGROOM_CONFIG").map(Into::into))
        else {
            return Ok(Self { file: Table::new() });
        };
        let shown = path.display();
        let text = fs::read_to_string(&path).map_err(|error| {
            Failure::usage(format!("cannot read the configuration `{shown}`: {error}"))
        })?;
        let file: Table = text.parse().map_err(|error| {
            Failure::usage(format!("the configuration `{shown}` is no TOML: {error}"))
        })?;
        if let Some(unknown) = file.keys().find(|key| !CONFIG_KEYS.contains(&key.as_str())) {
            return Err(Failure::usage(format!(
                "the configuration `{shown}` has an unknown key `{unknown}`; known are {}",
                CONFIG_KEYS.join(", ")
            )));
        }
        Ok(Self { file })
    }

    /// The text of the option `name` (`data-dir`) below the command line.
    fn text(&self, name: &str) -> Result<Option<String>, Failure> {
        let variable = format!("STRONGROOM_{}", name.to_ascii_uppercase().replace('-', "_"));
        if let Some(value) = environment::variable(&variable) {
            return Ok(Some(value));
        }
        if let Some(path) = environment::variable(&format!("{variable}_FILE")) {
            let text = fs::read_to_string(&path).map_err(|error| {
                Failure::usage(format!(
                    "{variable}_FILE names `{path}`, which cannot be read: {error}"
                ))
            })?;
            return Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()));
        }
        Ok(self.file.get(name).map(|value| match value {
            toml::Value::String(text) => text.clone(),
            toml::Value::Array(values) => {
                let texts = values.iter().filter_map(toml::Value::as_str);
                texts.collect::<Vec<_>>().join(",")
            }
            other => other.to_string(),
        }))
    }

    fn parsed<T: FromStr>(&self, name: &str) -> Result<Option<T>, Failure> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let parsed = text.parse().map_err(|_| {
            Failure::usage(format!(
                "`{text}` is no valid value for the option `{name}`"
            ))
        });
        parsed.map(Some)
    }

    fn choice<T: ValueEnum>(&self, name: &str) -> Result<Option<T>, Failure> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let parsed = T::from_str(&text, true).map_err(|_| {
            let known = T::value_variants()
                .iter()
                .filter_map(ValueEnum::to_possible_value);
            let known: Vec<_> = known.map(|value| value.get_name().to_owned()).collect();
            Failure::usage(format!(
                "`{text}` is no valid value for the option `{name}`; use {}",
                known.join(" or ")
            ))
        });
        parsed.map(Some)
    }
}

impl Settings {
    /// The settings that `options` and everything below them amount to.
    pub fn resolve(options: ServeOptions) -> Result<Self, Failure> {
        let sources = Sources::read(options.unlock.config.as_deref())?;
        let outbound = OutboundSettings::resolve(&options, &sources)?;
        let forward = ForwardSettings::resolve(&options.forward, &sources, &outbound)?;
        let functions = FunctionSettings::resolve(&options.functions, &sources)?;
        let trails = TrailSettings::resolve(&options, &sources)?;
        let dev = options.dev || sources.parsed("dev")?.unwrap_or(false);
        let auth = options
            .auth
            .map_or_else(|| sources.choice("auth"), |auth| Ok(Some(auth)))?;
        let quotas = or(options.quotas, || sources.choice("quotas"))?;
        let data_dir = given_data_dir(&options.unlock, &sources)?;
        let storage = match (dev, data_dir) {
            (true, None) => None,
            (_, data_dir) => Some(unlock(&options.unlock, data_dir, &sources)?),
        };
        let listen = or(options.listen, || sources.parsed("listen"))?.unwrap_or(loopback(4566));
        let admin_listen = or(options.admin_listen, || sources.parsed("admin-listen"))?;
        let region = or(options.region, || sources.text("region"))?;
        let region = region.unwrap_or_else(|| "us-east-1".to_owned());
        let named = or(options.regions, || sources.text("regions"))?;
        let settings = Self {
            dev,
            storage,
            listen,
            admin_listen: admin_listen.unwrap_or_else(|| probes_beside(listen)),
            public_url: public_url(options.public_url, &sources)?,
            account_id: or(options.account_id, || sources.text("account-id"))?,
            regions: match named {
                Some(named) => regions(&named)?,
                None => Regions::default().and(&region),
            },
            region,
            auth: match auth {
                Some(AuthOption::Off) => AuthMode::Off,
                Some(AuthOption::Enforce) => AuthMode::Enforce,
                None if dev => AuthMode::Off,
                None => AuthMode::Enforce,
            },
            limits_rates: quotas.map_or(!dev, |quotas| quotas == QuotasOption::On),
            tls: tls(
                ("tls-cert", options.tls_cert),
                ("tls-key", options.tls_key),
                &sources,
            )?,
            trusted_proxies: TrustedProxies(ranges(
                "trusted-proxy",
                options.trusted_proxy,
                &sources,
            )?),
            root_key: root_key(
                or(options.root_access_key_id, || {
                    sources.text("root-access-key-id")
                })?,
                or(options.root_secret_access_key, || {
                    sources.text("root-secret-access-key")
                })?,
            )?,
            key_set_files: match or(options.oidc_jwks, || sources.text("oidc-jwks"))? {
                Some(text) => key_sets::parse_files(&text)?,
                None => BTreeMap::new(),
            },
            issuer_networks: ranges("oidc-network", options.oidc_network, &sources)?,
            outbound,
            forward,
            functions,
            attestation_root: or(options.attestation_root, || {
                sources.parsed("attestation-root")
            })?,
            trails,
            journal_days: journal_days(or(options.journal_retention, || {
                sources.parsed("journal-retention")
            })?)?,
            log: or(options.log, || sources.text("log"))?.unwrap_or_else(|| "info".to_owned()),
            log_format: or(options.log_format, || sources.choice("log-format"))?,
        };
        let insecure = options.insecure_http || sources.parsed("insecure-http")?.unwrap_or(false);
        settings.check(insecure)?;
        Ok(settings)
    }

    fn check(&self, insecure: bool) -> Result<(), Failure> {
        if !self.listen.ip().is_loopback() && self.tls.is_none() && !insecure {
            return Err(Failure::usage(format!(
                "`{}` is not a loopback address and plain HTTP would show every plaintext to the \
                 network; serve TLS with --tls-cert and --tls-key, listen on 127.0.0.1, or insist with \
                 --insecure-http",
                self.listen
            )));
        }
        if !self.dev && self.auth == AuthMode::Off {
            return Err(Failure::usage(
                "--auth off is for development; it needs --dev",
            ));
        }
        match self.account_id.as_deref() {
            Some(AWS_ACCOUNT) => Err(Failure::usage(format!(
                "the account `{AWS_ACCOUNT}` has the keys that AWS owns, and is nobody's"
            ))),
            Some(id) if !is_account(id) => Err(Failure::usage(format!(
                "the account id `{id}` is not 12 digits"
            ))),
            _ => Ok(()),
        }
    }
}

/// Where probes and metrics are if nobody says: any port if any port will do for the calls.
fn probes_beside(listen: SocketAddr) -> SocketAddr {
    loopback(if listen.port() == 0 { 0 } else { 4567 })
}

fn public_url(given: Option<Endpoint>, sources: &Sources) -> Result<Option<Endpoint>, Failure> {
    if given.is_some() {
        return Ok(given);
    }
    let Some(text) = sources.text("public-url")? else {
        return Ok(None);
    };
    let parsed = text
        .parse()
        .map_err(|error| Failure::usage(format!("the option `public-url` is wrong: {error}")));
    parsed.map(Some)
}

/// What is asked is what IAM tells of last accesses, which reaches back 400 days in AWS ("Last accessed
/// information"); LookupEvents needs ninety.
fn journal_days(asked: Option<u32>) -> Result<Option<u32>, Failure> {
    match asked {
        None => Ok(Some(400)),
        Some(0) => Ok(None),
        Some(days @ 90..) => Ok(Some(days)),
        Some(days) => Err(Failure::usage(format!(
            "--journal-retention {days} is too short: events can be looked up for 90 days; give 90 or \
             more, or 0 to keep them for ever"
        ))),
    }
}

/// Where `status` and `env` look, and the region that was asked for.
pub fn endpoint(options: &EndpointOptions) -> Result<(SocketAddr, Option<String>), Failure> {
    let sources = Sources::read(options.config.as_deref())?;
    let listen = or(options.listen, || sources.parsed("listen"))?.unwrap_or(loopback(4566));
    Ok((
        listen,
        or(options.region.clone(), || sources.text("region"))?,
    ))
}

/// The data directory and its seal, for commands that look into it.
pub fn storage(options: &UnlockOptions) -> Result<Unlock, Failure> {
    let sources = Sources::read(options.config.as_deref())?;
    let data_dir = given_data_dir(options, &sources)?;
    unlock(options, data_dir, &sources)
}

fn given_data_dir(options: &UnlockOptions, sources: &Sources) -> Result<Option<PathBuf>, Failure> {
    or(options.data_dir.clone(), || sources.parsed("data-dir"))
}

fn unlock(
    options: &UnlockOptions,
    data_dir: Option<PathBuf>,
    sources: &Sources,
) -> Result<Unlock, Failure> {
    let data_dir = data_dir.unwrap_or_else(|| PathBuf::from("strongroom-data"));
    let kind = or(options.seal, || sources.choice("seal"))?.unwrap_or(SealKind::KeyFile);
    let seal = match kind {
        SealKind::KeyFile => {
            let key_file = or(options.key_file.clone(), || sources.parsed("key-file"))?;
            Seal::KeyFile(key_file.unwrap_or_else(|| beside(&data_dir)))
        }
        SealKind::Passphrase => {
            let passphrase = or(options.passphrase.clone(), || sources.text("passphrase"))?;
            let passphrase = passphrase.ok_or_else(|| {
                Failure::usage(
                    "--seal passphrase needs the passphrase: set STRONGROOM_PASSPHRASE_FILE to a \
                     file that holds it",
                )
            })?;
            Seal::Passphrase(Secret::new(passphrase))
        }
    };
    Ok(Unlock { data_dir, seal })
}

/// `./strongroom-data` -> `./strongroom-data.key`
fn beside(data_dir: &Path) -> PathBuf {
    let mut name = data_dir.file_name().unwrap_or_default().to_owned();
    name.push(".key");
    data_dir.with_file_name(name)
}

type Named = (&'static str, Option<PathBuf>);

/// A certificate and its key, each with the option that names it, if not on the command line.
fn tls(cert: Named, key: Named, sources: &Sources) -> Result<Option<TlsFiles>, Failure> {
    let found = (
        or(cert.1, || sources.parsed(cert.0))?,
        or(key.1, || sources.parsed(key.0))?,
    );
    match found {
        (None, None) => Ok(None),
        (Some(cert), Some(key)) => Ok(Some(TlsFiles { cert, key })),
        _ => Err(Failure::usage(format!(
            "--{} and --{} go together",
            cert.0, key.0
        ))),
    }
}

/// The ranges of the command line, or else those of the environment or the file, separated by commas.
fn ranges(name: &str, given: Vec<Cidr>, sources: &Sources) -> Result<Vec<Cidr>, Failure> {
    if !given.is_empty() {
        return Ok(given);
    }
    let text = sources.text(name)?.unwrap_or_default();
    let ranges = text
        .split(',')
        .map(str::trim)
        .filter(|range| !range.is_empty());
    let parse = |range: &str| {
        range.parse::<Cidr>().map_err(|error| {
            Failure::usage(format!(
                "`{range}` is no valid value for the option `{name}`: {error}"
            ))
        })
    };
    ranges.map(parse).collect()
}

fn root_key(
    id: Option<String>,
    secret: Option<String>,
) -> Result<Option<(String, Secret<String>)>, Failure> {
    match (id, secret) {
        (None, None) => Ok(None),
        (Some(id), Some(secret)) => {
            let is_id = (16..=128).contains(&id.len())
                && id
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if !is_id || secret.len() < 8 {
                return Err(Failure::usage(
                    "the root access key id needs 16 to 128 letters and digits, and its secret at \
                     least 8 characters",
                ));
            }
            Ok(Some((id, Secret::new(secret))))
        }
        _ => Err(Failure::usage(
            "set STRONGROOM_ROOT_ACCESS_KEY_ID and STRONGROOM_ROOT_SECRET_ACCESS_KEY together",
        )),
    }
}

/// The Regions of a list. A name that no Region can have is a mistake; one that AWS does not have is
/// one of its own.
fn regions(list: &str) -> Result<Regions, Failure> {
    let names = list.split(',').map(str::trim).map(|name| {
        if is_region(name) {
            return Ok(name.to_owned());
        }
        Err(Failure::usage(format!(
            "`{name}` in the option `regions` is no Region; name them as in `eu-west-1,us-east-1`"
        )))
    });
    names.collect()
}

fn or<T>(
    given: Option<T>,
    below: impl FnOnce() -> Result<Option<T>, Failure>,
) -> Result<Option<T>, Failure> {
    match given {
        Some(given) => Ok(Some(given)),
        None => below(),
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}
