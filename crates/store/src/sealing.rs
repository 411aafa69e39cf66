//! What is sealed, under which key, and bound to what.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crypto::{IndexKey, IntegrityError, Keyring, Random, RecordKey, SealFailure, SegmentKey};
use zeroize::Zeroizing;

use crate::key::{self, Key, RowId};

/// Format of the associated data; part of it.
const FORMAT: u8 = 1;
/// Derived keys are small and few (accounts times services); the bound is against misuse.
const MAX_KEYS: usize = 4096;

type KeyName = (String, &'static str);

pub(crate) struct Sealer {
    keyring: Arc<Keyring>,
    names: IndexKey,
    own: RecordKey,
    random: Arc<dyn Random>,
    keys: RwLock<HashMap<KeyName, Arc<RecordKey>>>,
}

/// Where a sealed row stands.
pub(crate) struct Place<'a> {
    pub(crate) table: &'static str,
    pub(crate) service: &'static str,
    pub(crate) account: &'a str,
    pub(crate) index: &'a [u8],
}

impl Sealer {
    pub(crate) fn new(keyring: Arc<Keyring>, random: Arc<dyn Random>) -> Self {
        Self {
            names: keyring.index_key(),
            own: keyring.record_key("", "store"),
            keys: RwLock::default(),
            keyring,
            random,
        }
    }

    pub(crate) fn index(&self, table: &str, key: &Key) -> Vec<u8> {
        key::index(&self.names, table, key)
    }

    pub(crate) fn seal_row(
        &self,
        row: &RowId,
        version: u64,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, SealFailure> {
        let place = row.place();
        let key = self.record_key(place.account, place.service);
        key.seal(&place.aad(version), plaintext, &*self.random)
    }

    pub(crate) fn open_row(
        &self,
        place: &Place<'_>,
        version: u64,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, IntegrityError> {
        self.record_key(place.account, place.service)
            .open(&place.aad(version), sealed)
    }

    /// Seals the store's own bookkeeping, named by `what`.
    pub(crate) fn seal_own(&self, what: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, SealFailure> {
        self.own.seal(what, plaintext, &*self.random)
    }

    pub(crate) fn open_own(
        &self,
        what: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, IntegrityError> {
        self.own.open(what, sealed)
    }

    /// A keyed fingerprint of one version of one row; see [`crate::apply::State`].
    pub(crate) fn fingerprint(&self, index: &[u8], version: u64, sealed: &[u8]) -> u128 {
        let domain = [b"row", &version.to_be_bytes()[..], index].concat();
        u128::from_be_bytes(self.names.segment(&domain, sealed))
    }

    /// A segment key and the fresh salt that it comes from.
    pub(crate) fn new_segment(&self) -> Result<([u8; 32], SegmentKey), SealFailure> {
        let mut salt = [0; 32];
        self.random.fill(&mut salt)?;
        Ok((salt, self.keyring.segment_key(&salt)?))
    }

    pub(crate) fn keyring(&self) -> &Arc<Keyring> {
        &self.keyring
    }

    fn record_key(&self, account: &str, service: &'static str) -> Arc<RecordKey> {
        let name = (account.to_owned(), service);
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = keys.get(&name) {
            return key.clone();
        }
        drop(keys);
        let key = Arc::new(self.keyring.record_key(account, service));
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= MAX_KEYS {
            keys.clear();
        }
        keys.insert(name, key.clone());
        key
    }
}

impl RowId {
    pub(crate) fn place(&self) -> Place<'_> {
        Place {
            table: self.table,
            service: self.service,
            account: self.key.account(),
            index: &self.index,
        }
    }
}

impl Place<'_> {
    /// Region and parts are in the opaque index; the clear key is sealed with the record and
    /// compared after opening.
    fn aad(&self, version: u64) -> Vec<u8> {
        let mut aad = Vec::with_capacity(64 + self.index.len());
        aad.push(FORMAT);
        aad.extend_from_slice(&version.to_be_bytes());
        for text in [self.table, self.account] {
            aad.extend_from_slice(&(text.len() as u64).to_be_bytes());
            aad.extend_from_slice(text.as_bytes());
        }
        aad.extend_from_slice(self.index);
        aad
    }
}
