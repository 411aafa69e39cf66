//! Passwords in databases of others: connections that the operator lets tenants make.
//!
//! Whoever writes a secret names a host and a port. The guard is that of requests to others: public
//! addresses through TLS alone, and what the operator opened, with or without.

use std::sync::Arc;

use crypto::Random;
use databases::{Failure, Login, Network, Opening, Rotation, Stream};
use platform::OutboundFailure;
use platform::databases::{DatabaseFuture, Databases};
use rustls::ClientConfig;

use crate::exit;
use crate::outbound::{Reach, connect, roots};
use crate::settings::OutboundSettings;

/// Changes and tests passwords over the network.
pub struct Passwords {
    ways: Ways,
    random: Arc<dyn Random>,
}

/// Which addresses are connected to, and whose certificates count.
struct Ways {
    reach: Reach,
    tls: Arc<ClientConfig>,
}

impl Passwords {
    /// As the settings say.
    pub fn new(
        settings: &OutboundSettings,
        random: Arc<dyn Random>,
    ) -> Result<Self, exit::Failure> {
        let ways = Ways {
            reach: Reach::new(settings.allow.clone()),
            tls: roots::client(roots::roots(settings.ca.as_deref())?, None)?,
        };
        Ok(Self { ways, random })
    }
}

impl Databases for Passwords {
    fn set_password(&self, rotation: Rotation) -> DatabaseFuture<'_> {
        Box::pin(async move { databases::set_password(&self.ways, &*self.random, &rotation).await })
    }

    fn test(&self, login: Login) -> DatabaseFuture<'_> {
        Box::pin(async move { databases::test(&self.ways, &*self.random, &login).await })
    }
}

impl Network for Ways {
    fn connect<'a>(&'a self, host: &'a str, port: u16, plain: bool) -> Opening<'a> {
        Box::pin(async move {
            let connected = connect::connect(&self.reach, host, port, plain).await;
            let stream = connected.map_err(|failure| match failure {
                OutboundFailure::Refused => Failure::Refused,
                OutboundFailure::TimedOut => Failure::TimedOut,
                _ => Failure::Unreachable,
            })?;
            Ok(Box::new(stream) as Box<dyn Stream>)
        })
    }

    fn secure<'a>(&'a self, host: &'a str, stream: Box<dyn Stream>) -> Opening<'a> {
        Box::pin(async move {
            let secured = connect::secure(&self.tls, host, stream).await;
            let stream = secured.map_err(|_| Failure::Tls)?;
            Ok(Box::new(stream) as Box<dyn Stream>)
        })
    }
}
