//! Which addresses may be reached. Whoever administers an account names issuers, webhooks and API
//! destinations, and an issuer names where its keys are: without a limit, each makes this server a
//! door into the network it stands in.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;

use platform::OutboundFailure;

use crate::proxies::Cidr;

/// How many addresses of one name are tried.
const TRIED: usize = 4;

/// Public addresses, and whatever the operator opens.
#[derive(Clone)]
pub struct Reach {
    opened: Arc<[Opening]>,
    anywhere: bool,
    names: Arc<dyn Names>,
}

/// What the operator opens: a network, an address, or a host by its name, wherever that leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Every address in it.
    Network(Cidr),
    /// A host of this name, in lower case.
    Host(String),
}

/// Resolves names. A seam: what a name leads to is not for tests to choose otherwise.
pub(super) trait Names: Send + Sync {
    /// The addresses of `host`, a name or an address.
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> Resolving<'a>;
}

pub(super) type Resolving<'a> =
    Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>>;

/// Asks the system.
struct SystemNames;

impl Names for SystemNames {
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> Resolving<'a> {
        Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
    }
}

impl Reach {
    /// Public addresses, and what is `opened`.
    pub fn new(opened: Vec<Opening>) -> Self {
        Self {
            opened: opened.into(),
            anywhere: false,
            names: Arc::new(SystemNames),
        }
    }

    /// Every address: for destinations that the operator names.
    pub fn anywhere() -> Self {
        Self {
            anywhere: true,
            ..Self::new(Vec::new())
        }
    }

    #[cfg(test)]
    pub(super) fn with_names(mut self, names: impl Names + 'static) -> Self {
        self.names = Arc::new(names);
        self
    }

    /// The addresses of `host` that may be reached, at least one, those alone that are opened if
    /// the request is `plain`. The connection must go to one of them: asked again, the name may lead
    /// elsewhere.
    pub(super) async fn resolve(
        &self,
        host: &str,
        port: u16,
        plain: bool,
    ) -> Result<Vec<SocketAddr>, OutboundFailure> {
        let found = self.names.resolve(host, port).await;
        let found = found.map_err(|_| OutboundFailure::Unresolved)?;
        if found.is_empty() {
            return Err(OutboundFailure::Unresolved);
        }
        let allowed = |address: &SocketAddr| {
            let address = address.ip().to_canonical();
            self.anywhere || self.opens(host, address) || !plain && is_public(address)
        };
        let allowed: Vec<_> = found.into_iter().filter(allowed).take(TRIED).collect();
        if allowed.is_empty() {
            return Err(OutboundFailure::Refused);
        }
        Ok(allowed)
    }

    fn opens(&self, host: &str, address: IpAddr) -> bool {
        self.opened.iter().any(|opening| match opening {
            Opening::Network(network) => network.contains(address),
            Opening::Host(name) => name.eq_ignore_ascii_case(host),
        })
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Whether the address is none of those with a special purpose (RFC 6890).
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || matches!((first, second, third), (192, 0, 0) | (192, 88, 99))
        || matches!((first, second), (100, 64..=127) | (198, 18..=19))
        || matches!(first, 0 | 224..=255);
    !is_special
}

/// Whether the address is a global unicast one (RFC 4291) that holds no IPv4 address inside.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let is_special = first & 0xe000 != 0x2000
        || first == 0x2002
        || first == 0x3fff && second < 0x1000
        || first == 0x2001 && (second < 0x0200 || second == 0x0db8);
    !is_special
}

/// The text opens nothing.
#[derive(Debug)]
pub struct NoOpening;

impl fmt::Display for NoOpening {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("expected a range such as 10.0.0.0/8, an address, or a host name")
    }
}

impl std::error::Error for NoOpening {}

impl FromStr for Opening {
    type Err = NoOpening;

