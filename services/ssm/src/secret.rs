//! Values, and the encryption of those that are secret ("AWS KMS encryption for AWS Systems Manager
//! Parameter Store SecureString parameters", Systems Manager user guide).
//!
//! KMS is asked with the caller's own permissions, and with the parameter's ARN as encryption
//! context. It encrypts a standard parameter itself; an advanced one is sealed under a data key of
//! its own. In either case each reader's permission, and the key's state, count in the moment of
//! reading.

use api::kms::{
    DataKeySpec, Decrypt, DecryptRequest, Encrypt, EncryptRequest, GenerateDataKey,
    GenerateDataKeyRequest,
};
use api::ssm::InvalidKeyId;
use crypto::DataKey;
use platform::{Ctx, Error, Result};
use serde::{Deserialize, Serialize};
use wire::{Common, Entries, Fault, Protocol, pem};
use zeroize::Zeroizing;

use crate::parameter::Tier;

/// The key of parameters for which no other is named.
pub(crate) const DEFAULT_KEY: &str = "alias/aws/ssm";

/// What a version says.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Content {
    Plain(String),
    /// Encrypted by KMS: a standard parameter.
    Encrypted(Vec<u8>),
    /// Sealed under a data key, which KMS encrypted: an advanced parameter.
    Sealed {
        data_key: Vec<u8>,
        sealed: Vec<u8>,
    },
}

impl Content {
    /// Encrypts a value under the KMS key that the caller names.
    pub(crate) async fn encrypt(
        ctx: &Ctx,
        arn: &str,
        (tier, key_id): (Tier, &str),
        value: &str,
    ) -> Result<Self> {
        match tier {
            Tier::Standard => encrypt(ctx, arn, key_id, value).await,
            Tier::Advanced => seal(ctx, arn, key_id, value).await,
        }
    }

    /// The value, decrypted if it is encrypted.
    pub(crate) async fn open(&self, ctx: &Ctx, arn: &str) -> Result<Zeroizing<String>> {
        let plaintext = match self {
            Self::Plain(value) => return Ok(Zeroizing::new(value.clone())),
            Self::Encrypted(ciphertext) => decrypt(ctx, arn, ciphertext).await?,
            Self::Sealed { data_key, sealed } => {
                let key = DataKey::new(&decrypt(ctx, arn, data_key).await?);
                let key = key.ok_or_else(|| Error::internal("a data key of another length"))?;
                key.open(arn.as_bytes(), sealed).map_err(Error::internal)?
            }
        };
        let text = str::from_utf8(&plaintext).map_err(Error::internal)?;
        Ok(Zeroizing::new(text.to_owned()))
    }

    /// The value as it is shown to whoever does not ask for decryption.
    pub(crate) fn shown(&self) -> Zeroizing<String> {
        Zeroizing::new(match self {
            Self::Plain(value) => value.clone(),
            Self::Encrypted(ciphertext) => pem::base64(ciphertext),
            Self::Sealed { data_key, sealed } => {
                pem::base64(&[data_key.as_slice(), sealed].concat())
            }
        })
    }
}

async fn encrypt(ctx: &Ctx, arn: &str, key_id: &str, value: &str) -> Result<Content> {
    let request = EncryptRequest {
        key_id: key_id.to_owned(),
        plaintext: Zeroizing::new(value.as_bytes().to_vec()),
        encryption_context: context(arn),
        grant_tokens: Vec::new(),
        encryption_algorithm: None,
        dry_run: false,
    };
    let id = ctx.new_uuid()?;
    let call = ctx.on_behalf_of_caller("ssm").request_id(&id);
    let encrypted = call.call::<Encrypt>(request).await;
    let encrypted = encrypted.map_err(|error| refused(error, &id))?;
    let ciphertext = encrypted.ciphertext_blob;
    let ciphertext = ciphertext.ok_or_else(|| Error::internal("KMS gave no ciphertext"))?;
    Ok(Content::Encrypted(ciphertext.to_vec()))
}

async fn seal(ctx: &Ctx, arn: &str, key_id: &str, value: &str) -> Result<Content> {
    let request = GenerateDataKeyRequest {
        key_id: key_id.to_owned(),
        encryption_context: context(arn),
        number_of_bytes: None,
        key_spec: Some(DataKeySpec::Aes256),
        grant_tokens: Vec::new(),
        recipient: None,
        dry_run: false,
    };
    let id = ctx.new_uuid()?;
    let call = ctx.on_behalf_of_caller("ssm").request_id(&id);
    let made = call.call::<GenerateDataKey>(request).await;
    let made = made.map_err(|error| refused(error, &id))?;
    let key = DataKey::new(&made.plaintext.unwrap_or_default());
    let (Some(key), Some(data_key)) = (key, made.ciphertext_blob) else {
        return Err(Error::internal("KMS gave no data key"));
    };
    let sealed = key.seal(arn.as_bytes(), value.as_bytes(), ctx.random());
    Ok(Content::Sealed {
        data_key: data_key.to_vec(),
        sealed: sealed.map_err(Error::internal)?,
    })
}

async fn decrypt(ctx: &Ctx, arn: &str, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let request = DecryptRequest {
        ciphertext_blob: Some(Zeroizing::new(ciphertext.to_vec())),
        encryption_context: context(arn),
        grant_tokens: Vec::new(),
        key_id: None,
        encryption_algorithm: None,
        recipient: None,
        dry_run: false,
        dry_run_modifiers: Vec::new(),
    };
    let id = ctx.new_uuid()?;
    let call = ctx.on_behalf_of_caller("ssm").request_id(&id);
    let opened = call.call::<Decrypt>(request).await;
    let opened = opened.map_err(|error| refused(error, &id))?;
    let plaintext = opened.plaintext;
    plaintext.ok_or_else(|| Error::internal("KMS gave no plaintext"))
}

fn context(arn: &str) -> Entries<String> {
    Entries(vec![("PARAMETER_ARN".to_owned(), arn.to_owned())])
}

/// KMS's errors as Parameter Store passes them on: a permission that is missing as what it is, and
/// whatever is wrong with the key as `InvalidKeyId`, in KMS's words, with what AWS's own client for
/// Java adds to them of the call of this id.
fn refused(error: Error, request_id: &str) -> Error {
    let Error::Fault(fault) = error else {
        return error;
    };
    let common = fault.as_common();
    if matches!(common, Some(Common::Throttling | Common::InternalFailure)) {
        return fault.into();
    }
    let (code, status) = (fault.code(Protocol::Json11), fault.status(Protocol::Json11));
    let said = fault.message().unwrap_or_default();
    let text = format!(
        "{said} (Service: AWSKMS; Status Code: {status}; Error Code: {code}; Request ID: \
         {request_id}; Proxy: null)"
    );
    match code {
        "AccessDeniedException" => Fault::common(Common::AccessDenied, text).into(),
        "ThrottlingException" => Fault::common(Common::Throttling, text).into(),
        _ => InvalidKeyId::new(text).into(),
    }
}
