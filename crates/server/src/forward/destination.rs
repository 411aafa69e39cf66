//! Where the journal goes, and why it did not get there.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use platform::{Error, OutboundFailure, OutboundRequest, OutboundResponse};
use rustls::ClientConfig;
use wire::Timestamp;

use super::batch::Batch;
use super::otlp::Otlp;
use super::syslog::Syslog;
use super::webhook::Webhook;
use crate::exit::Failure;
use crate::outbound::exchange::{Way, exchange};
use crate::outbound::{Reach, roots};
use crate::settings::ForwardSettings;

/// How long a destination may take for a batch.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// Where the journal goes.
pub(super) enum Destination {
    Syslog(Syslog),
    Otlp(Otlp),
    Webhook(Webhook),
}

impl Destination {
    /// All that the settings name.
    pub(super) fn all(settings: &ForwardSettings) -> Result<Vec<Self>, Failure> {
        let mut all = Vec::new();
        if settings.is_empty() {
            return Ok(all);
        }
        let roots = roots::roots_of(settings.ca.as_deref())?;
        let tls = roots::client(roots, settings.identity.as_ref())?;
        if let Some((host, port)) = &settings.syslog {
            let tls = Arc::clone(&tls);
            all.push(Self::Syslog(Syslog::new(host, *port, tls)));
        }
        let way = |url: &str| HttpWay::new(url, settings, &tls);
        if let Some(otlp) = &settings.otlp {
            all.push(Self::Otlp(Otlp::new(otlp, way(&otlp.url))));
        }
        if let Some(webhook) = &settings.webhook {
            all.push(Self::Webhook(Webhook::new(webhook, way(&webhook.url))));
        }
        Ok(all)
    }

    /// What metrics, logs and the cursor call it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Syslog(_) => "syslog",
            Self::Otlp(_) => "otlp",
            Self::Webhook(_) => "webhook",
        }
    }

    /// Sends a batch. Returns once the destination has confirmed that it has all of it.
    pub(super) async fn send(&self, batch: &Batch, now: Timestamp) -> Result<(), Refusal> {
        match self {
            Self::Syslog(syslog) => syslog.send(batch).await,
            Self::Otlp(otlp) => otlp.send(batch, now).await,
            Self::Webhook(webhook) => webhook.send(batch, now).await,
        }
    }
}

/// The way to an HTTP destination. The operator named it, so it may be anywhere; plain HTTP goes to
/// this machine, and to what the operator opens to plain HTTP.
pub(super) struct HttpWay {
    reach: Reach,
    tls: Arc<ClientConfig>,
}

impl HttpWay {
    fn new(url: &str, settings: &ForwardSettings, tls: &Arc<ClientConfig>) -> Self {
        let scheme = url.split(':').next().unwrap_or_default();
        Self {
            reach: match scheme.eq_ignore_ascii_case("https") {
                true => Reach::anywhere(),
                false => Reach::new(settings.plain.clone()),
            },
            tls: Arc::clone(tls),
        }
    }

    /// Sends `request`, and takes anything but a success for a refusal.
    pub(super) async fn send(
        &self,
        mut request: OutboundRequest,
    ) -> Result<OutboundResponse, Refusal> {
        request.patience = PATIENCE;
        let way = Way {
            reach: &self.reach,
            tls: &self.tls,
            plain: true,
        };
        let answer = exchange(&way, request).await?;
        if answer.is_success() {
            return Ok(answer);
        }
        let after = answer.header_value("retry-after");
        let after = after.and_then(|seconds| seconds.parse().ok());
        Err(Refusal {
            why: format!("the destination answered {}", answer.status),
            retry_after: after.map(Duration::from_secs),
            too_large: answer.status == 413,
        })
    }
}

/// Why a batch was not forwarded.
#[derive(Debug)]
pub(super) struct Refusal {
    /// For people.
    pub(super) why: String,
    /// How long the destination asks to be left alone.
    pub(super) retry_after: Option<Duration>,
    /// Whether a smaller batch may do.
    pub(super) too_large: bool,
}

impl Refusal {
    /// A refusal with this reason.
    pub(super) fn because(why: impl fmt::Display) -> Self {
        Self {
            why: why.to_string(),
            retry_after: None,
            too_large: false,
        }
    }

    /// Something of our own went wrong.
    pub(super) fn inside(error: Error) -> Self {
        match error {
            Error::Internal(error) => Self::because(error),
            Error::Fault(_) => Self::because("the store refused"),
        }
    }
}

impl From<OutboundFailure> for Refusal {
    fn from(failure: OutboundFailure) -> Self {
        Self::because(failure)
    }
}
