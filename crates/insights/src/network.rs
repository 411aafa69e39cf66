//! Addresses and subnets ("IP address string functions").

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether `address` is one of the subnet `block`, `10.0.0.0/8`. False where either is none.
pub(crate) fn is_within(address: &str, block: &str) -> bool {
    let Some((network, length)) = block.split_once('/') else {
        return false;
    };
    let (Ok(length), Ok(network)) = (length.parse::<u32>(), network.parse()) else {
        return false;
    };
    match (address.parse(), network) {
        (Ok(IpAddr::V4(address)), IpAddr::V4(network)) if length <= 32 => {
            let bits = |address: Ipv4Addr| u128::from(address.to_bits());
            same(bits(address), bits(network), 32 - length)
        }
        (Ok(IpAddr::V6(address)), IpAddr::V6(network)) if length <= 128 => {
            same(address.to_bits(), network.to_bits(), 128 - length)
        }
        _ => false,
    }
}

/// Whether all but the last `hosts` bits are the same.
fn same(one: u128, two: u128, hosts: u32) -> bool {
    let network = |bits: u128| bits.checked_shr(hosts).unwrap_or(0);
    network(one) == network(two)
}

pub(crate) fn is_v4(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok()
}

pub(crate) fn is_v6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_in_their_subnets() {
        for (address, block, expected) in [
            ("10.1.2.3", "10.0.0.0/8", true),
            ("11.1.2.3", "10.0.0.0/8", false),
            ("11.1.2.3", "0.0.0.0/0", true),
            ("10.0.0.1", "10.0.0.1/32", true),
            ("10.0.0.1", "10.0.0.1/33", false),
            ("10.0.0.1", "10.0.0.1", false),
            ("2001:db8::1", "2001:db8::/32", true),
            ("2001:db9::1", "2001:db8::/32", false),
            ("::1", "::/0", true),
            ("::1", "0.0.0.0/0", false),
            ("x", "0.0.0.0/0", false),
        ] {
            assert_eq!(is_within(address, block), expected, "{address} {block}");
        }
    }
}
