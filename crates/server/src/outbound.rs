//! Requests to others, for jobs and for the keys of issuers.
//!
//! What it never does: follow a redirect, connect to an address that was not judged, reach into a
//! network that the operator did not open, ask a proxy that the environment names, wait for long,
//! or read more than was asked for.

pub(crate) mod connect;
pub(crate) mod exchange;
pub mod reach;
pub(crate) mod roots;

use std::sync::Arc;

use platform::{Outbound, OutboundFuture, OutboundRequest};
use rustls::ClientConfig;

pub use self::reach::{Opening, Reach};
use crate::exit::Failure;
use crate::settings::OutboundSettings;

/// Sends what tenants have sent, to public addresses and to what the operator opened.
pub struct Sender {
    reach: Reach,
    tls: Arc<ClientConfig>,
    plain: bool,
}

impl Sender {
    /// A sender as the settings say.
    pub fn new(settings: &OutboundSettings) -> Result<Self, Failure> {
        Ok(Self {
            reach: Reach::new(settings.allow.clone()),
            tls: roots::client(roots::roots(settings.ca.as_deref())?, None)?,
            plain: settings.http,
        })
    }
}

impl Outbound for Sender {
    fn send(&self, request: OutboundRequest) -> OutboundFuture<'_> {
        Box::pin(async move {
            let way = exchange::Way {
                reach: &self.reach,
                tls: &self.tls,
                plain: self.plain,
            };
            exchange::exchange(&way, request).await
        })
    }
}

#[cfg(test)]
mod tests;
