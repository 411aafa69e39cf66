//! Encryption of messages under a queue's KMS key ("Encryption at rest in Amazon SQS", developer
//! guide).
//!
//! The service asks KMS with the permissions of whoever sends or receives, with the queue's ARN as
//! encryption context. A data key is made anew when its reuse period is over. Within that period
//! KMS is asked to decrypt it for each call, so that a key that is disabled or a permission that is
//! taken away counts from that moment on, and no data key stays in memory in plaintext.

use api::kms::{DataKeySpec, Decrypt, DecryptRequest, GenerateDataKey, GenerateDataKeyRequest};
use api::sqs::{
    KmsAccessDenied, KmsDisabled, KmsInvalidKeyUsage, KmsInvalidState, KmsNotFound,
    KmsOptInRequired, KmsThrottled,
};
use crypto::DataKey;
use platform::{Ctx, Error, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::{Entries, Protocol};
use zeroize::Zeroizing;

use crate::access::Queue;
use crate::message::{Content, ContentRecord, WrappedDataKey};

/// The data key that messages of a queue are encrypted under now.
#[derive(Serialize, Deserialize)]
pub(crate) struct DataKeyRecord {
    /// The KMS key as the queue named it.
    pub(crate) named: String,
    pub(crate) made_millis: i64,
    pub(crate) wrapped: WrappedDataKey,
}

impl Record for DataKeyRecord {
    const TABLE: &'static str = "sqs.data_keys";
    const SERVICE: &'static str = "sqs";
}

/// The data keys that one call has needed. They end with the call.
#[derive(Default)]
pub(crate) struct DataKeys(Vec<(Vec<u8>, DataKey)>);

impl DataKeys {
    /// Seals what the message of this id says, under the queue's key if it has one.
    pub(crate) async fn seal(
        &mut self,
        ctx: &Ctx,
        queue: &Queue,
        id: &str,
        content: &Content,
    ) -> Result<ContentRecord> {
        let place = Key::new("", "", [id]);
        let plain = store::record::encode(&place, content).map_err(Error::internal)?;
        let Some(named) = queue.settings.kms_key() else {
            let content = plain.to_vec();
            return Ok(ContentRecord {
                data_key: None,
                content,
            });
        };
        let wrapped = self.current(ctx, queue, named).await?;
        let key = self.unwrap(ctx, &wrapped).await?;
        let sealed = key.seal(id.as_bytes(), &plain, ctx.random());
        Ok(ContentRecord {
            content: sealed.map_err(Error::internal)?,
            data_key: Some(wrapped),
        })
    }

    /// Opens what the message of this id says.
    pub(crate) async fn open(
        &mut self,
        ctx: &Ctx,
        id: &str,
        record: &ContentRecord,
    ) -> Result<Content> {
        let opened;
        let plain = match &record.data_key {
            None => &record.content,
            Some(wrapped) => {
                let key = self.unwrap(ctx, wrapped).await?;
                let plain = key.open(id.as_bytes(), &record.content);
                opened = plain.map_err(Error::internal)?;
                &*opened
            }
        };
        let (_, content) = store::record::decode(plain).map_err(Error::internal)?;
        Ok(content)
    }

    /// The data key for new messages: a new one if there is none, or its time is over.
    async fn current(&mut self, ctx: &Ctx, queue: &Queue, named: &str) -> Result<WrappedDataKey> {
        let place = Key::new(
            &queue.place.account,
            &queue.place.region,
            [queue.id.as_str()],
        );
        let known = ctx.get::<DataKeyRecord>(&place).await?;
        let reuse_millis = queue.settings.millis("KmsDataKeyReusePeriodSeconds");
        let is_fresh = |known: &&std::sync::Arc<DataKeyRecord>| {
            known.named == named && known.made_millis + reuse_millis > ctx.now.millis
        };
        if let Some(known) = known.as_ref().filter(is_fresh) {
            return Ok(known.wrapped.clone());
        }
        let (wrapped, key) = generate(ctx, &queue.place.arn(), named).await?;
        self.0.push((wrapped.blob.clone(), key));
        let record = DataKeyRecord {
            named: named.to_owned(),
            made_millis: ctx.now.millis,
            wrapped: wrapped.clone(),
        };
        ctx.put(place, record).await;
        Ok(wrapped)
    }

    async fn unwrap(&mut self, ctx: &Ctx, wrapped: &WrappedDataKey) -> Result<&DataKey> {
        let known = self.0.iter().position(|(blob, _)| *blob == wrapped.blob);
        let at = match known {
            Some(at) => at,
            None => {
                let key = decrypt(ctx, wrapped).await?;
                self.0.push((wrapped.blob.clone(), key));
                self.0.len() - 1
            }
        };
        let found = self.0.get(at).map(|(_, key)| key);
        found.ok_or_else(|| Error::dangling("a data key"))
    }
}

async fn generate(ctx: &Ctx, queue_arn: &str, named: &str) -> Result<(WrappedDataKey, DataKey)> {
    let request = GenerateDataKeyRequest {
        key_id: named.to_owned(),
        encryption_context: context(queue_arn),
        number_of_bytes: None,
        key_spec: Some(DataKeySpec::Aes256),
        grant_tokens: Vec::new(),
        recipient: None,
        dry_run: false,
    };
    let call = ctx
        .on_behalf_of_caller("sqs")
        .call::<GenerateDataKey>(request);
    let made = call.await.map_err(refused)?;
    let blob = made.ciphertext_blob.map(|blob| blob.to_vec());
    let key = DataKey::new(&made.plaintext.unwrap_or_default());
    let (Some(kms_key), Some(blob), Some(key)) = (made.key_id, blob, key) else {
        return Err(Error::internal("KMS gave no data key"));
    };
    let wrapped = WrappedDataKey {
        kms_key,
        queue_arn: queue_arn.to_owned(),
        blob,
    };
    Ok((wrapped, key))
}

async fn decrypt(ctx: &Ctx, wrapped: &WrappedDataKey) -> Result<DataKey> {
    let request = DecryptRequest {
        ciphertext_blob: Some(Zeroizing::new(wrapped.blob.clone())),
        encryption_context: context(&wrapped.queue_arn),
        grant_tokens: Vec::new(),
        key_id: Some(wrapped.kms_key.clone()),
        encryption_algorithm: None,
        recipient: None,
        dry_run: false,
        dry_run_modifiers: Vec::new(),
    };
    let opened = ctx
        .on_behalf_of_caller("sqs")
        .call::<Decrypt>(request)
        .await;
    let plaintext = opened.map_err(refused)?.plaintext.unwrap_or_default();
    DataKey::new(&plaintext).ok_or_else(|| Error::internal("a data key of another length"))
}

fn context(queue_arn: &str) -> Entries<String> {
    Entries(vec![("aws:sqs:arn".to_owned(), queue_arn.to_owned())])
}

/// KMS's errors under the names that SQS gives them (SendMessage, errors).
fn refused(error: Error) -> Error {
    let Error::Fault(fault) = error else {
        return error;
    };
    let text = fault.message().unwrap_or_default().to_owned();
    let renamed = match fault.code(Protocol::Json11) {
        "AccessDeniedException" => KmsAccessDenied::new(text),
        "DisabledException" => KmsDisabled::new(text),
        "InvalidKeyUsageException" => KmsInvalidKeyUsage::new(text),
        "KMSInvalidStateException" => KmsInvalidState::new(text),
        "NotFoundException" => KmsNotFound::new(text),
        "SubscriptionRequiredException" => KmsOptInRequired::new(text),
        "ThrottlingException" => KmsThrottled::new(text),
        _ => fault,
    };
    renamed.into()
}
