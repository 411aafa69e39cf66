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

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use crypto::Secret;
    use platform::SystemRandom;
    use platform::databases::{Engine, Tls};

    use super::*;

    fn passwords(opened: &[&str]) -> Passwords {
        let settings = OutboundSettings {
            allow: opened.iter().filter_map(|it| it.parse().ok()).collect(),
            ..OutboundSettings::default()
        };
        let made = Passwords::new(&settings, Arc::new(SystemRandom));
        made.unwrap_or_else(|_| unreachable!("the system's certificates are optional"))
    }

    async fn meets(opened: &[&str], address: SocketAddr, tls: Tls) -> Result<(), Failure> {
        let login = Login {
            engine: Engine::Postgres,
            host: address.ip().to_string(),
            port: address.port(),
            username: "app".to_owned(),
            password: Secret::new("geheim".to_owned()),
            dbname: None,
            tls,
        };
        passwords(opened).test(login).await
    }

    #[tokio::test]
    async fn sec_w1_no_database_is_reached_inside_unless_the_operator_says_so() {
        for address in [
            "127.0.0.1:1",
            "169.254.169.254:80",
            "10.0.0.1:5432",
            "[::1]:1",
        ] {
            let address = address.parse().expect(address);
            for tls in [Tls::Off, Tls::Preferred, Tls::Required] {
                let met = meets(&["192.0.2.0/24"], address, tls).await;
                assert_eq!(met, Err(Failure::Refused), "{address} {tls:?}");
            }
        }
    }

    #[tokio::test]
    async fn sec_w1_a_public_database_is_never_reached_without_tls() {
        let address = "1.1.1.1:5432".parse().expect("an address");
        let met = meets(&[], address, Tls::Off).await;
        assert_eq!(met, Err(Failure::Refused));
    }

    #[tokio::test]
    async fn what_is_opened_is_reached() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a listener");
        let address = listener.local_addr().expect("an address");
        for tls in [Tls::Off, Tls::Preferred] {
            let met = meets(&["127.0.0.1"], address, tls);
            let (met, accepted) = tokio::join!(met, async { listener.accept().await.map(drop) });
            assert_eq!(met, Err(Failure::Unreachable), "it hung up");
            assert!(accepted.is_ok());
        }
    }
}
