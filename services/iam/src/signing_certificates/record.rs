//! Signing certificates as their users have them.

use api::iam::{NoSuchEntityException, SigningCertificate};
use platform::Error;
use serde::{Deserialize, Serialize};
use wire::Timestamp;

use crate::ssh_keys::record::status;

/// The most signing certificates of a user ("IAM and AWS STS quotas").
pub(crate) const QUOTA: usize = 2;

/// A signing certificate.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct UserCertificate {
    /// The id that requests name it by.
    pub(crate) id: String,
    /// The text, as it was given.
    pub(crate) body: String,
    /// The certificate in DER.
    pub(crate) der: Vec<u8>,
    /// Whether it may be used.
    pub(crate) active: bool,
    /// When it was uploaded, in milliseconds since 1970.
    pub(crate) uploaded_millis: i64,
    /// When it was uploaded, or its status last changed, in milliseconds since 1970.
    pub(crate) changed_millis: i64,
}

/// A signing certificate that does not know when its status changed.
#[derive(Serialize, Deserialize)]
pub(crate) struct UserCertificateV1 {
    pub(crate) id: String,
    pub(crate) body: String,
    pub(crate) der: Vec<u8>,
    pub(crate) active: bool,
    pub(crate) uploaded_millis: i64,
}

impl From<UserCertificateV1> for UserCertificate {
    fn from(previous: UserCertificateV1) -> Self {
        Self {
            id: previous.id,
            body: previous.body,
            der: previous.der,
            active: previous.active,
            uploaded_millis: previous.uploaded_millis,
            changed_millis: previous.uploaded_millis,
        }
    }
}

impl UserCertificate {
    /// The certificate as AWS shows it. The root user has no name.
    pub(crate) fn shown(&self, user_name: Option<String>) -> SigningCertificate {
        SigningCertificate {
            user_name,
            certificate_id: Some(self.id.clone()),
            certificate_body: Some(self.body.clone()),
            status: Some(status(self.active)),
            upload_date: Some(Timestamp {
                millis: self.uploaded_millis,
            }),
        }
    }
}

/// AWS's answer that a user has no certificate of this id.
pub(crate) fn absent(id: &str) -> Error {
    NoSuchEntityException::new(format!("The Certificate with id {id} cannot be found.")).into()
}
