//! `iam:CreateVirtualMFADevice`: makes a device, and shows its seed for the only time.

use api::iam::{
    CreateVirtualMFADeviceRequest, CreateVirtualMFADeviceResponse, EntityAlreadyExistsException,
    VirtualMFADevice,
};
use platform::{Ctx, Result};
use zeroize::Zeroizing;

use crate::mfa::qr_code;
use crate::mfa::record::{SEED, VirtualMfaRecord, arn_of};
use crate::tagging::{self, Tagged};
use crate::{ids, tags};

pub(crate) async fn create_virtual_mfa_device(
    ctx: &Ctx,
    req: CreateVirtualMFADeviceRequest,
) -> Result<CreateVirtualMFADeviceResponse> {
    let (path, name) = (
        req.path.unwrap_or_else(|| "/".to_owned()),
        req.virtual_mfa_device_name,
    );
    let tags = tags::pairs(req.tags);
    let arn = arn_of(ctx.account(), &path, &name);
    let actions = ("iam:CreateVirtualMFADevice", "iam:TagMFADevice");
    tagging::permit_new(ctx, &arn, actions, &tags).await?;

    let key = VirtualMfaRecord::key(ctx.account(), &path, &name);
    if ctx.get::<VirtualMfaRecord>(&key).await?.is_some() {
        let message = "MFA device already exists.";
        return Err(EntityAlreadyExistsException::new(message).into());
    }
    let mut seed = Zeroizing::new([0; SEED]);
    ctx.random().fill(&mut *seed)?;
    let text = ids::base32(&*seed);
    let uri = otpauth(&name, ctx.account(), &text);
    let shown = VirtualMFADevice {
        serial_number: Some(arn),
        qr_code_png: Some(qr_code::png(&uri)?),
        base32_string_seed: Some(Zeroizing::new(text.as_bytes().to_vec())),
        tags: tagging::sorted(&tags),
        ..VirtualMFADevice::default()
    };
    let device = VirtualMfaRecord::new(ctx, (path, name), tags, &*seed)?;
    device.put(ctx).await;
    Ok(CreateVirtualMFADeviceResponse {
        virtual_mfa_device: Some(shown),
    })
}

/// What authenticator programs read (`VirtualMFADevice`'s `QRCodePNG`).
fn otpauth(name: &str, account: &str, seed: &str) -> Zeroizing<String> {
    let mut uri = Zeroizing::new(String::with_capacity(512));
    uri.push_str("otpauth://totp/");
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    for part in ["@", account, "?secret=", seed] {
        uri.push_str(part);
    }
    uri
}
