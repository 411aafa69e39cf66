//! Second factors: virtual devices that show time-based codes (RFC 6238).

mod create_virtual_mfa_device;
mod deactivate_mfa_device;
mod delete_virtual_mfa_device;
mod enable_mfa_device;
pub(crate) mod enabled;
mod get_mfa_device;
pub(crate) mod guesses;
mod list_mfa_device_tags;
mod list_mfa_devices;
mod list_virtual_mfa_devices;
pub(crate) mod qr_code;
pub(crate) mod record;
mod resync_mfa_device;
mod tag_mfa_device;
mod untag_mfa_device;

use platform::Service;

/// Adds the operations.
pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<api::iam::CreateVirtualMFADevice>(
            create_virtual_mfa_device::create_virtual_mfa_device,
        )
        .op::<api::iam::DeactivateMFADevice>(deactivate_mfa_device::deactivate_mfa_device)
        .op::<api::iam::DeleteVirtualMFADevice>(
            delete_virtual_mfa_device::delete_virtual_mfa_device,
        )
        .op::<api::iam::EnableMFADevice>(enable_mfa_device::enable_mfa_device)
        .op::<api::iam::GetMFADevice>(get_mfa_device::get_mfa_device)
        .op::<api::iam::ListMFADeviceTags>(list_mfa_device_tags::list_mfa_device_tags)
        .op::<api::iam::ListMFADevices>(list_mfa_devices::list_mfa_devices)
        .op::<api::iam::ListVirtualMFADevices>(list_virtual_mfa_devices::list_virtual_mfa_devices)
        .op::<api::iam::ResyncMFADevice>(resync_mfa_device::resync_mfa_device)
        .op::<api::iam::TagMFADevice>(tag_mfa_device::tag_mfa_device)
        .op::<api::iam::UntagMFADevice>(untag_mfa_device::untag_mfa_device)
}
