//! Addresses and blocks of them ("IP address matching", EventBridge user guide).

use std::net::IpAddr;

/// A block of addresses: all with the same leading bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Block {
    first: IpAddr,
    last: IpAddr,
}

impl Block {
    /// One address alone, if the text is one.
    pub(crate) fn single(text: &str) -> Option<Self> {
        let address = parse(text)?;
        Some(Self {
            first: address,
            last: address,
        })
    }

    /// The block of a text in CIDR notation, or what is wrong with it.
    pub(crate) fn cidr(text: &str) -> Result<Self, String> {
        let one_slash = "Malformed CIDR, one '/' required";
        let (address, bits) = text.split_once('/').ok_or(one_slash)?;
        if bits.contains('/') || bits.is_empty() {
            return Err(one_slash.to_owned());
        }
        let bits: i32 = bits
            .parse()
            .map_err(|_| "Malformed CIDR, mask bits must be an integer")?;
        let bits =
            u32::try_from(bits).map_err(|_| "Malformed CIDR, mask bits must not be negative")?;
        let named = parse(address).ok_or_else(|| format!("Nonstandard IP address: {address}"))?;
        let (first, last) = match named {
            IpAddr::V4(_) if bits > 31 => return Err("IPv4 mask bits must be < 32".to_owned()),
            IpAddr::V6(_) if bits > 127 => return Err("IPv6 mask bits must be < 128".to_owned()),
            IpAddr::V4(named) => {
                let (named, hosts) = (u32::from(named), u32::MAX.checked_shr(bits).unwrap_or(0));
                let ends = [named & !hosts, named | hosts];
                ends.map(|end| IpAddr::V4(end.into())).into()
            }
            IpAddr::V6(named) => {
                let (named, hosts) = (u128::from(named), u128::MAX.checked_shr(bits).unwrap_or(0));
                let ends = [named & !hosts, named | hosts];
                ends.map(|end| IpAddr::V6(end.into())).into()
            }
        };
        Ok(Self { first, last })
    }

    /// Whether the address is one of the block.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.first.is_ipv4() && self.first <= address && address <= self.last
    }
}

/// The address that a text is.
pub(crate) fn parse(text: &str) -> Option<IpAddr> {
    // Only what is written in digits, dots and colons: no zones, no embedded IPv4 addresses.
    let is_plain = match text.contains(':') {
        true => text
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b':'),
        false => text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.'),
    };
    is_plain.then(|| text.parse().ok()).flatten()
}
