//! The names that IAM draws at random ("IAM identifiers", IAM user guide).

use crypto::{Random, RandomFailure};
use zeroize::Zeroizing;

/// RFC 4648, section 6.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// RFC 4648, section 4.
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What a unique id is for ("Unique identifiers").
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prefix {
    Group,
    InstanceProfile,
    ManagedPolicy,
    Role,
    ServerCertificate,
    SshKey,
    User,
}

impl Prefix {
    fn letters(self) -> &'static str {
        match self {
            Self::Group => "AGPA",
            Self::InstanceProfile => "AIPA",
            Self::ManagedPolicy => "ANPA",
            Self::Role => "AROA",
            Self::ServerCertificate => "ASCA",
            Self::SshKey => "APKA",
            Self::User => "AIDA",
        }
    }
}

/// A unique id: four letters that say of what, and 17 characters.
pub(crate) fn unique_id(prefix: Prefix, random: &dyn Random) -> Result<String, RandomFailure> {
    Ok(format!(
        "{}{}",
        prefix.letters(),
        *text::<17>(random, BASE32)?
    ))
}

/// An access key id: `AKIA` and 16 characters.
pub(crate) fn access_key_id(random: &dyn Random) -> Result<String, RandomFailure> {
    Ok(format!("AKIA{}", *text::<16>(random, BASE32)?))
}

/// A secret access key: 40 characters, 240 random bits.
pub(crate) fn secret_access_key(random: &dyn Random) -> Result<Zeroizing<String>, RandomFailure> {
    text::<40>(random, BASE64)
}

/// A long id in capital letters and digits, such as that of a SAML provider or of its private keys:
/// letters that say of what, and 20 characters.
pub(crate) fn long_id(letters: &str, random: &dyn Random) -> Result<String, RandomFailure> {
    Ok(format!("{letters}{}", *text::<20>(random, BASE32)?))
}

/// Bytes in base32 (RFC 4648, section 6); their number is a multiple of five.
pub(crate) fn base32(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() / 5 * 8));
    for five in bytes.chunks(5) {
        let group = five
            .iter()
            .fold(0_u64, |group, byte| group << 8 | u64::from(*byte));
        for place in (0..8).rev() {
            let index = usize::try_from(group >> (5 * place) & 31).unwrap_or(0);
            text.extend(BASE32.get(index).copied().map(char::from));
        }
    }
    text
}

/// An account id: 12 digits, the first not 0.
pub(crate) fn account_id(random: &dyn Random) -> Result<String, RandomFailure> {
    let mut bytes = [0; 8];
    random.fill(&mut bytes)?;
    Ok((100_000_000_000 + u64::from_be_bytes(bytes) % 900_000_000_000).to_string())
}

/// `N` characters of `alphabet`, whose length is a power of two.
fn text<const N: usize>(
    random: &dyn Random,
    alphabet: &[u8],
) -> Result<Zeroizing<String>, RandomFailure> {
    let mut bytes = Zeroizing::new([0; N]);
    random.fill(&mut *bytes)?;
    let mut drawn = Zeroizing::new(String::with_capacity(N));
    for byte in bytes.iter() {
        let index = usize::from(*byte) % alphabet.len();
        drawn.extend(alphabet.get(index).copied().map(char::from));
    }
    Ok(drawn)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use platform::SeededRandom;

    use super::*;

    #[test]
    fn ids_have_the_documented_forms_and_do_not_repeat() {
        let random = SeededRandom::new(7);
        let base32 = |text: &str| text.bytes().all(|byte| BASE32.contains(&byte));
        let mut seen = BTreeSet::new();
        for _ in 0..500 {
            let user = unique_id(Prefix::User, &random).unwrap();
            assert!(
                user.len() == 21 && user.starts_with("AIDA") && base32(&user),
                "{user}"
            );
            let key = access_key_id(&random).unwrap();
            assert!(
                key.len() == 20 && key.starts_with("AKIA") && base32(&key),
                "{key}"
            );
            let secret = secret_access_key(&random).unwrap();
            assert!(secret.len() == 40 && secret.bytes().all(|byte| BASE64.contains(&byte)));
            let account = account_id(&random).unwrap();
            assert!(
                account.len() == 12 && !account.starts_with('0'),
                "{account}"
            );
            assert!(
                account.bytes().all(|byte| byte.is_ascii_digit()),
                "{account}"
            );
            for drawn in [user, key, secret.to_string(), account] {
                assert!(seen.insert(drawn));
            }
        }
    }

    /// RFC 4648, section 10, and the seed of RFC 6238's examples.
    #[test]
    fn base32_is_the_documented_one() {
        assert_eq!(*base32(b"fooba"), "MZXW6YTB");
        let seed = base32(b"12345678901234567890");
        assert_eq!(*seed, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn every_character_of_an_alphabet_occurs() {
        let random = SeededRandom::new(9);
        let drawn: String = (0..100)
            .map(|_| secret_access_key(&random).unwrap().to_string())
            .collect();
        let occurring: BTreeSet<u8> = drawn.bytes().collect();
        assert_eq!(occurring.len(), BASE64.len());
    }
}
