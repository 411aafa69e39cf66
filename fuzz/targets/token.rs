//! Session tokens. The first line of an input is an access key id, the rest a token; the whole is
//! also read as a list of changes to a genuine token.
//!
//! Nothing but the genuine token opens, and that only with its own access key.
#![no_main]

use std::sync::LazyLock;

use crypto::{Keyring, Random, RandomFailure};
use libfuzzer_sys::fuzz_target;
use platform::Caller;
use platform::testing::Tokens;

const ACCOUNT: &str = "111122223333";

struct Sevens;

impl Random for Sevens {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailure> {
        out.fill(7);
        Ok(())
    }
}

struct Genuine {
    tokens: Tokens,
    access_key_id: String,
    token: String,
}

static GENUINE: LazyLock<Genuine> = LazyLock::new(|| {
    let keyring = Keyring::generate(&Sevens).unwrap_or_else(|_| panic!("no keyring"));
    let tokens = Tokens::new(keyring);
    let issued = tokens.issue(Caller::root(ACCOUNT, ""), &Sevens);
    let issued = issued.unwrap_or_else(|_| panic!("no credentials"));
    Genuine {
        access_key_id: issued.access_key_id,
        token: issued.session_token.expose().clone(),
        tokens,
    }
});

fuzz_target!(|input: &[u8]| {
    let genuine = &*GENUINE;
    let own = genuine.tokens.open(&genuine.access_key_id, &genuine.token);
    assert!(own.is_some_and(|caller| caller.account == ACCOUNT));
    if let Ok(changed) = String::from_utf8(changed(input)) {
        check(&genuine.access_key_id, &changed);
    }
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    let (id, token) = text.split_once('\n').unwrap_or((text, ""));
    check(id, token);
    check(id, &genuine.token);
    check(&genuine.access_key_id, token);
    if let Some(account) = Tokens::account_in(id) {
        assert!(account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()));
    }
});

fn check(access_key_id: &str, token: &str) {
    let is_genuine = access_key_id == GENUINE.access_key_id && token == GENUINE.token;
    let opened = GENUINE.tokens.open(access_key_id, token);
    assert!(opened.is_some() == is_genuine, "a forged token opens");
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
