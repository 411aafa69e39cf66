//! Which server the commands ask that are clients of AWS's APIs, and about what.

use std::path::PathBuf;

use platform::environment;

use super::{Sources, or};
use crate::cli::{PluginOptions, ServerOptions};
use crate::client::{Api, Client, Endpoint, KMS, profile_region};
use crate::exit::Failure;

/// Which server a command asks.
pub struct Target {
    /// Where it is.
    pub endpoint: Endpoint,
    /// The region, if one was asked for.
    pub region: Option<String>,
}

/// Everything `k8s-kms` needs to know.
pub struct PluginSettings {
    /// The key's id, ARN or alias.
    pub key: String,
    /// The socket's path.
    pub socket: PathBuf,
    /// Where KMS is.
    pub endpoint: Endpoint,
    /// Its region.
    pub region: String,
}

/// The server that `options` and everything below them name for calls to `api`.
pub fn target(options: &ServerOptions, api: Api) -> Result<Target, Failure> {
    let sources = Sources::read(options.config.as_deref())?;
    let endpoint = or(options.endpoint.clone(), || sources.text("endpoint"))?
        .or_else(|| environment::variable(api.endpoint_variable))
        .or_else(|| environment::variable("AWS_ENDPOINT_URL"))
        .unwrap_or_else(|| "http://127.0.0.1:4566".to_owned());
    let endpoint: Endpoint = endpoint.parse().map_err(Failure::usage)?;
    let insecure = options.insecure_http || sources.parsed("insecure-http")?.unwrap_or(false);
    if !endpoint.is_secure() && !endpoint.is_loopback() && !insecure {
        return Err(Failure::usage(format!(
            "`{endpoint}` is not a loopback address and plain HTTP would show every plaintext to the \
             network; use https, or insist with --insecure-http"
        )));
    }
    let region = or(options.region.clone(), || sources.text("region"))?;
    Ok(Target { endpoint, region })
}

/// A client of `api` as `options` and everything below them say.
pub fn client(options: &ServerOptions, api: Api) -> Result<Client, Failure> {
    let target = target(options, api)?;
    Client::new(target.endpoint, region_for(target.region, ""))
}

/// What `options` of `k8s-kms` and everything below them amount to.
pub fn plugin(options: &PluginOptions) -> Result<PluginSettings, Failure> {
    let Target { endpoint, region } = target(&options.server, KMS)?;
    let sources = Sources::read(options.server.config.as_deref())?;
    let key = or(options.key.clone(), || sources.text("key"))?;
    let key = key.unwrap_or_else(|| "alias/k8s".to_owned());
    let socket = or(options.socket.clone(), || sources.parsed("socket"))?;
    Ok(PluginSettings {
        region: region_for(region, &key),
        key,
        socket: socket.unwrap_or_else(|| PathBuf::from("/run/strongroom/k8s-kms.sock")),
        endpoint,
    })
}

/// The region to ask for `key` in: the one that was asked for, or that of the key's ARN, or that of
/// the AWS environment or profile.
pub fn region_for(asked: Option<String>, key: &str) -> String {
    let of_arn = || {
        let mut fields = key.strip_prefix("arn:")?.split(':');
        fields.nth(2).map(str::to_owned)
    };
    asked
        .or_else(of_arn)
        .or_else(profile_region)
        .unwrap_or_else(|| "us-east-1".to_owned())
}
