//! The key that messages are signed with: one for the installation, made when first needed, followed
//! by another one each year. Its certificates stay, so that old messages can be verified.

use std::sync::Arc;

use crypto::{CertificateTerms, MessageSigner, SignerFailure};
use platform::{Ctx, Derived, Error, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record, Store};
use wire::Timestamp;
use wire::pem;

/// A day in milliseconds.
const DAY: i64 = 24 * 3_600_000;
/// How long a key signs, and how long its certificate is valid, in milliseconds.
const SIGNS: i64 = 365 * DAY;
const VALID: i64 = 395 * DAY;
/// The name that the sealing key of the private key is derived for.
const SEALING: &str = "sns.signing-key";
/// What the names of certificates begin and end with.
const PREFIX: &str = "SimpleNotificationService-";
const SUFFIX: &str = ".pem";
/// Whom certificates are of.
const NAME: &str = "sns.amazonaws.com";

/// The key that signs now.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SigningKeyRecord {
    pub(crate) id: String,
    pub(crate) made_millis: i64,
    /// The private key, sealed.
    pub(crate) sealed: Vec<u8>,
    #[serde(skip)]
    pub(crate) opened: Derived<MessageSigner>,
}

impl Record for SigningKeyRecord {
    const TABLE: &'static str = "sns.signing-keys";
    const SERVICE: &'static str = "sns";
}

/// A certificate.
#[derive(Serialize, Deserialize)]
pub(crate) struct CertificateRecord {
    /// DER.
    pub(crate) certificate: Vec<u8>,
}

impl Record for CertificateRecord {
    const TABLE: &'static str = "sns.certificates";
    const SERVICE: &'static str = "sns";
}

/// A signature of a message.
pub(crate) struct Signature {
    /// `1` or `2`
    pub(crate) version: &'static str,
    pub(crate) base64: String,
    key: String,
}

impl Signature {
    /// Where the certificate is.
    pub(crate) fn certificate_url(&self, base: &str) -> String {
        format!("{base}/{PREFIX}{}{SUFFIX}", self.key)
    }
}

/// Signs a text: over SHA-256 for version 2, over SHA-1 otherwise (SetTopicAttributes,
/// `SignatureVersion`).
pub(crate) async fn sign(ctx: &Ctx, text: String, is_version_2: bool) -> Result<Signature> {
    let key = current(ctx).await?;
    let id = key.id.clone();
    let work = move |_: &dyn crypto::Random| {
        let signer = key.opened.get_or_make(|| Err(SignerFailure))?;
        match is_version_2 {
            true => signer.sign_sha256(text.as_bytes()),
            false => signer.sign_sha1(text.as_bytes()),
        }
    };
    let signature = ctx.blocking(work).await?.map_err(Error::internal)?;
    Ok(Signature {
        version: if is_version_2 { "2" } else { "1" },
        base64: pem::base64(&signature),
        key: id,
    })
}

/// The key that signs now, opened.
async fn current(ctx: &Ctx) -> Result<Arc<SigningKeyRecord>> {
    let place = Key::new("", "", ["current"]);
    let known = ctx.get::<SigningKeyRecord>(&place).await?;
    let signs =
        |known: &Arc<SigningKeyRecord>| ctx.now.millis.saturating_sub(known.made_millis) < SIGNS;
    let key = match known.filter(signs) {
        Some(known) => known,
        None => {
            let (record, certificate) = make(ctx).await?;
            let certified = Key::new("", "", [record.id.as_str()]);
            ctx.put(certified, CertificateRecord { certificate }).await;
            ctx.put(place, record.clone()).await;
            Arc::new(record)
        }
    };
    let open = || {
        let sealing = ctx.keyring().record_key("", SEALING);
        let opened = sealing.open(key.id.as_bytes(), &key.sealed);
        MessageSigner::from_pkcs8(&opened.map_err(Error::internal)?).map_err(Error::internal)
    };
    key.opened.get_or_make(open)?;
    Ok(Arc::clone(&key))
}

async fn make(ctx: &Ctx) -> Result<(SigningKeyRecord, Vec<u8>)> {
    let made = ctx.blocking(|_| MessageSigner::generate()).await?;
    let signer = made.map_err(Error::internal)?;
    let serial: [u8; 16] = ctx.random_bytes()?;
    let id = serial
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    let until = Timestamp {
        millis: ctx.now.millis + VALID,
    };
    let terms = CertificateTerms {
        name: NAME,
        serial,
        not_before: &utc_time(ctx.now),
        not_after: &utc_time(until),
    };
    let certificate = signer.certificate(&terms).map_err(Error::internal)?;
    let private = signer.to_pkcs8().map_err(Error::internal)?;
    let sealing = ctx.keyring().record_key("", SEALING);
    let sealed = sealing.seal(id.as_bytes(), &private, ctx.random());
    let record = SigningKeyRecord {
        id,
        made_millis: ctx.now.millis,
        sealed: sealed.map_err(Error::internal)?,
        opened: Derived::default(),
    };
    Ok((record, certificate))
}

/// A time as certificates say it until 2049: `260101000000Z` (RFC 5280, section 4.1.2.5.1).
fn utc_time(at: Timestamp) -> String {
    let text = at.whole_secs().iso8601();
    let digits = text.bytes().filter(u8::is_ascii_digit).skip(2).take(12);
    let digits: String = digits.map(char::from).collect();
    format!("{digits}Z")
}

/// The certificate at a path of the endpoint, `/SimpleNotificationService-<id>.pem`, in PEM; none at
/// any other path.
pub async fn certificate(store: &Store, path: &str) -> Result<Option<String>> {
    let id = path
        .strip_prefix('/')
        .and_then(|path| path.strip_prefix(PREFIX));
    let Some(id) = id.and_then(|id| id.strip_suffix(SUFFIX)) else {
        return Ok(None);
    };
    let mut txn = store.begin();
    let found = txn
        .get::<CertificateRecord>(&Key::new("", "", [id]))
        .await?;
    Ok(found.map(|found| pem::encoded("CERTIFICATE", &found.certificate) + "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_tell_the_time_in_two_digits_of_the_year() {
        assert_eq!(
            utc_time(Timestamp::from_secs(1_767_225_600)),
            "260101000000Z"
        );
    }
}
