//! The ids that Organizations draws at random (the patterns of its API reference).

use crypto::{Random, RandomFailure};

/// The characters of every id.
const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// Bytes from here on would make some characters likelier than others.
const UNBIASED: u8 = 252;

/// What an id is for.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// `car-..`, a request to make an account.
    CreateAccountRequest,
    /// `h-..`
    Handshake,
    /// `o-..`
    Organization,
    /// `p-..`
    Policy,
    /// `rp-..`
    ResourcePolicy,
    /// `r-..`
    Root,
}

/// A new id.
pub(crate) fn new(kind: Kind, random: &dyn Random) -> Result<String, RandomFailure> {
    let (prefix, length) = match kind {
        Kind::CreateAccountRequest => ("car-", 32),
        Kind::Handshake => ("h-", 32),
        Kind::Organization => ("o-", 10),
        Kind::Policy => ("p-", 10),
        Kind::ResourcePolicy => ("rp-", 10),
        Kind::Root => ("r-", 4),
    };
    Ok(format!("{prefix}{}", text(length, random)?))
}

/// A new id of an organizational unit, which repeats the root's.
pub(crate) fn unit(root_id: &str, random: &dyn Random) -> Result<String, RandomFailure> {
    let root = root_id.trim_start_matches("r-");
    Ok(format!("ou-{root}-{}", text(8, random)?))
}

fn text(length: usize, random: &dyn Random) -> Result<String, RandomFailure> {
    let mut drawn = String::with_capacity(length);
    while drawn.len() < length {
        let mut byte = [0];
        random.fill(&mut byte)?;
        let [byte] = byte;
        if byte < UNBIASED {
            let letter = BASE36.get(usize::from(byte) % BASE36.len());
            drawn.extend(letter.copied().map(char::from));
        }
    }
    Ok(drawn)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use platform::SeededRandom;

    use super::*;

    #[test]
    fn ids_have_the_documented_forms_and_every_letter_occurs() {
        let random = SeededRandom::new(3);
        let mut letters = BTreeSet::new();
        for _ in 0..50 {
            for (kind, prefix, length) in [
                (Kind::CreateAccountRequest, "car-", 36),
                (Kind::Handshake, "h-", 34),
                (Kind::Organization, "o-", 12),
                (Kind::Policy, "p-", 12),
                (Kind::ResourcePolicy, "rp-", 13),
                (Kind::Root, "r-", 6),
            ] {
                let id = new(kind, &random).unwrap();
                assert!(id.starts_with(prefix) && id.len() == length, "{id}");
                letters.extend(id.bytes().skip(prefix.len()));
            }
        }
        assert_eq!(letters, BASE36.iter().copied().collect());
        let unit = unit("r-ab12", &random).unwrap();
        assert!(unit.starts_with("ou-ab12-") && unit.len() == 16, "{unit}");
    }
}
