//! Signed JSON Web Tokens. The first line of an input is a token, the others are the members of a
//! JSON Web Key; the whole is also read as a list of changes to a genuine token.
//!
//! No change may leave the genuine token one that its key signed, and no input may be signed by a
//! key that nobody signs with.
#![no_main]

use std::sync::LazyLock;

use crypto::jws::{Algorithm, PublicKey, SigningKey, Token};
use libfuzzer_sys::fuzz_target;

const HEADER: &[u8] = br#"{"alg":"ES384","typ":"JWT"}"#;
const CLAIMS: &[u8] = br#"{"iss":"https://issuer.example.com","sub":"alice"}"#;
const NAMES: [&str; 7] = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "none"];

struct Genuine {
    token: String,
    key: PublicKey,
}

static GENUINE: LazyLock<Genuine> = LazyLock::new(|| {
    let key = SigningKey::generate_p384().unwrap_or_else(|_| panic!("no key"));
    let token = key.sign(HEADER, CLAIMS);
    let members = key.public().unwrap_or_else(|_| panic!("no public key"));
    let member = |name: &str| {
        let found = members.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let key = PublicKey::ec("P-384", member("x"), member("y"));
    Genuine {
        token: token.unwrap_or_else(|_| panic!("no token")),
        key: key.unwrap_or_else(|| panic!("no point")),
    }
});

fuzz_target!(|input: &[u8]| {
    let genuine = &*GENUINE;
    assert!(is_signed(&genuine.token), "the genuine token is refused");
    if let Ok(changed) = String::from_utf8(changed(input)) {
        assert!(
            changed == genuine.token || !is_signed(&changed),
            "a forged token is accepted"
        );
    }
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    let mut lines = text.split('\n');
    let token = lines.next().unwrap_or_default();
    assert!(
        token == genuine.token || !is_signed(token),
        "a forged token is accepted"
    );
    let Some(token) = Token::parse(token) else {
        return;
    };
    let [one, two, three] = [(); 3].map(|()| lines.next().unwrap_or_default());
    let keys = [PublicKey::rsa(one, two), PublicKey::ec(one, two, three)];
    for key in keys.iter().flatten() {
        for algorithm in NAMES.into_iter().filter_map(Algorithm::parse) {
            // Whoever brings the key may have signed: only that it answers counts.
            let _ = token.is_signed_by(algorithm, key);
        }
    }
});

/// Whether the genuine key signed it, with its own algorithm; with any other it never did.
fn is_signed(token: &str) -> bool {
    let Some(token) = Token::parse(token) else {
        return false;
    };
    let signed = |name: &&str| {
        let algorithm = Algorithm::parse(name);
        algorithm.is_some_and(|algorithm| token.is_signed_by(algorithm, &GENUINE.key))
    };
    let names: Vec<&str> = NAMES.into_iter().filter(signed).collect();
    assert!(
        names.iter().all(|name| *name == "ES384"),
        "a key signs with an algorithm that is not its own"
    );
    !names.is_empty()
}

/// The genuine token with the changes that `input` spells: two bytes each, a place and a
/// difference. The last odd byte, if there is one, is how much is cut off the end.
fn changed(input: &[u8]) -> Vec<u8> {
    let mut token = GENUINE.token.clone().into_bytes();
    let (changes, cut) = input.as_chunks::<2>();
    for [place, difference] in changes {
        let place = usize::from(*place) % token.len();
        token[place] ^= difference;
    }
    let cut = cut.first().map_or(0, |cut| usize::from(*cut));
    token.truncate(token.len().saturating_sub(cut));
    token
}
