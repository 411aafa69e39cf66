//! Events under the KMS key of a bus or an archive ("Encrypting EventBridge event buses with AWS KMS
//! keys", "Encrypting EventBridge archives with AWS KMS keys", EventBridge user guide).
//!
//! EventBridge calls KMS as itself, for the bus, whose ARN is the encryption context. Every event has
//! a data key of its own and is a message of the AWS Encryption SDK, as dead-letter queues get it.

use api::kms::{
    DataKeySpec, Decrypt, DecryptRequest, DescribeKey, DescribeKeyRequest, GenerateDataKey,
    GenerateDataKeyRequest, KeyMetadata, KeySpec, KeyState, KeyUsageType,
};
use crypto::{SdkDataKey, SdkMessage, seal_sdk_message};
use platform::{Ctx, Error, Failure, Outcome, Result, ServiceCall, partition};
use serde::{Deserialize, Serialize};
use wire::pem::{base64, decoded};
use wire::{Entries, Fault};
use zeroize::Zeroizing;

use crate::deliverer::{EVENTS, failed};
use crate::names::BusPlace;
use crate::refusals;

/// The key of the encryption context.
const CONTEXT: &str = "aws:events:event-bus:arn";

/// A KMS key that somebody named.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct NamedKey {
    /// As it was named: an id, an ARN or an alias.
    pub(crate) named: String,
    /// Its ARN.
    pub(crate) arn: String,
}

/// The text of an event as it is kept.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Text {
    /// Under AWS's own key: the seal of the store.
    Plain(String),
    /// Under a customer's key.
    Sealed(Sealed),
}

/// A text under a customer's key.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Sealed {
    /// The ARN of the bus.
    pub(crate) bus: String,
    /// The ARN of the KMS key.
    pub(crate) key: String,
    /// How many bytes the text has.
    bytes: u32,
    /// The message of the Encryption SDK, in base64: text is written and read in one piece.
    pub(crate) message: String,
}

impl NamedKey {
    /// The key that a request names for a bus, looked up by EventBridge. An empty name asks for AWS's
    /// own key, as none does.
    pub(crate) async fn asked(
        ctx: &Ctx,
        named: Option<&str>,
        bus: &BusPlace,
    ) -> Result<Option<Self>> {
        let Some(named) = named.filter(|named| !named.is_empty()) else {
            return Ok(None);
        };
        let request = DescribeKeyRequest {
            key_id: whole(ctx, named),
            grant_tokens: Vec::new(),
        };
        let described = as_events(ctx, &bus.arn()).call::<DescribeKey>(request);
        let metadata = match described.await {
            Ok(described) => described.key_metadata,
            Err(Error::Fault(fault)) if is_passing(&fault) => return Err(fault.into()),
            Err(Error::Fault(fault)) => {
                let why = fault.message().unwrap_or_default();
                return Err(refusals::bad_key(why).into());
            }
            Err(internal) => return Err(internal),
        };
        let metadata = metadata.ok_or_else(|| Error::internal("KMS described no key"))?;
        if !is_usable(&metadata) {
            let why = "it must be an enabled symmetric encryption key.";
            return Err(refusals::bad_key(why).into());
        }
        Ok(Some(Self {
            named: named.to_owned(),
            arn: metadata.arn.unwrap_or_default(),
        }))
    }
}

