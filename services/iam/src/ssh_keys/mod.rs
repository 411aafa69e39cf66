//! SSH public keys of users.

mod delete_ssh_public_key;
pub(crate) mod encoding;
mod get_ssh_public_key;
mod list_ssh_public_keys;
pub(crate) mod record;
mod update_ssh_public_key;
mod upload_ssh_public_key;

use platform::Service;

/// Adds the operations.
pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<api::iam::DeleteSSHPublicKey>(delete_ssh_public_key::delete_ssh_public_key)
        .op::<api::iam::GetSSHPublicKey>(get_ssh_public_key::get_ssh_public_key)
        .op::<api::iam::ListSSHPublicKeys>(list_ssh_public_keys::list_ssh_public_keys)
        .op::<api::iam::UpdateSSHPublicKey>(update_ssh_public_key::update_ssh_public_key)
        .op::<api::iam::UploadSSHPublicKey>(upload_ssh_public_key::upload_ssh_public_key)
}
