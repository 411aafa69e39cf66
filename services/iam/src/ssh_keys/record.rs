//! SSH public keys as their users have them.

use api::iam::{
    InvalidInputException, NoSuchEntityException, SSHPublicKey, SSHPublicKeyMetadata, StatusType,
};
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use wire::Timestamp;

use crate::ssh_keys::encoding::RsaKey;

/// The most SSH public keys of a user ("IAM and AWS STS quotas").
pub(crate) const QUOTA: usize = 5;

/// An SSH public key.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SshKey {
    /// `APKA..`.
    pub(crate) id: String,
    /// The key, as SSH puts it on the wire.
    pub(crate) blob: Vec<u8>,
    /// Whether it may be used.
    pub(crate) active: bool,
    /// When it was uploaded, in milliseconds since 1970.
    pub(crate) uploaded_millis: i64,
}

impl SshKey {
    /// The key itself.
    pub(crate) fn rsa(&self) -> Result<RsaKey> {
        let key = RsaKey::from_blob(&self.blob);
        key.ok_or_else(|| Error::internal("a stored SSH public key is malformed"))
    }

    /// The key with this text as its body.
    pub(crate) fn shown(&self, user_name: Option<String>, body: String) -> SSHPublicKey {
        SSHPublicKey {
            user_name,
            ssh_public_key_id: Some(self.id.clone()),
            fingerprint: Some(crypto::md5_fingerprint(&self.blob)),
            ssh_public_key_body: Some(body),
            status: Some(status(self.active)),
            upload_date: Some(Timestamp {
                millis: self.uploaded_millis,
            }),
        }
    }

    /// The key as lists show it.
    pub(crate) fn listed(&self, user_name: Option<String>) -> SSHPublicKeyMetadata {
        SSHPublicKeyMetadata {
            user_name,
            ssh_public_key_id: Some(self.id.clone()),
            status: Some(status(self.active)),
            upload_date: Some(Timestamp {
                millis: self.uploaded_millis,
            }),
        }
    }
}

/// Whether something may be used, as AWS writes it.
pub(crate) fn status(active: bool) -> StatusType {
    if active {
        StatusType::Active
    } else {
        StatusType::Inactive
    }
}

/// Whether a request asks that something may be used.
pub(crate) fn is_active(status: &StatusType) -> Result<bool> {
    match status {
        StatusType::Active => Ok(true),
        StatusType::Inactive => Ok(false),
        StatusType::Expired => {
            let message = "The status can be set to Active or Inactive only.";
            Err(InvalidInputException::new(message).into())
        }
    }
}

/// AWS's answer that a user has no key of this id.
pub(crate) fn absent(id: &str) -> Error {
    NoSuchEntityException::new(format!("The Public Key with id {id} cannot be found.")).into()
}