    fn from_str(text: &str) -> Result<Self, NoOpening> {
        if let Ok(network) = text.parse() {
            return Ok(Self::Network(network));
        }
        // A name whose last label is a number is an address to resolvers, in a notation of its own.
        let is_label = |label: &str| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        let is_name = text.split('.').all(is_label);
        let last = text.rsplit('.').next().unwrap_or_default();
        if !is_name || last.starts_with(|first: char| first.is_ascii_digit()) {
            return Err(NoOpening);
        }
        Ok(Self::Host(text.to_ascii_lowercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn resolve(reach: &Reach, host: &str) -> Result<Vec<SocketAddr>, OutboundFailure> {
        reach.resolve(host, 443, false).await
    }

    #[tokio::test]
    async fn sec_w1_nobody_is_found_inside_unless_the_operator_says_so() {
        let closed = Reach::new(Vec::new());
        for inside in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "169.254.169.254",
            "169.254.170.2",
            "172.16.0.1",
            "192.168.1.1",
            "192.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:7f00:1",
            "::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b:1::a00:1",
            "2002:a00:1::",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "localhost",
        ] {
            let found = resolve(&closed, inside).await;
            assert_eq!(found, Err(OutboundFailure::Refused), "{inside}");
        }
        for outside in ["1.1.1.1", "172.32.0.1", "192.0.1.1", "2606:4700::1111"] {
            assert!(resolve(&closed, outside).await.is_ok(), "{outside}");
            let plain = closed.resolve(outside, 80, true).await;
            assert_eq!(plain, Err(OutboundFailure::Refused), "{outside}");
        }
    }

    #[tokio::test]
    async fn sec_w1_addresses_in_odd_notations_are_what_they_mean() {
        let closed = Reach::new(Vec::new());
        // Resolvers that know the notations of inet_aton make loopback of them, others nothing.
        for odd in [
            "2130706433",
            "0177.0.0.1",
            "0x7f.0.0.1",
            "0x7f000001",
            "127.1",
            "017700000001",
            "localhost.",
        ] {
            let found = resolve(&closed, odd).await;
            let expected = [OutboundFailure::Refused, OutboundFailure::Unresolved];
            assert!(found.is_err_and(|it| expected.contains(&it)), "{odd}");
        }
    }

    #[tokio::test]
    async fn what_is_opened_is_reached_and_nothing_beside_it() {
        let network = "10.1.0.0/16".parse().expect("a network");
        let opened = Reach::new(vec![network, "LocalHost".parse().expect("a name")]);
        for (host, found) in [
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("10.2.0.1", false),
            ("localhost", true),
            ("127.0.0.1", false),
            ("localhost.", false),
        ] {
            assert_eq!(resolve(&opened, host).await.is_ok(), found, "{host}");
            assert_eq!(opened.resolve(host, 80, true).await.is_ok(), found);
        }
        assert!(resolve(&Reach::anywhere(), "127.0.0.1").await.is_ok());
    }

    #[test]
    fn openings_are_networks_addresses_and_names() {
        for (text, network) in [("10.0.0.0/8", true), ("::1", true), ("siem.example", false)] {
            let opening: Opening = text.parse().expect(text);
            assert_eq!(matches!(opening, Opening::Network(_)), network, "{text}");
        }
        for wrong in [
            "",
            "10.0.0.1/8",
            "2130706433",
            "0x7f.1",
            "*.example",
            "https://siem.example",
            "siem.example:443",
            "a..b",
            "a b",
        ] {
            assert!(wrong.parse::<Opening>().is_err(), "{wrong}");
        }
    }

    /// A name that leads outside first and inside when it is asked again, or to both at once.
    struct Rebinding(std::sync::atomic::AtomicUsize);

    impl Names for Rebinding {
        fn resolve<'a>(&'a self, host: &'a str, port: u16) -> Resolving<'a> {
            let again = self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst) > 0;
            let [inside, outside] = [[127, 0, 0, 1], [1, 1, 1, 1]]
                .map(|octets| SocketAddr::from((IpAddr::from(octets), port)));
            let found = match (host, again) {
                ("both.example", _) => vec![inside, outside, inside],
                (_, true) => vec![inside],
                (_, false) => vec![outside],
            };
            Box::pin(std::future::ready(Ok(found)))
        }
    }

    #[tokio::test]
    async fn sec_w1_a_name_that_leads_elsewhere_later_is_judged_by_where_it_leads() {
        let reach = Reach::new(Vec::new()).with_names(Rebinding(0.into()));
        let outside = vec![SocketAddr::from(([1, 1, 1, 1], 443))];
        assert_eq!(resolve(&reach, "turns.example").await, Ok(outside.clone()));
        let inside = resolve(&reach, "turns.example").await;
        assert_eq!(inside, Err(OutboundFailure::Refused));
        assert_eq!(resolve(&reach, "both.example").await, Ok(outside));
    }
}
