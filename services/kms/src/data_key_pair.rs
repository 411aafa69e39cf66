//! Data key pairs: key pairs for use outside, whose private key leaves encrypted under a symmetric
//! KMS key. No copy is kept.

use api::kms::{DataKeyPairSpec, EncryptionAlgorithmSpec, UnsupportedOperationException};
use crypto::DataKeyPair;
use platform::{Ctx, Error, Result};
use wire::Entries;

use crate::condition_keys::RequestKeys;
use crate::create_key::is_made_in;
use crate::dry_run::DryRun;
use crate::encryption_context::EncryptionContext;
use crate::encryption_key::{Encrypted, EncryptionKey};
use crate::kind::Spec;
use crate::lookup::Found;
use crate::recipient::Recipient;
use crate::{access, grant_tokens};

/// What both operations that generate data key pairs are asked.
pub(crate) struct Asked<'a> {
    pub(crate) operation: &'static str,
    pub(crate) action: &'static str,
    pub(crate) key_id: String,
    pub(crate) spec: DataKeyPairSpec,
    pub(crate) encryption_context: Entries<String>,
    pub(crate) grant_tokens: Vec<String>,
    pub(crate) dry_run: bool,
    pub(crate) recipient: Option<&'a Recipient>,
}

/// A data key pair, with its private key in clear and encrypted.
pub(crate) struct Generated {
    pub(crate) pair: DataKeyPair,
    pub(crate) encrypted: Encrypted,
    pub(crate) key_arn: String,
}

/// Generates a data key pair.
pub(crate) async fn generate(ctx: &Ctx, asked: Asked<'_>) -> Result<Generated> {
    let algorithm = EncryptionAlgorithmSpec::SymmetricDefault;
    let dry_run = DryRun::new(asked.dry_run, &[])?;
    let context = EncryptionContext::new(asked.encryption_context, algorithm)?;
    grant_tokens::check(ctx, &asked.grant_tokens)?;

    let found = Found::any(ctx, &asked.key_id).await?;
    let request = RequestKeys {
        encryption: Some((algorithm, &context)),
        data_key_pair: Some(asked.spec),
        recipient: asked.recipient,
        ..RequestKeys::default()
    };
    let key = access::authorize(ctx, asked.action, found, &request).await?;
    let key = EncryptionKey::new(key, asked.operation, algorithm)?;
    let spec = Spec::of_pair(asked.spec).filter(|spec| is_made_in(*spec, &ctx.region));
    let spec = spec.ok_or_else(|| {
        let text = format!("KeyPairSpec {} is not supported.", asked.spec.as_str());
        UnsupportedOperationException::new(text)
    })?;
    dry_run.finish()?;

    let material = spec.material();
    let pair = ctx
        .blocking(move |random| DataKeyPair::generate(material, random))
        .await?
        .map_err(Error::internal)?;
    let encrypted = key.encrypt(ctx, &context, &pair.private_key).await?;
    if let Some(id) = encrypted.material_id {
        ctx.note_text("keyMaterialId", id.to_string());
    }
    Ok(Generated {
        pair,
        encrypted,
        key_arn: key.arn().to_owned(),
    })
}
