//! Encryption of messages under a topic's KMS key ("Amazon SNS data encryption", developer guide).
//!
//! Whoever publishes must be allowed to make a data key and to open it. What is published is sealed
//! under that key until it is delivered. A delivery has nobody's permissions, so the data key waits
//! beside it, sealed by the keyring.

use api::kms::{DataKeySpec, Decrypt, DecryptRequest, GenerateDataKey, GenerateDataKeyRequest};
use api::sns::{
    KMSAccessDeniedException, KMSDisabledException, KMSInvalidStateException, KMSNotFoundException,
    KMSOptInRequired, KMSThrottlingException,
};
use crypto::DataKey;
use platform::{Ctx, Error, Result};
use serde::{Deserialize, Serialize};
use wire::{Entries, Protocol};
use zeroize::Zeroizing;

/// The name that the sealing key of data keys is derived for.
const SEALING: &str = "sns.data-keys";

/// A text on its way.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Kept {
    /// Of a topic without a key of its own.
    Plain(String),
    /// Of a topic with a KMS key.
    Sealed {
        /// The data key, sealed by the keyring.
        data_key: Vec<u8>,
        /// The text, sealed under the data key.
        text: Vec<u8>,
    },
}

/// The data key of one call.
pub(crate) struct TopicKey {
    key: DataKey,
    sealed: Vec<u8>,
}

impl TopicKey {
    /// A data key under the KMS key `named`, if the caller may make and open one.
    pub(crate) async fn make(ctx: &Ctx, topic_arn: &str, named: &str) -> Result<Self> {
        let context = || Entries(vec![("aws:sns:topicArn".to_owned(), topic_arn.to_owned())]);
        let request = GenerateDataKeyRequest {
            key_id: named.to_owned(),
            encryption_context: context(),
            number_of_bytes: None,
            key_spec: Some(DataKeySpec::Aes256),
            grant_tokens: Vec::new(),
            recipient: None,
            dry_run: false,
        };
        let call = ctx.on_behalf_of_caller("sns");
        let made = call
            .call::<GenerateDataKey>(request)
            .await
            .map_err(refused)?;
        let request = DecryptRequest {
            ciphertext_blob: made.ciphertext_blob,
            encryption_context: context(),
            grant_tokens: Vec::new(),
            key_id: made.key_id,
            encryption_algorithm: None,
            recipient: None,
            dry_run: false,
            dry_run_modifiers: Vec::new(),
        };
        let call = ctx.on_behalf_of_caller("sns");
        let opened = call.call::<Decrypt>(request).await.map_err(refused)?;
        let plaintext = opened.plaintext.unwrap_or_default();
        let key = DataKey::new(&plaintext);
        let key = key.ok_or_else(|| Error::internal("KMS gave no data key"))?;
        let sealing = ctx.keyring().record_key("", SEALING);
        let sealed = sealing.seal(topic_arn.as_bytes(), &plaintext, ctx.random());
        Ok(Self {
            key,
            sealed: sealed.map_err(Error::internal)?,
        })
    }

    /// The data key that a text of a topic is under, if any: for the same message to further
    /// subscriptions.
    pub(crate) fn again(ctx: &Ctx, topic_arn: &str, kept: &Kept) -> Result<Option<Self>> {
        let Kept::Sealed { data_key, .. } = kept else {
            return Ok(None);
        };
        let key = opened(ctx, topic_arn, data_key)?;
        let sealed = data_key.clone();
        Ok(Some(Self { key, sealed }))
    }
}

/// A data key that was sealed by the keyring.
fn opened(ctx: &Ctx, topic_arn: &str, data_key: &[u8]) -> Result<DataKey> {
    let sealing = ctx.keyring().record_key("", SEALING);
    let opened = sealing.open(topic_arn.as_bytes(), data_key);
    let key = DataKey::new(&opened.map_err(Error::internal)?);
    key.ok_or_else(|| Error::internal("a data key of another length"))
}

impl Kept {
    /// A text of a topic, sealed under `key` if it has one.
    pub(crate) fn of(
        ctx: &Ctx,
        key: Option<&TopicKey>,
        topic_arn: &str,
        text: String,
    ) -> Result<Self> {
        let Some(key) = key else {
            return Ok(Self::Plain(text));
        };
        let sealed = key
            .key
            .seal(topic_arn.as_bytes(), text.as_bytes(), ctx.random());
        Ok(Self::Sealed {
            data_key: key.sealed.clone(),
            text: sealed.map_err(Error::internal)?,
        })
    }

    /// The text.
    pub(crate) fn open(&self, ctx: &Ctx, topic_arn: &str) -> Result<Zeroizing<String>> {
        let (data_key, text) = match self {
            Self::Plain(text) => return Ok(Zeroizing::new(text.clone())),
            Self::Sealed { data_key, text } => (data_key, text),
        };
        let plain = opened(ctx, topic_arn, data_key)?
            .open(topic_arn.as_bytes(), text)
            .map_err(Error::internal)?;
        let text = str::from_utf8(&plain).map_err(Error::internal)?;
        Ok(Zeroizing::new(text.to_owned()))
    }
}

/// KMS's errors under the names that Amazon SNS gives them (Publish, errors).
fn refused(error: Error) -> Error {
    let Error::Fault(fault) = error else {
        return error;
    };
    let text = fault.message().unwrap_or_default().to_owned();
    let renamed = match fault.code(Protocol::Json11) {
        "AccessDeniedException" => KMSAccessDeniedException::new(text),
        "DisabledException" => KMSDisabledException::new(text),
        "KMSInvalidStateException" | "InvalidKeyUsageException" => {
            KMSInvalidStateException::new(text)
        }
        "NotFoundException" => KMSNotFoundException::new(text),
        "SubscriptionRequiredException" => KMSOptInRequired::new(text),
        "ThrottlingException" => KMSThrottlingException::new(text),
        _ => fault,
    };
    renamed.into()
}
