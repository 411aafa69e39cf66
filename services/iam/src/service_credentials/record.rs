//! Credentials for one service each, as their users have them. Of passwords only hashes are kept.

use api::iam::{
    NoSuchEntityException, ServiceNotSupportedException, ServiceSpecificCredential,
    ServiceSpecificCredentialMetadata, StatusType,
};
use crypto::PasswordHash;
use platform::{Ctx, Error, Result};
use serde::{Deserialize, Serialize};
use wire::Timestamp;
use zeroize::Zeroizing;

use crate::ids;
use crate::ssh_keys::record::status;

/// The most credentials of a user for one service (`CreateServiceSpecificCredential`).
pub(crate) const QUOTA: usize = 2;

/// Credentials of a user for one service.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ServiceCredential {
    /// `ACCA..`.
    pub(crate) id: String,
    /// The service, for example `codecommit.amazonaws.com`.
    pub(crate) service: String,
    /// The name to sign in with.
    pub(crate) user_name: String,
    /// Whether they may be used.
    pub(crate) active: bool,
    /// When they were made, in milliseconds since 1970.
    pub(crate) created_millis: i64,
    /// When they expire, in milliseconds since 1970.
    pub(crate) expires_millis: Option<i64>,
    /// The Argon2id hash of the password.
    pub(crate) hash: Vec<u8>,
}

/// What a service calls its credentials.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// User name and password.
    Password,
    /// An API key that may expire, with an alias ("API keys for AWS services").
    ApiKey,
}

/// The form of a service's credentials, or AWS's answer that it has none.
pub(crate) fn form(service: &str) -> Result<Form> {
    match service {
        "codecommit.amazonaws.com" | "cassandra.amazonaws.com" => Ok(Form::Password),
        "bedrock.amazonaws.com" | "logs.amazonaws.com" => Ok(Form::ApiKey),
        _ => {
            let message =
                format!("The service {service} does not support service-specific credentials.");
            Err(ServiceNotSupportedException::new(message).into())
        }
    }
}

/// A new password, and its hash.
pub(crate) async fn password(ctx: &Ctx) -> Result<(Zeroizing<String>, Vec<u8>)> {
    let password = ids::secret_access_key(ctx.random())?;
    let mut salt = Zeroizing::new([0; 32]);
    ctx.random().fill(&mut *salt)?;
    let hashed = password.clone();
    let hash = ctx
        .blocking(move |_| PasswordHash::salted(&hashed, &salt))
        .await?;
    Ok((password, hash.map_err(Error::internal)?.to_bytes()))
}

impl ServiceCredential {
    /// Whether they may be used at this moment, as AWS writes it.
    fn status(&self, now: Timestamp) -> StatusType {
        match self.expires_millis {
            Some(expires) if expires <= now.millis => StatusType::Expired,
            _ => status(self.active),
        }
    }

    /// The credentials with their password, which is shown only when it is made.
    pub(crate) fn shown(
        &self,
        ctx: &Ctx,
        user_name: Option<String>,
        password: Zeroizing<String>,
    ) -> Result<ServiceSpecificCredential> {
        let shown = ServiceSpecificCredential {
            create_date: Some(Timestamp {
                millis: self.created_millis,
            }),
            expiration_date: self.expires_millis.map(|millis| Timestamp { millis }),
            service_name: Some(self.service.clone()),
            service_specific_credential_id: Some(self.id.clone()),
            user_name,
            status: Some(self.status(ctx.now)),
            ..ServiceSpecificCredential::default()
        };
        Ok(match form(&self.service)? {
            Form::Password => ServiceSpecificCredential {
                service_user_name: Some(self.user_name.clone()),
                service_password: Some(password),
                ..shown
            },
            Form::ApiKey => ServiceSpecificCredential {
                service_credential_alias: Some(self.user_name.clone()),
                service_credential_secret: Some(password),
                ..shown
            },
        })
    }

    /// The credentials as lists show them.
    pub(crate) fn listed(
        &self,
        ctx: &Ctx,
        user_name: Option<String>,
    ) -> Result<ServiceSpecificCredentialMetadata> {
        let (name, alias) = match form(&self.service)? {
            Form::Password => (Some(self.user_name.clone()), None),
            Form::ApiKey => (None, Some(self.user_name.clone())),
        };
        Ok(ServiceSpecificCredentialMetadata {
            user_name,
            status: Some(self.status(ctx.now)),
            service_user_name: name,
            service_credential_alias: alias,
            create_date: Some(Timestamp {
                millis: self.created_millis,
            }),
            expiration_date: self.expires_millis.map(|millis| Timestamp { millis }),
            service_specific_credential_id: Some(self.id.clone()),
            service_name: Some(self.service.clone()),
        })
    }
}

/// The credentials of this id, or AWS's answer that there are none.
pub(crate) fn require<'a>(
    held: &'a mut [ServiceCredential],
    id: &str,
) -> Result<&'a mut ServiceCredential> {
    let found = held.iter_mut().find(|known| known.id == id);
    found.ok_or_else(|| absent(id))
}

/// AWS's answer that a user has no credentials of this id.
pub(crate) fn absent(id: &str) -> Error {
    NoSuchEntityException::new(format!("No such credential {id} exists")).into()
}
