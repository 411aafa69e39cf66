//! Who calls, behind proxies that forward calls.
//!
//! `X-Forwarded-For` is a header that anybody can write, and `aws:SourceIp` opens doors: it is read
//! only when the connection comes from an address that the operator named, and then from the right,
//! since each proxy adds whom it saw at the end.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ::http::HeaderMap;

/// A range of addresses, `10.0.0.0/8`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    bits: u128,
    mask: u128,
    is_v4: bool,
}

/// The addresses whose `X-Forwarded-For` is believed. None by default.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(pub Vec<Cidr>);

impl TrustedProxies {
    /// The address that a call comes from: of the peer, or of the last hop before the trusted ones.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if self.0.is_empty() {
            return client;
        }
        let lines = headers.get_all("x-forwarded-for").iter();
        let hops: Vec<&str> = lines
            .flat_map(|line| line.to_str().unwrap_or("?").split(','))
            .collect();
        for hop in hops.into_iter().rev() {
            // What stands before an untrusted hop is hearsay.
            if !self.trusts(client) {
                return client;
            }
            match address(hop) {
                Some(hop) => client = hop,
                None => return client,
            }
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|range| range.contains(address))
    }
}

impl Cidr {
    /// Whether the address is in the range.
    pub fn contains(self, address: IpAddr) -> bool {
        let (bits, is_v4) = bits(address.to_canonical());
        is_v4 == self.is_v4 && bits & self.mask == self.bits
    }
}

/// The text was no range of addresses.
#[derive(Debug)]
pub struct NoCidr;

impl fmt::Display for NoCidr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("expected an address or a range such as 10.0.0.0/8")
    }
}

impl std::error::Error for NoCidr {}

impl FromStr for Cidr {
    type Err = NoCidr;

    fn from_str(text: &str) -> Result<Self, NoCidr> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NoCidr)?;
        let (bits, is_v4) = bits(address);
        let width = if is_v4 { 32 } else { 128 };
        let length = match length {
            None => width,
            Some(length) => length.parse::<u32>().map_err(|_| NoCidr)?,
        };
        if length > width {
            return Err(NoCidr);
        }
        let whole = u128::MAX >> (128 - width);
        let mask = whole & !whole.checked_shr(length).unwrap_or(0);
        if bits & !mask != 0 {
            return Err(NoCidr);
        }
        Ok(Self { bits, mask, is_v4 })
    }
}

fn bits(address: IpAddr) -> (u128, bool) {
    match address {
        IpAddr::V4(address) => (u32::from(address).into(), true),
        IpAddr::V6(address) => (address.into(), false),
    }
}

/// `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1` or `[2001:db8::1]:443`
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let parsed = bare.unwrap_or(hop).parse::<IpAddr>().ok();
    let with_port = || hop.parse::<std::net::SocketAddr>().ok().map(|one| one.ip());
    parsed
        .or_else(with_port)
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], peer: &str, lines: &[&str]) -> String {
        let trusted = trusted.iter().map(|one| one.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let client = TrustedProxies(trusted).client(peer.parse().unwrap(), &headers);
        client.to_string()
    }

    #[test]
    fn sec_s19_forwarded_addresses_count_only_from_trusted_proxies() {
        // Nobody is trusted unless named.
        assert_eq!(client(&[], "10.0.0.1", &["1.2.3.4"]), "10.0.0.1");
        assert_eq!(
            client(&["10.0.0.0/8"], "192.0.2.9", &["1.2.3.4"]),
            "192.0.2.9"
        );
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &["1.2.3.4"]), "1.2.3.4");
        // What the client wrote itself stands to the left of what the proxy saw.
        assert_eq!(
            client(&["10.0.0.0/8"], "10.0.0.1", &["127.0.0.1, 1.2.3.4"]),
            "1.2.3.4"
        );
        assert_eq!(
            client(&["10.0.0.0/8"], "10.0.0.1", &["127.0.0.1", "1.2.3.4"]),
            "1.2.3.4"
        );
        assert_eq!(
            client(&["10.0.0.0/8"], "10.0.0.1", &["9.9.9.9, 1.2.3.4, 10.0.0.2"]),
            "1.2.3.4"
        );
        assert_eq!(
            client(&["10.0.0.0/8"], "10.0.0.1", &["10.9.9.9, 10.0.0.2"]),
            "10.9.9.9"
        );
        // What is no address ends the chain at the proxy that passed it on.
        assert_eq!(
            client(&["10.0.0.0/8"], "10.0.0.1", &["1.2.3.4, unknown, 10.0.0.2"]),
            "10.0.0.2"
        );
        assert_eq!(
            client(&["10.0.0.0/8"], "10.0.0.1", &["1.2.3.4,"]),
            "10.0.0.1"
        );
    }

    #[test]
    fn addresses_are_read_in_every_form() {
        assert_eq!(
            client(&["::1"], "::1", &["[2001:db8::1]:443"]),
            "2001:db8::1"
        );
        assert_eq!(client(&["::1"], "::1", &["192.0.2.1:443"]), "192.0.2.1");
        assert_eq!(
            client(&["127.0.0.1"], "::ffff:127.0.0.1", &["::ffff:1.2.3.4"]),
            "1.2.3.4"
        );
        assert_eq!(client(&["0.0.0.0/0"], "::1", &["1.2.3.4"]), "::1");
    }

    #[test]
    fn ranges_are_exact() {
        let range: Cidr = "10.1.0.0/16".parse().unwrap();
        assert!(range.contains("10.1.255.255".parse().unwrap()));
        assert!(!range.contains("10.2.0.0".parse().unwrap()));
        let all: Cidr = "::/0".parse().unwrap();
        assert!(
            all.contains("2001:db8::1".parse().unwrap())
                && !all.contains("1.1.1.1".parse().unwrap())
        );
        for wrong in [
            "",
            "10.0.0.1/8",
            "10.0.0.0/33",
            "::/129",
            "example.com",
            "10.0.0.0/",
        ] {
            assert!(wrong.parse::<Cidr>().is_err(), "{wrong}");
        }
    }
}
