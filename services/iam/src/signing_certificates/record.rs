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
