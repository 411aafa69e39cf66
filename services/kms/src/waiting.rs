//! Imported material that waits for a rotation, in a multi-Region key ("Rotate keys with imported key
//! material").
//!
//! It comes into the primary key first, and from there every replica knows which it is. The same is
//! then imported into each of them, and only when all have it can it be used. Until it is, the
//! primary key can let go of it, and its replicas do as well.

use crypto::MaterialId;

use crate::key::KeyRecord;
use crate::material::Made;

impl KeyRecord {
    /// What waits for a rotation, and whether it is there.
    fn waiting(&self) -> Option<(MaterialId, bool)> {
        let waiting = self.for_rotation()?;
        Some((waiting.id, waiting.is_there()))
    }
}

/// Whether a change of a key is one that its relatives take part in.
pub(crate) fn concerns_relatives(before: &KeyRecord, after: &KeyRecord) -> bool {
    before.waiting() != after.waiting()
}

/// Carries such a change of `record` into its relatives.
pub(crate) fn spread(record: &mut KeyRecord, relatives: &mut [KeyRecord]) {
    if !record.is_replica() {
        for replica in relatives.iter_mut() {
            match record.for_rotation() {
                None => replica.forget_waiting(),
                Some(material) if replica.for_rotation().is_none() => {
                    replica.materials.push(material.to_import());
                }
                Some(_) => {}
            }
        }
    }
    let mut all: Vec<_> = relatives.iter_mut().collect();
    all.push(record);
    agree(&mut all);
}

/// Lets all keys of a family say the same about what waits for a rotation.
pub(crate) fn agree(all: &mut [&mut KeyRecord]) {
    let has_it = |key: &&mut KeyRecord| key.waiting().is_none_or(|(_, is_there)| is_there);
    let made = match all.iter().all(has_it) {
        true => Made::ForRotation,
        false => Made::ForRotationOnceEverywhere,
    };
    for record in all {
        record.set_waiting(made);
    }
}
