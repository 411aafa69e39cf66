//! A key that the caller may use and that is in the state to be used. Only this type reaches key
//! material.

use std::sync::Arc;

use api::kms::UnsupportedOperationException;
use crypto::{KeyError, KeyMaterial, Random};
use platform::{Authorized, Ctx, Error, Result};

use crate::algorithm::Algorithm;
use crate::key::{Key, KeyRecord};
use crate::material::{WrappedMaterial, wrapping_key};

/// Proof of permission and state, with the key's material.
pub(crate) struct ReadyKey(Authorized<Key>);

impl ReadyKey {
    /// Checks that the key is for `operation`, is enabled and works with `algorithm`, in this
    /// order.
    pub(crate) fn new(key: Authorized<Key>, operation: &str, algorithm: Algorithm) -> Result<Self> {
        algorithm.check_usage(&key.record, operation)?;
        key.check_enabled()?;
        algorithm.check_spec(&key.record)?;
        Ok(Self(key))
    }

    /// Checks that the key has a public key. It may be disabled.
    pub(crate) fn with_public_key(key: Authorized<Key>) -> Result<Self> {
        key.check_not_pending_deletion()?;
        key.check_not_pending_import()?;
        if !key.record.spec.is_asymmetric() {
            return Err(UnsupportedOperationException::bare().into());
        }
        Ok(Self(key))
    }

    /// The key's ARN, which answers show as `KeyId`.
    pub(crate) fn arn(&self) -> &str {
        &self.0.record.arn
    }

    /// What is known of the key.
    pub(crate) fn record(&self) -> &KeyRecord {
        &self.0.record
    }

    /// The current material, for work that is done in a moment.
    pub(crate) fn current(&self, ctx: &Ctx) -> Result<(&WrappedMaterial, &KeyMaterial)> {
        let record = &self.0.record;
        let current = current(record)?;
        Ok((current, current.open(ctx, &record.owner())?))
    }

    /// Does work with the current material, all that asymmetric keys do: here where it is done in
    /// a moment, among the long work where it takes its time.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        ctx: &Ctx,
        work: impl FnOnce(&KeyMaterial, &dyn Random) -> Result<T, KeyError> + Send + 'static,
    ) -> Result<Result<T, KeyError>> {
        if self.0.record.spec.is_quick() {
            let (_, material) = self.current(ctx)?;
            return Ok(work(material, ctx.random()));
        }
        let record = Arc::clone(&self.0.record);
        let key = wrapping_key(ctx.keyring(), &record.account);
        // In a box: quick work, as most is, has no room for it.
        let done = Box::pin(ctx.blocking(move |random| {
            let material = current(&record)?.open_with(&record.arn, || key)?;
            Ok(work(material, random))
        }));
        done.await?
    }
}

fn current(record: &KeyRecord) -> Result<&WrappedMaterial> {
    record
        .current()
        .ok_or_else(|| Error::dangling("key material"))
}