impl Text {
    /// How many bytes the text has.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Plain(text) => text.len(),
            Self::Sealed(sealed) => usize::try_from(sealed.bytes).unwrap_or(usize::MAX),
        }
    }

    /// The text of an event on a bus, under `key` if there is one.
    pub(crate) async fn of(
        ctx: &Ctx,
        text: &str,
        bus: &BusPlace,
        key: Option<&NamedKey>,
    ) -> Result<Self> {
        let Some(key) = key else {
            return Ok(Self::Plain(text.to_owned()));
        };
        let bus = bus.arn();
        let request = GenerateDataKeyRequest {
            key_id: key.arn.clone(),
            encryption_context: context(&bus),
            number_of_bytes: None,
            key_spec: Some(DataKeySpec::Aes256),
            grant_tokens: Vec::new(),
            recipient: None,
            dry_run: false,
        };
        let made = as_events(ctx, &bus)
            .call::<GenerateDataKey>(request)
            .await?;
        let data_key = SdkDataKey {
            plaintext: &made.plaintext.unwrap_or_default(),
            blob: &made.ciphertext_blob.unwrap_or_default(),
            kms_key: &key.arn,
            context: &[(CONTEXT, &bus)],
        };
        let message = seal_sdk_message(&data_key, text.as_bytes(), ctx.random());
        Ok(Self::Sealed(Sealed {
            key: key.arn.clone(),
            bytes: u32::try_from(text.len()).map_err(Error::internal)?,
            message: base64(&message.map_err(Error::internal)?),
            bus,
        }))
    }

    /// The text, opened by KMS where it is under a key.
    pub(crate) async fn open(&self, ctx: &Ctx) -> Result<Zeroizing<String>> {
        let sealed = match self {
            Self::Plain(text) => return Ok(Zeroizing::new(text.clone())),
            Self::Sealed(sealed) => sealed,
        };
        let damaged = || Error::internal("an event under a key cannot be read");
        let message = decoded(&sealed.message).ok_or_else(damaged)?;
        let message = SdkMessage::parse(&message).ok_or_else(damaged)?;
        let request = DecryptRequest {
            ciphertext_blob: Some(Zeroizing::new(message.blob().to_vec())),
            encryption_context: context(&sealed.bus),
            grant_tokens: Vec::new(),
            key_id: Some(message.kms_key().to_owned()),
            encryption_algorithm: None,
            recipient: None,
            dry_run: false,
            dry_run_modifiers: Vec::new(),
        };
        let opened = as_events(ctx, &sealed.bus).call::<Decrypt>(request).await?;
        let plain = message.open(&opened.plaintext.unwrap_or_default());
        let plain = plain.map_err(Error::internal)?;
        let text = str::from_utf8(&plain).map_err(Error::internal)?;
        Ok(Zeroizing::new(text.to_owned()))
    }
}

/// Why events cannot be brought under a key, or from under it, until somebody does something ("Using
/// dead-letter queues to capture encrypted event errors in EventBridge"); none for what passes.
pub(crate) fn lasting(fault: &Fault) -> Option<Failure> {
    match failed(fault) {
        Outcome::GiveUp(failure) => Some(failure),
        _ => None,
    }
}

fn is_passing(fault: &Fault) -> bool {
    lasting(fault).is_none()
}

/// Whether it can be used for what EventBridge keeps.
pub(crate) fn is_usable(key: &KeyMetadata) -> bool {
    key.key_spec == Some(KeySpec::SymmetricDefault)
        && key.key_usage == Some(KeyUsageType::EncryptDecrypt)
        && key.key_state == Some(KeyState::Enabled)
}

/// A name as an ARN: EventBridge itself has no keys, and so no account to look for one in.
fn whole(ctx: &Ctx, named: &str) -> String {
    let (region, account) = (&ctx.region, ctx.account());
    let own = |what: &str| format!("arn:{}:kms:{region}:{account}:{what}", partition(region));
    match named {
        arn if arn.starts_with("arn:") => arn.to_owned(),
        alias if alias.starts_with("alias/") => own(alias),
        id => own(&format!("key/{id}")),
    }
}

fn as_events<'a>(ctx: &'a Ctx, bus: &str) -> ServiceCall<'a> {
    ctx.as_service(EVENTS).source(bus)
}

fn context(bus: &str) -> Entries<String> {
    Entries(vec![(CONTEXT.to_owned(), bus.to_owned())])
}

#[cfg(test)]
impl Sealed {
    /// A text for samples of formats.
    pub(crate) fn sample() -> Self {
        Self {
            bus: "b".to_owned(),
            key: "k".to_owned(),
            bytes: 2,
            message: "m".to_owned(),
        }
    }
}
