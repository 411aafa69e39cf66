//! Second factors as tests hold them.

use crypto::totp;
use wire::pem;

use super::{House, Login, NOW, encoded};

/// A device that shows codes.
pub(crate) struct Device(Vec<u8>);

impl Device {
    /// Makes a virtual device.
    pub(crate) async fn create(house: &House, root: &Login, name: &str) -> Self {
        let form = format!("Action=CreateVirtualMFADevice&VirtualMFADeviceName={name}");
        let made = house.ok(root, &form).await;
        let text = pem::decoded(&made.xml("Base32StringSeed")).unwrap();
        let value = |char: &u8| match char {
            b'A'..=b'Z' => u64::from(char - b'A'),
            _ => u64::from(char - b'2' + 26),
        };
        let bytes = text.chunks(8).flat_map(|group| {
            let number = group
                .iter()
                .fold(0, |number, char| number << 5 | value(char));
            number.to_be_bytes()[3..].to_vec()
        });
        Self(bytes.collect())
    }

    /// The code of so many steps from the start of the tests.
    pub(crate) fn code(&self, step: i64) -> String {
        totp::code_at(&self.0, totp::step_at(NOW.millis) + step)
    }

    /// The form of an operation with two codes that follow each other.
    pub(crate) fn form(&self, action: &str, user: &str, serial: &str, step: i64) -> String {
        let (one, two) = (self.code(step), self.code(step + 1));
        let serial = encoded(serial);
        format!(
            "Action={action}&UserName={user}&SerialNumber={serial}\
             &AuthenticationCode1={one}&AuthenticationCode2={two}"
        )
    }
}
