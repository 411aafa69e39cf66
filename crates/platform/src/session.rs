//! Temporary credentials. A session token is the session itself, sealed under a key of its own and
//! bound to its access key: the server keeps no list of sessions, and a token opens only with the
//! access key that it was issued with.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use crypto::{Keyring, Random, RecordKey, Secret};
use lru::LruCache;
use policy::{Policy, PolicyKind};
use serde::{Deserialize, Serialize};
use wire::Timestamp;
use zeroize::{Zeroize as _, Zeroizing};

use crate::caller::{Caller, CallerKind};
use crate::derived::Derived;
use crate::fault::{Error, Result};
use crate::ports::{Credential, NamedPolicy};

/// What temporary credentials carry beside who they are for.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Session {
    /// When they were issued, in milliseconds since 1970.
    pub issued_millis: i64,
    /// When they end, in milliseconds since 1970.
    pub expires_millis: i64,
    /// The session policies; none leaves the session all that its principal may do.
    pub policies: Option<SessionPolicies>,
    /// The session tags.
    pub tags: Vec<(String, String)>,
    /// The keys of those tags that pass on to further sessions.
    pub transitive_tag_keys: Vec<String>,
    /// `SourceIdentity`, which passes on to further sessions.
    pub source_identity: Option<String>,
    /// When the caller proved itself with a second factor, in milliseconds since 1970.
    pub mfa_millis: Option<i64>,
    /// The identity provider that vouched, for `aws:FederatedProvider`.
    pub provider: Option<String>,
    /// Condition keys of the provider that stay with the session, such as `saml:sub`; in lower
    /// case.
    pub provider_keys: Vec<(String, Vec<String>)>,
    /// Whether a session of a role began this one (role chaining).
    pub chained: bool,
    #[serde(skip)]
    pub(crate) parsed: Derived<Option<Arc<NamedPolicy>>>,
}

/// The policies that limit a session.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct SessionPolicies {
    /// The policy that was passed as text.
    pub inline: Option<String>,
    /// The ARNs of managed policies. They are read with every call, so that a change counts.
    pub arns: Vec<String>,
}

impl Session {
    /// The inline session policy, parsed.
    pub fn inline_policy(&self) -> Result<Option<Arc<NamedPolicy>>> {
        let parse = || {
            let text = self.policies.as_ref().and_then(|held| held.inline.as_ref());
            text.map(|text| match Policy::parse(text, PolicyKind::Session) {
                Ok(policy) => Ok(Arc::new(NamedPolicy {
                    name: "session policy".to_owned(),
                    policy,
                })),
                Err(_) => Err(Error::internal("a session's policy is malformed")),
            })
            .transpose()
        };
        self.parsed.get_or_make(parse).cloned()
    }
}

/// Temporary credentials, as they are handed out once.
pub struct Issued {
    /// `ASIA..`.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: Secret<String>,
    /// The session token.
    pub session_token: Secret<String>,
    /// When they end.
    pub expiration: Timestamp,
}

/// What a token holds.
#[derive(Serialize, Deserialize)]
struct Claims {
    account: String,
    arn: String,
    user_id: String,
    kind: CallerKind,
    secret: String,
    session: Session,
}

/// How a token begins: the version of its format, in Base64 text `IQ`.
const FORMAT: u8 = 0x21;
/// The longest token that is looked at.
const MAX_TOKEN: usize = 16 * 1024;
/// How many opened tokens are remembered.
const REMEMBERED: usize = 4096;

/// RFC 4648, section 6.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// RFC 4648, section 4.
const ALPHABET64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Issues temporary credentials for `caller`, whose access key is drawn here.
pub(crate) fn issue(caller: Caller, keyring: &Keyring, random: &dyn Random) -> Result<Issued> {
    let session = caller.session.as_deref().cloned().unwrap_or_default();
    let expiration = Timestamp {
        millis: session.expires_millis,
    };
    let access_key_id = format!("ASIA{}", *draw::<16>(random, BASE32)?);
    let secret = draw::<40>(random, ALPHABET64)?;
    let mut claims = Claims {
        account: caller.account,
        arn: caller.arn,
        user_id: caller.user_id,
        kind: caller.kind,
        secret: secret.to_string(),
        session,
    };
    let plain = postcard::to_stdvec(&claims).map(Zeroizing::new);
    claims.secret.zeroize();
    let plain = plain.map_err(Error::internal)?;
    let sealed = keyring
        .session_key()
        .seal(access_key_id.as_bytes(), &plain, random)
        .map_err(Error::internal)?;
    let mut token = vec![FORMAT];
    token.extend(sealed);
    Ok(Issued {
        access_key_id,
        secret_access_key: Secret::from(secret),
        session_token: Secret::new(BASE64.encode(token)),
        expiration,
    })
}

/// `N` characters of `alphabet`, whose length is a power of two.
fn draw<const N: usize>(random: &dyn Random, alphabet: &[u8]) -> Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new([0; N]);
    random.fill(&mut *bytes)?;
    let letter = |byte: &u8| alphabet.get(usize::from(*byte) % alphabet.len()).copied();
    Ok(Zeroizing::new(
        bytes.iter().filter_map(letter).map(char::from).collect(),
    ))
}

