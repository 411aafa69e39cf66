//! X.509 certificates of users.

mod delete_signing_certificate;
mod list_signing_certificates;
pub(crate) mod record;
mod update_signing_certificate;
mod upload_signing_certificate;

use platform::Service;

/// Adds the operations.
pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<api::iam::DeleteSigningCertificate>(
            delete_signing_certificate::delete_signing_certificate,
        )
        .op::<api::iam::ListSigningCertificates>(
            list_signing_certificates::list_signing_certificates,
        )
        .op::<api::iam::UpdateSigningCertificate>(
            update_signing_certificate::update_signing_certificate,
        )
        .op::<api::iam::UploadSigningCertificate>(
            upload_signing_certificate::upload_signing_certificate,
        )
}
