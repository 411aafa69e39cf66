//! Whom the program may call.

use std::path::PathBuf;

use super::{Sources, or};
use crate::cli::ServeOptions;
use crate::exit::Failure;
use crate::outbound::Opening;

/// Whom the program may call, beside public addresses over HTTPS.
#[derive(Clone, Debug, Default)]
pub struct OutboundSettings {
    /// What else may be reached.
    pub allow: Vec<Opening>,
    /// Whether that may be reached over plain HTTP too.
    pub http: bool,
    /// More root certificates, as a PEM file.
    pub ca: Option<PathBuf>,
}

impl OutboundSettings {
    pub(super) fn resolve(options: &ServeOptions, sources: &Sources) -> Result<Self, Failure> {
        Ok(Self {
            allow: match options.outbound_allow.as_slice() {
                [] => openings(&sources.text("outbound-allow")?.unwrap_or_default())?,
                given => given.to_vec(),
            },
            http: options.outbound_http || sources.parsed("outbound-http")?.unwrap_or(false),
            ca: or(options.outbound_ca.clone(), || {
                sources.parsed("outbound-ca")
            })?,
        })
    }
}

fn openings(text: &str) -> Result<Vec<Opening>, Failure> {
    let entries = text.split(',').map(str::trim).filter(|one| !one.is_empty());
    let parse = |entry: &str| {
        entry.parse::<Opening>().map_err(|error| {
            Failure::usage(format!(
                "`{entry}` is no valid value for the option `outbound-allow`: {error}"
            ))
        })
    };
    entries.map(parse).collect()
}