/// Opens session tokens, and remembers those that it opened with the signing keys derived for them.
pub(crate) struct Sessions {
    key: RecordKey,
    opened: Mutex<LruCache<[u8; 32], Arc<Credential>>>,
}

impl Sessions {
    pub(crate) fn new(keyring: &Keyring) -> Self {
        let size = NonZeroUsize::new(REMEMBERED).unwrap_or(NonZeroUsize::MIN);
        Self {
            key: keyring.session_key(),
            opened: Mutex::new(LruCache::new(size)),
        }
    }

    /// The credential that a token carries for `access_key_id`; none for any other token. Its end
    /// is not looked at here.
    pub(crate) fn open(&self, access_key_id: &str, token: &str) -> Option<Arc<Credential>> {
        if token.len() > MAX_TOKEN {
            return None;
        }
        let known = fingerprint(access_key_id, token);
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(credential) = opened.get(&known) {
            return Some(Arc::clone(credential));
        }
        drop(opened);
        let credential = Arc::new(self.read(access_key_id, token)?);
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        opened.put(known, Arc::clone(&credential));
        Some(credential)
    }

    fn read(&self, access_key_id: &str, token: &str) -> Option<Credential> {
        let bytes = BASE64.decode(token).ok()?;
        let (&FORMAT, sealed) = bytes.split_first()? else {
            return None;
        };
        let plain = self.key.open(access_key_id.as_bytes(), sealed).ok()?;
        let claims: Claims = postcard::from_bytes(&plain).ok()?;
        let caller = Caller {
            account: claims.account,
            arn: claims.arn,
            user_id: claims.user_id,
            kind: claims.kind,
            access_key_id: access_key_id.to_owned(),
            session: Some(Arc::new(claims.session)),
        };
        let secret = Secret::new(claims.secret);
        Some(Credential::new(Arc::new(caller), secret))
    }
}

fn fingerprint(access_key_id: &str, token: &str) -> [u8; 32] {
    let mut hash = digest::Context::new(&digest::SHA256);
    hash.update(access_key_id.as_bytes());
    hash.update(b"\0");
    hash.update(token.as_bytes());
    hash.finish().as_ref().try_into().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::randomness::SeededRandom;

    fn caller() -> Caller {
        Caller {
            kind: CallerKind::Role {
                name: "app".to_owned(),
                role_arn: "arn:aws:iam::111122223333:role/path/app".to_owned(),
                session_name: "s1".to_owned(),
            },
            arn: "arn:aws:sts::111122223333:assumed-role/app/s1".to_owned(),
            user_id: "AROAEXAMPLE:s1".to_owned(),
            session: Some(Arc::new(Session {
                expires_millis: 5000,
                tags: vec![("team".to_owned(), "red".to_owned())],
                ..Session::default()
            })),
            ..Caller::root("111122223333", "")
        }
    }

    #[test]
    fn sec_s8_a_token_opens_only_with_its_own_access_key() {
        let random = SeededRandom::new(1);
        let keyring = Keyring::generate(&random).unwrap();
        let sessions = Sessions::new(&keyring);
        let one = issue(caller(), &keyring, &random).unwrap_or_else(|_| panic!());
        let two = issue(caller(), &keyring, &random).unwrap_or_else(|_| panic!());
        let token = one.session_token.expose();
        assert!(one.access_key_id.starts_with("ASIA") && one.access_key_id.len() == 20);
        assert_eq!(one.secret_access_key.expose().len(), 40);
        assert_eq!(one.expiration.millis, 5000);

        for _ in 0..2 {
            let opened = sessions.open(&one.access_key_id, token).unwrap();
            assert_eq!(opened.caller.arn, caller().arn);
            assert_eq!(opened.caller.kind, caller().kind);
            assert_eq!(opened.caller.access_key_id, one.access_key_id);
            let session = opened.caller.session.as_ref().unwrap();
            assert_eq!(session.tags, [("team".to_owned(), "red".to_owned())]);
        }
        assert!(sessions.open(&two.access_key_id, token).is_none());
        assert!(
            sessions
                .open(&one.access_key_id, two.session_token.expose())
                .is_none()
        );
        assert!(!token.contains("111122223333"));

        let other = Sessions::new(&Keyring::generate(&random).unwrap());
        assert!(other.open(&one.access_key_id, token).is_none());
    }

    #[test]
    fn sec_s8_an_altered_token_opens_nothing() {
        let random = SeededRandom::new(2);
        let keyring = Keyring::generate(&random).unwrap();
        let sessions = Sessions::new(&keyring);
        let issued = issue(caller(), &keyring, &random).unwrap_or_else(|_| panic!());
        let token = BASE64.decode(issued.session_token.expose()).unwrap();
        for index in 0..token.len() {
            let mut altered = token.clone();
            altered[index] ^= 1;
            let altered = BASE64.encode(altered);
            assert!(
                sessions.open(&issued.access_key_id, &altered).is_none(),
                "{index}"
            );
            let cut = BASE64.encode(&token[..index]);
            assert!(
                sessions.open(&issued.access_key_id, &cut).is_none(),
                "{index}"
            );
        }
        for junk in ["", "not base64!", "IQ==", &"A".repeat(MAX_TOKEN + 4)] {
            assert!(sessions.open(&issued.access_key_id, junk).is_none());
        }
    }
}
