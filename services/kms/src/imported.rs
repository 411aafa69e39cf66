//! Keys whose material somebody brings ("Importing key material for AWS KMS keys").

use api::kms::{ExpirationModelType, UnsupportedOperationException};
use crypto::MaterialId;
use wire::{Fault, Timestamp};

use crate::key::{Key, KeyRecord, State};
use crate::kind::Origin;
use crate::material::{Made, WrappedMaterial};

impl KeyRecord {
    /// AWS's answer to what is asked of a key whose material comes from elsewhere than it must.
    pub(crate) fn not_valid_for_origin(&self) -> Fault {
        UnsupportedOperationException::new(format!(
            "{} origin is {} which is not valid for this operation.",
            self.arn,
            self.origin.shown().as_str()
        ))
    }

    /// Whether material that belongs to the key for ever is not there.
    pub(crate) fn lacks_material(&self) -> bool {
        let mut lasting = self.materials.iter();
        self.current().is_none()
            || lasting.any(|material| !material.made.is_waiting() && !material.is_there())
    }

    /// The material that waits for a rotation.
    pub(crate) fn for_rotation(&self) -> Option<&WrappedMaterial> {
        let newest = self.materials.last();
        newest.filter(|material| material.made.is_waiting())
    }

    /// Whether material waits for a rotation that can take place: in a multi-Region key, every key
    /// has it.
    pub(crate) fn can_use_imported(&self) -> bool {
        let waiting = self.for_rotation();
        waiting.is_some_and(|material| material.made == Made::ForRotation)
    }

    /// Says how far the material is that waits for a rotation.
    pub(crate) fn set_waiting(&mut self, made: Made) {
        let newest = self.materials.last_mut();
        if let Some(waiting) = newest.filter(|material| material.made.is_waiting()) {
            waiting.made = made;
        }
    }

    /// Forgets the material that waits for a rotation, and a rotation that waits for it.
    pub(crate) fn forget_waiting(&mut self) {
        if self.for_rotation().is_some() {
            self.materials.pop();
            self.on_demand_since_millis = None;
        }
    }

    /// Rotates: the material that waited for it is current, from `now` on. A replica whose copy
    /// went away meanwhile needs it from now on.
    pub(crate) fn use_imported(&mut self, now: Timestamp) {
        let newest = self.materials.last_mut();
        if let Some(next) = newest.filter(|material| material.made.is_waiting()) {
            next.made = Made::OnDemand;
            next.created_millis = now.millis;
        }
        self.await_import();
    }

    /// How and when the key's material expires: the first of what belongs to it for ever. None
    /// where there is none, or none that expires could.
    pub(crate) fn expiration(&self) -> Option<(ExpirationModelType, Option<Timestamp>)> {
        let lasting = |material: &&WrappedMaterial| {
            material.imported.is_some() && !material.made.is_waiting() && material.is_there()
        };
        let lasting: Vec<_> = self.materials.iter().filter(lasting).collect();
        if lasting.is_empty() {
            return None;
        }
        let all = lasting.iter().filter_map(|material| material.valid_to());
        let first = all.min_by_key(|at| at.millis);
        Some((model(first), first))
    }

    /// Deletes a material. Whatever the key needs it for, it is in no state for until the same
    /// material is imported again; what waits for a rotation is forgotten. A replica key does not
    /// forget what its primary key has.
    pub(crate) fn delete_material(&mut self, id: MaterialId) {
        let is_waiting = self.for_rotation().is_some_and(|waiting| waiting.id == id);
        if is_waiting && !self.is_replica() {
            self.forget_waiting();
        }
        let mut materials = self.materials.iter_mut();
        if let Some(material) = materials.find(|material| material.id == id) {
            material.delete();
        }
        self.await_import();
    }

    /// A key that lacks material that it needs is of no use until that is imported.
    fn await_import(&mut self) {
        let is_in_use = matches!(self.state, State::Enabled | State::Disabled);
        if is_in_use && self.lacks_material() {
            self.state = State::PendingImport;
        }
    }
}

impl Key {
    /// Refuses what only keys with imported material can do.
    pub(crate) fn check_is_imported(&self) -> Result<(), Fault> {
        match self.record.origin {
            Origin::External => Ok(()),
            _ => Err(self.record.not_valid_for_origin()),
        }
    }
}

/// Whether material expires.
pub(crate) fn model(valid_to: Option<Timestamp>) -> ExpirationModelType {
    match valid_to {
        Some(_) => ExpirationModelType::KeyMaterialExpires,
        None => ExpirationModelType::KeyMaterialDoesNotExpire,
    }
}
