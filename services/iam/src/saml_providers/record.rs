//! SAML 2.0 providers.

use api::iam::{AssertionEncryptionModeType, InvalidInputException, NoSuchEntityException};
use platform::{Ctx, Result, SamlProvider};
use serde::{Deserialize, Serialize};
use store::{Key, Record, Txn};
use wire::{Fault, saml};

use crate::saml_providers::private_keys::PrivateKey;
use crate::tagging::Tagged;
use crate::target::{Entity, Target};
use crate::x509;

/// The most providers of an account ("IAM and AWS STS quotas").
pub(crate) const QUOTA: usize = 100;
/// How long a provider is valid whose metadata do not say, in milliseconds: a hundred years.
const CENTURY_MILLIS: i64 = 36_525 * 24 * 3600 * 1000;

/// A SAML 2.0 provider.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SamlProviderRecord {
    /// The account, 12 digits.
    pub(crate) account: String,
    /// The name, in the case in which it was given.
    pub(crate) name: String,
    /// `SAMLProviderUUID`.
    pub(crate) uuid: String,
    /// The metadata document, as it was given.
    pub(crate) metadata: String,
    /// When it was made, in milliseconds since 1970.
    pub(crate) created_millis: i64,
    /// When it ceases to be valid, in milliseconds since 1970.
    pub(crate) valid_until_millis: i64,
    /// Keys and values.
    pub(crate) tags: Vec<(String, String)>,
    /// Whether assertions have to be encrypted; none where encryption was never asked for.
    pub(crate) encryption_required: Option<bool>,
    /// The keys that open encrypted assertions.
    pub(crate) private_keys: Vec<PrivateKey>,
}

impl Record for SamlProviderRecord {
    const TABLE: &'static str = "iam.saml-providers";
    const SERVICE: &'static str = "iam";
}

impl SamlProviderRecord {
    /// Where the provider of this name is. Names distinguish case, as they do in ARNs.
    pub(crate) fn key(account: &str, name: &str) -> Key {
        Key::new(account, "", [name])
    }

    /// Where all providers of an account are.
    pub(crate) fn prefix(account: &str) -> Key {
        Key::new(account, "", std::iter::empty::<String>())
    }

    /// What an operation is about that names a provider by its ARN.
    pub(crate) async fn target(ctx: &Ctx, arn: String) -> Result<Target<Self>> {
        let name = arn.strip_prefix(&arn_of(ctx.account(), ""));
        let found = match name {
            Some(name) => ctx.get(&Self::key(ctx.account(), name)).await?,
            None => None,
        };
        Ok(Target::new(ctx, arn, found))
    }

    /// Takes new metadata, or says AWS's answer that they are none.
    pub(crate) fn set_metadata(&mut self, text: String) -> Result<()> {
        let parsed = saml::parse(&text).ok();
        let is_known = |parsed: &saml::Metadata| {
            let mut certificates = parsed.certificates.iter();
            certificates.all(|der| x509::is_certificate(der))
        };
        let Some(parsed) = parsed.filter(is_known) else {
            return Err(InvalidInputException::new("Could not parse metadata").into());
        };
        let until = parsed.valid_until_millis;
        self.valid_until_millis = until.unwrap_or(self.created_millis + CENTURY_MILLIS);
        self.metadata = text;
        Ok(())
    }

    /// Sets whether assertions have to be encrypted, which takes a key to open them with.
    pub(crate) fn set_encryption(
        &mut self,
        mode: Option<AssertionEncryptionModeType>,
    ) -> Result<()> {
        if let Some(mode) = mode {
            let required = matches!(mode, AssertionEncryptionModeType::Required);
            self.encryption_required = Some(required);
        }
        if self.encryption_required == Some(true) && self.private_keys.is_empty() {
            let message =
                "A private key is required when the assertion encryption mode is Required.";
            return Err(InvalidInputException::new(message).into());
        }
        Ok(())
    }

    /// Whether assertions have to be encrypted, as AWS writes it.
    pub(crate) fn encryption(&self) -> AssertionEncryptionModeType {
        match self.encryption_required {
            Some(true) => AssertionEncryptionModeType::Required,
            Some(false) | None => AssertionEncryptionModeType::Allowed,
        }
    }
}

/// The provider of this ARN.
pub(crate) async fn provider(txn: &mut Txn, arn: &str) -> Result<Option<SamlProvider>> {
    let parts = arn.strip_prefix("arn:aws:iam::");
    let Some((account, name)) = parts.and_then(|rest| rest.split_once(":saml-provider/")) else {
        return Ok(None);
    };
    let key = SamlProviderRecord::key(account, name);
    let found = txn.get::<SamlProviderRecord>(&key).await?;
    Ok(found.map(|found| SamlProvider {
        arn: found.arn(),
        metadata: found.metadata.clone(),
        uuid: found.uuid.clone(),
        valid_until_millis: found.valid_until_millis,
        encryption_required: found.encryption_required == Some(true),
    }))
}

impl Entity for SamlProviderRecord {
    const KIND: &'static str = "SAML provider";

    /// Requests name providers by ARN, so that is the name.
    fn arn_at(_: &str, _: &str, name: &str) -> String {
        name.to_owned()
    }

    fn arn(&self) -> String {
        arn_of(&self.account, &self.name)
    }

    fn tags(&self) -> &[(String, String)] {
        &self.tags
    }

    fn shown(name: &str) -> String {
        name.to_owned()
    }

    fn absent(name: &str) -> Fault {
        NoSuchEntityException::new(format!("Manifest not found for arn {name}"))
    }
}

impl Tagged for SamlProviderRecord {
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

/// The ARN of the provider of this name.
pub(crate) fn arn_of(account: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:saml-provider/{name}")
}
