//! Server certificates with their private keys.

mod delete_server_certificate;
mod get_server_certificate;
mod list_server_certificate_tags;
mod list_server_certificates;
pub(crate) mod record;
mod tag_server_certificate;
mod untag_server_certificate;
mod update_server_certificate;
mod upload_server_certificate;

use platform::Service;

/// Adds the operations.
pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<api::iam::DeleteServerCertificate>(
            delete_server_certificate::delete_server_certificate,
        )
        .op::<api::iam::GetServerCertificate>(get_server_certificate::get_server_certificate)
        .op::<api::iam::ListServerCertificateTags>(
            list_server_certificate_tags::list_server_certificate_tags,
        )
        .op::<api::iam::ListServerCertificates>(list_server_certificates::list_server_certificates)
        .op::<api::iam::TagServerCertificate>(tag_server_certificate::tag_server_certificate)
        .op::<api::iam::UntagServerCertificate>(untag_server_certificate::untag_server_certificate)
        .op::<api::iam::UpdateServerCertificate>(
            update_server_certificate::update_server_certificate,
        )
        .op::<api::iam::UploadServerCertificate>(
            upload_server_certificate::upload_server_certificate,
        )
}
