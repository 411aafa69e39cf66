//! Which addresses an issuer may have. Whoever administers an account names issuers, and an issuer
//! names where its keys are: without a limit, both make this server a door into the network it
//! stands in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use platform::KeySetError;

use crate::proxies::Cidr;

/// Public addresses, and those of the networks that the operator opens to issuers.
pub(super) struct Reach(pub(super) Vec<Cidr>);

impl Reach {
    /// An address of `host` that may be reached. The connection must go to this one: asked again,
    /// the name may lead elsewhere.
    pub(super) async fn resolve(&self, host: &str, port: u16) -> Result<SocketAddr, KeySetError> {
        let found = tokio::net::lookup_host((host, port)).await;
        let mut found = found.map_err(|_| KeySetError::Unreachable)?;
        let open = found.find(|address| self.allows(address.ip()));
        open.ok_or(KeySetError::Unreachable)
    }

    fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let is_public = match address {
            IpAddr::V4(address) => is_public_v4(address),
            IpAddr::V6(address) => is_public_v6(address),
        };
        is_public || self.0.iter().any(|network| network.contains(address))
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
        || first == 0x2001 && (second < 0x0200 || second == 0x0db8);
    !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sec_w1_issuers_are_not_found_inside_unless_the_operator_says_so() {
        let closed = Reach(Vec::new());
        for inside in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "169.254.169.254",
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
            "::7f00:1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001::1",
            "2001:db8::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "localhost",
        ] {
            let found = closed.resolve(inside, 443).await;
            assert_eq!(found, Err(KeySetError::Unreachable), "{inside}");
        }
        for outside in ["1.1.1.1", "172.32.0.1", "192.0.1.1", "2606:4700::1111"] {
            assert!(closed.resolve(outside, 443).await.is_ok(), "{outside}");
        }
        let opened = Reach(vec!["10.1.0.0/16".parse().unwrap()]);
        assert!(opened.resolve("10.1.2.3", 443).await.is_ok());
        assert!(opened.resolve("::ffff:10.1.2.3", 443).await.is_ok());
        assert!(opened.resolve("10.2.0.1", 443).await.is_err());
    }
}
