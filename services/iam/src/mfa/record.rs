//! Virtual MFA devices. Their seeds are sealed once more inside their sealed records.

use std::sync::Arc;

use api::iam::{NoSuchEntityException, User, VirtualMFADevice};
use crypto::{Keyring, Random, totp};
use platform::{Ctx, Error, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::{Fault, Timestamp};
use zeroize::Zeroizing;

use crate::tagging::Tagged;
use crate::target::{Entity, Target};

/// How many bytes a seed has: 64 characters in base32, as AWS gives them.
pub(crate) const SEED: usize = 40;
/// How many steps a code may be early or late.
const TOLERANCE: i64 = 1;

/// A virtual MFA device.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct VirtualMfaRecord {
    /// The account, 12 digits.
    pub(crate) account: String,
    /// The path, `/` or `/division/`.
    pub(crate) path: String,
    /// The name, in the case in which it was given.
    pub(crate) name: String,
    /// When it was made, in milliseconds since 1970.
    pub(crate) created_millis: i64,
    /// Keys and values.
    pub(crate) tags: Vec<(String, String)>,
    /// Whom it is enabled for.
    pub(crate) owner: Option<MfaOwner>,
    /// The seed, sealed.
    sealed_seed: Vec<u8>,
    /// How many steps the device is ahead of this program's clock.
    drift: i64,
    /// The step of the last code that was accepted: a code counts once (RFC 6238, section 5.2).
    last_step: i64,
}

/// Whom a device is enabled for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MfaOwner {
    /// The unique id of the user, or the account number for the root user.
    pub(crate) holder: String,
    /// When it was enabled, in milliseconds since 1970.
    pub(crate) enabled_millis: i64,
}

impl Record for VirtualMfaRecord {
    const TABLE: &'static str = "iam.virtual-mfa";
    const SERVICE: &'static str = "iam";
}

impl VirtualMfaRecord {
    /// Where the device of this path and name is. Names do not distinguish case.
    pub(crate) fn key(account: &str, path: &str, name: &str) -> Key {
        Key::new(account, "", [format!("{path}{name}").to_ascii_lowercase()])
    }

    /// Where the device of this serial number is, if it can be one of the account.
    pub(crate) fn key_of_serial(account: &str, serial: &str) -> Option<Key> {
        let rest = serial.strip_prefix(&arn_of(account, "", ""))?;
        rest.starts_with('/').then(|| Self::key(account, "", rest))
    }

    /// Where all devices of an account are.
    pub(crate) fn prefix(account: &str) -> Key {
        Key::new(account, "", std::iter::empty::<String>())
    }

    /// A new device with this seed, enabled for nobody.
    pub(crate) fn new(
        ctx: &Ctx,
        (path, name): (String, String),
        tags: Vec<(String, String)>,
        seed: &[u8],
    ) -> Result<Self> {
        let account = ctx.account().to_owned();
        let aad = seed_aad(&arn_of(&account, &path, &name));
        let key = ctx.keyring().record_key(&account, Self::SERVICE);
        let sealed_seed = key.seal(&aad, seed, ctx.random() as &dyn Random);
        Ok(Self {
            account,
            path,
            name,
            created_millis: ctx.now.whole_secs().millis,
            tags,
            owner: None,
            sealed_seed: sealed_seed.map_err(Error::internal)?,
            drift: 0,
            last_step: 0,
        })
    }

    /// The device of this serial number in the caller's account.
    pub(crate) async fn find(ctx: &Ctx, serial: &str) -> Result<Option<Arc<Self>>> {
        let Some(key) = Self::key_of_serial(ctx.account(), serial) else {
            return Ok(None);
        };
        let found = ctx.get::<Self>(&key).await?;
        Ok(found.filter(|device| device.arn() == serial))
    }

    /// What an operation is about that names a device by its serial number.
    pub(crate) async fn target(ctx: &Ctx, serial: String) -> Result<Target<Self>> {
        let found = Self::find(ctx, &serial).await?;
        Ok(Target::new(ctx, serial, found))
    }

    /// Accepts `code` if it is the present one and was not accepted before.
    pub(crate) fn accept(&mut self, keyring: &Keyring, code: &str, now: Timestamp) -> Result<bool> {
        let seed = self.seed(keyring)?;
        let present = totp::step_at(now.millis) + self.drift;
        let mut steps = present - TOLERANCE..=present + TOLERANCE;
        let last = self.last_step;
        let found = steps.find(|step| *step > last && totp::is_code(&seed, *step, code));
        if let Some(step) = found {
            self.last_step = step;
        }
        Ok(found.is_some())
    }

    /// Accepts two codes that follow each other, at most `window` steps from now, and learns from
    /// them how far the device's clock is off.
    pub(crate) fn synchronize(
        &mut self,
        keyring: &Keyring,
        codes: (&str, &str),
        (now, window): (Timestamp, i64),
    ) -> Result<bool> {
        let seed = self.seed(keyring)?;
        let present = totp::step_at(now.millis);
        let mut steps = present - window..=present + window;
        let found = steps.find(|step| {
            *step > self.last_step
                && totp::is_code(&seed, *step, codes.1)
                && totp::is_code(&seed, *step - 1, codes.0)
        });
        let Some(step) = found else {
            return Ok(false);
        };
        // Typing takes time, which is not the clock's fault.
        let off = step - present;
        self.drift = if off.abs() <= TOLERANCE { 0 } else { off };
        self.last_step = step;
        Ok(true)
    }

    fn seed(&self, keyring: &Keyring) -> Result<Zeroizing<Vec<u8>>> {
        let key = keyring.record_key(&self.account, Self::SERVICE);
        let opened = key.open(&seed_aad(&self.arn()), &self.sealed_seed);
        opened.map_err(Error::internal)
    }

    /// The device as lists show it, with whom it is enabled for: without seed and tags.
    pub(crate) fn listed(&self, user: Option<User>) -> VirtualMFADevice {
        let owner = self.owner.as_ref();
        VirtualMFADevice {
            serial_number: Some(self.arn()),
            user,
            enable_date: owner.map(|owner| Timestamp {
                millis: owner.enabled_millis,
            }),
            ..VirtualMFADevice::default()
        }
    }
}

impl Entity for VirtualMfaRecord {
    const KIND: &'static str = "virtual MFA device";

    /// Requests name devices by serial number, which is the ARN.
    fn arn_at(_: &str, _: &str, name: &str) -> String {
        name.to_owned()
    }

    fn arn(&self) -> String {
        arn_of(&self.account, &self.path, &self.name)
    }

    fn tags(&self) -> &[(String, String)] {
        &self.tags
    }

    fn shown(name: &str) -> String {
        name.to_owned()
    }

    fn absent(name: &str) -> Fault {
        let message = format!("MFA Device with serial number {name} does not exist.");
        NoSuchEntityException::new(message)
    }
}

impl Tagged for VirtualMfaRecord {
    fn with_tags(&self, tags: Vec<(String, String)>) -> Self {
        Self {
            tags,
            ..self.clone()
        }
    }

    async fn put(self, ctx: &Ctx) {
        let key = Self::key(&self.account, &self.path, &self.name);
        ctx.put(key, self).await;
    }
}

/// The ARN, and serial number, of a device.
pub(crate) fn arn_of(account: &str, path: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:mfa{path}{name}")
}

/// Binds a sealed seed to its device, so that it opens nowhere else.
fn seed_aad(arn: &str) -> Vec<u8> {
    format!("seed of {arn}").into_bytes()
}
