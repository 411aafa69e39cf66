//! Server certificates. Their private keys are sealed once more inside their sealed records.

use api::iam::{
    KeyPairMismatchException, MalformedCertificateException, NoSuchEntityException,
    ServerCertificateMetadata,
};
use crypto::private_key::{PrivateKeyForm, PublicHalf, public_half};
use platform::{Ctx, Error, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::{Fault, Timestamp, pem};

use crate::tagging::Tagged;
use crate::target::{Entity, Target};
use crate::x509;
use crate::x509::Certificate;

/// The most server certificates of an account ("IAM and AWS STS quotas").
pub(crate) const QUOTA: usize = 20;

/// A server certificate.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ServerCertificateRecord {
    /// The account, 12 digits.
    pub(crate) account: String,
    /// The name, in the case in which it was given.
    pub(crate) name: String,
    /// The path, `/` or `/division/`.
    pub(crate) path: String,
    /// `ASCA..`.
    pub(crate) id: String,
    /// The certificate, in PEM as it was given.
    pub(crate) body: String,
    /// Its issuers, in PEM as they were given.
    pub(crate) chain: Option<String>,
    /// When it was uploaded, in milliseconds since 1970.
    pub(crate) uploaded_millis: i64,
    /// When the certificate ceases to be valid, in milliseconds since 1970.
    pub(crate) expires_millis: i64,
    /// Keys and values.
    pub(crate) tags: Vec<(String, String)>,
    /// The private key, sealed.
    pub(crate) sealed_key: Vec<u8>,
}

impl Record for ServerCertificateRecord {
    const TABLE: &'static str = "iam.server-certificates";
    const SERVICE: &'static str = "iam";
}

impl ServerCertificateRecord {
    /// Where the certificate of this name is. Names do not distinguish case.
    pub(crate) fn key(account: &str, name: &str) -> Key {
        Key::new(account, "", [name.to_ascii_lowercase()])
    }

    /// Where all certificates of an account are.
    pub(crate) fn prefix(account: &str) -> Key {
        Key::new(account, "", std::iter::empty::<String>())
    }

    /// What an operation is about that names a certificate.
    pub(crate) async fn target(ctx: &Ctx, name: String) -> Result<Target<Self>> {
        let found = ctx.get(&Self::key(ctx.account(), &name)).await?;
        Ok(Target::new(ctx, name, found))
    }

    /// The certificate without its texts, as AWS shows it.
    pub(crate) fn metadata(&self) -> ServerCertificateMetadata {
        ServerCertificateMetadata {
            path: Some(self.path.clone()),
            server_certificate_name: Some(self.name.clone()),
            server_certificate_id: Some(self.id.clone()),
            arn: Some(self.arn()),
            upload_date: Some(Timestamp {
                millis: self.uploaded_millis,
            }),
            expiration: Some(Timestamp {
                millis: self.expires_millis,
            }),
        }
    }
}

/// Seals a private key for the certificate of this id, which never changes.
pub(crate) fn sealed(ctx: &Ctx, id: &str, text: &str) -> Result<Vec<u8>> {
    let aad = format!(
        "private key of server certificate {id} in {}",
        ctx.account()
    );
    let key = ctx.keyring().record_key(ctx.account(), "iam");
    let sealed = key.seal(aad.as_bytes(), text.as_bytes(), ctx.random());
    sealed.map_err(Error::internal)
}

/// The certificate in `body`, if it is valid now, `private_key` is its key and `chain` holds its
/// issuers, each signed by the next; or AWS's answer what is wrong.
pub(crate) fn checked(
    now: Timestamp,
    body: &str,
    private_key: &str,
    chain: Option<&str>,
) -> Result<Certificate> {
    let malformed = |message: &str| Error::from(MalformedCertificateException::new(message));
    let certificate = x509::one_certificate(body).map_err(|_| {
        malformed("Unable to parse certificate. Please ensure the certificate is in PEM format.")
    })?;
    let half = public_half_of(private_key).ok_or_else(|| {
        malformed("Unable to parse private key. Please ensure the key is not encrypted and is in PEM format.")
    })?;
    if half.bytes() != certificate.public_key {
        let message = "The public key of the certificate and the private key do not match.";
        return Err(KeyPairMismatchException::new(message).into());
    }
    if !certificate.is_valid_at(now) {
        return Err(malformed("The certificate is expired or not yet valid."));
    }
    let Some(chain) = chain else {
        return Ok(certificate);
    };
    let issuers = x509::certificates(chain).map_err(|_| {
        malformed("Unable to parse certificate chain. Please ensure the chain is in PEM format.")
    })?;
    let mut signed = &certificate;
    for (index, issuer) in issuers.iter().enumerate() {
        if !signed.is_issued_by(issuer) {
            return Err(malformed(&format!(
                "Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any intermediaries in order. The index within the chain of the invalid certificate is: {index}"
            )));
        }
        signed = issuer;
    }
    Ok(certificate)
}

fn public_half_of(text: &str) -> Option<PublicHalf> {
    let blocks = pem::blocks(text).ok()?;
    // Tools write the parameters of a curve before the key itself.
    let mut keys = blocks.iter().filter(|block| block.label != "EC PARAMETERS");
    let (block, None) = (keys.next()?, keys.next()) else {
        return None;
    };
    let form = match block.label.as_str() {
        "PRIVATE KEY" => PrivateKeyForm::Pkcs8,
        "RSA PRIVATE KEY" => PrivateKeyForm::Rsa,
        "EC PRIVATE KEY" => PrivateKeyForm::Ec,
        _ => return None,
    };
    public_half(form, &block.der).ok()
}

impl Entity for ServerCertificateRecord {
    const KIND: &'static str = "server certificate";

    fn arn_at(account: &str, path: &str, name: &str) -> String {
        arn_of(account, path, name)
    }

    fn arn(&self) -> String {
        arn_of(&self.account, &self.path, &self.name)
    }

    fn tags(&self) -> &[(String, String)] {
        &self.tags
    }

    fn absent(name: &str) -> Fault {
        let message = format!("The Server Certificate with name {name} cannot be found.");
        NoSuchEntityException::new(message)
    }
}

impl Tagged for ServerCertificateRecord {
    fn with_tags(&self, tags: Vec<(String, String)>) -> Self {
        Self {
            tags,
            ..self.clone()
        }
    }

    async fn put(self, ctx: &Ctx) {
        ctx.put(Self::key(&self.account, &self.name), self).await;
    }
}

/// The ARN of a server certificate.
pub(crate) fn arn_of(account: &str, path: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:server-certificate{path}{name}")
}
