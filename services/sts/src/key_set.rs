//! JSON Web Key Sets (RFC 7517), and who of a set signed a token.

use crypto::jws::{Algorithm, PublicKey, Token};
use serde_json::Value;

/// The most keys of a set that are looked at.
const MAX_KEYS: usize = 100;

/// Whether a key of `set`, a JSON Web Key Set, signed the token; none if the set lacks the key that
/// the token names.
pub(crate) fn verify(
    set: &str,
    token: &Token<'_>,
    algorithm: Algorithm,
    kid: Option<&str>,
) -> Option<bool> {
    let set: Value = serde_json::from_str(set).ok()?;
    let keys = set.get("keys")?.as_array()?.iter().take(MAX_KEYS);
    let named: Vec<&Value> = keys
        .filter(|key| kid.is_none() || text(key, "kid") == kid)
        .filter(|key| matches!(text(key, "use"), None | Some("sig")))
        .collect();
    if named.is_empty() {
        return None;
    }
    Some(named.into_iter().any(|key| {
        // A key that says which algorithm it is for is for that one alone (RFC 7517, 4.4).
        let other = text(key, "alg").is_some_and(|name| Algorithm::parse(name) != Some(algorithm));
        !other && public_key(key).is_some_and(|key| token.is_signed_by(algorithm, &key))
    }))
}

fn public_key(key: &Value) -> Option<PublicKey> {
    match text(key, "kty")? {
        "RSA" => PublicKey::rsa(text(key, "n")?, text(key, "e")?),
        "EC" => PublicKey::ec(text(key, "crv")?, text(key, "x")?, text(key, "y")?),
        _ => None,
    }
}

fn text<'a>(key: &'a Value, name: &str) -> Option<&'a str> {
    key.get(name)?.as_str()
}
