//! The keys that web identity tokens are signed with: one of each algorithm for the installation,
//! made when first needed.
//!
//! The rule of rotation: a key signs for 90 days, and is published for one day longer, which
//! outlasts every token that it signed. What is published is read with every request, so a new key
//! is known before anybody can see a token of it.

use api::sts::OutboundWebIdentityFederationDisabledException;
use crypto::jws::{Algorithm, SigningKey};
use platform::{Ctx, Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Key, Record, Store};
use wire::{Fault, Timestamp};

const DAY: i64 = 24 * 3600 * 1000;
/// How long a key signs, in milliseconds.
const SIGNS: i64 = 90 * DAY;
/// How long it is published, in milliseconds.
const PUBLISHED: i64 = SIGNS + DAY;
/// The name that the sealing key of private keys is derived for.
const SEALING: &str = "sts.signing-keys";

/// The keys of one algorithm, the newest last.
#[derive(Clone, Default, Serialize, Deserialize)]
struct SigningKeys {
    keys: Vec<Kept>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    /// The key id that tokens name.
    kid: String,
    /// When it was made, in milliseconds since 1970.
    made_millis: i64,
    /// The members of the public JSON Web Key.
    public: Vec<(String, String)>,
    /// The private key, sealed.
    sealed: Vec<u8>,
}

impl Record for SigningKeys {
    const TABLE: &'static str = "sts.signing-keys";
    const SERVICE: &'static str = "sts";
}

impl SigningKeys {
    fn key(name: &str) -> Key {
        Key::new("", "", [name])
    }
}

/// The two algorithms that callers choose from.
const NAMES: [&str; 2] = ["RS256", "ES384"];

/// The key that signs now for the algorithm `name`, with its id.
pub(crate) async fn current(
    ctx: &Ctx,
    name: &str,
    algorithm: Algorithm,
) -> Result<(String, SigningKey)> {
    let place = SigningKeys::key(name);
    let found = ctx.get::<SigningKeys>(&place).await?;
    let mut kept = found.map(|found| (*found).clone()).unwrap_or_default();
    let now = ctx.now.millis;
    let sealing = ctx.keyring().record_key("", SEALING);
    if let Some(newest) = kept.keys.last()
        && now.saturating_sub(newest.made_millis) < SIGNS
    {
        let opened = sealing.open(newest.kid.as_bytes(), &newest.sealed);
        let opened = opened.map_err(Error::internal)?;
        let key = SigningKey::from_pkcs8(algorithm, &opened).map_err(Error::internal)?;
        return Ok((newest.kid.clone(), key));
    }
    let made = match algorithm {
        Algorithm::Es384 => SigningKey::generate_p384(),
        _ => SigningKey::generate_rsa(),
    };
    let made = made.map_err(Error::internal)?;
    let kid = ctx.new_uuid()?;
    let private = made.to_pkcs8().map_err(Error::internal)?;
    let sealed = sealing.seal(kid.as_bytes(), &private, ctx.random());
    let members = made.public().map_err(Error::internal)?;
    let member = |(name, value): (&str, String)| (name.to_owned(), value);
    kept.keys.retain(|old| is_published(old, ctx.now));
    kept.keys.push(Kept {
        kid: kid.clone(),
        made_millis: now,
        public: members.into_iter().map(member).collect(),
        sealed: sealed.map_err(Error::internal)?,
    });
    ctx.put(place, kept).await;
    Ok((kid, made))
}

/// The JSON Web Key Set (RFC 7517) that verifies the installation's web identity tokens.
pub async fn key_set(store: &Store, now: Timestamp) -> Result<String> {
    let mut txn = store.begin();
    let mut keys = Vec::new();
    for name in NAMES {
        let Some(found) = txn.get::<SigningKeys>(&SigningKeys::key(name)).await? else {
            continue;
        };
        let published = found.keys.iter().filter(|key| is_published(key, now));
        keys.extend(published.map(|key| jwk(key, name)));
    }
    Ok(json!({ "keys": keys }).to_string())
}

fn is_published(key: &Kept, now: Timestamp) -> bool {
    now.millis.saturating_sub(key.made_millis) < PUBLISHED
}

fn jwk(key: &Kept, name: &str) -> Value {
    let mut members = serde_json::Map::new();
    for (member, value) in &key.public {
        members.insert(member.clone(), Value::from(value.as_str()));
    }
    for (member, value) in [("kid", key.kid.as_str()), ("use", "sig"), ("alg", name)] {
        members.insert(member.to_owned(), Value::from(value));
    }
    Value::Object(members)
}

/// AWS's answer where an account did not enable outbound federation.
pub(crate) fn disabled() -> Fault {
    OutboundWebIdentityFederationDisabledException::new(
        "OutboundWebIdentityFederation is disabled.",
    )
}
