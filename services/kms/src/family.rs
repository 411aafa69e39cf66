//! The keys of a multi-Region key ("Multi-Region keys in AWS KMS"): one primary key and its replica
//! keys, each a key of its own in a Region of its own. They share id, material, kind and rotation;
//! everything else is each one's own.
//!
//! INVARIANT: every record of a family says the same about who belongs to it, and has the same
//! materials and rotation. Whoever changes one of these changes it in all records, in one commit.
//! Nothing but such a change reads a record of another Region. Of imported material the records
//! share which it is and how far it is; whether it is there, and until when, is each key's own.

use std::sync::Arc;

use api::kms::{
    MultiRegionConfiguration, MultiRegionKey, MultiRegionKeyType, UnsupportedOperationException,
};
use platform::{Ctx, Error, Result, ServiceEvent};
use store::Txn;
use wire::Fault;

use crate::key::{Family, KeyRecord};
use crate::key_id::arn;

impl Family {
    /// The family of a new primary key.
    pub(crate) fn of_primary(region: &str) -> Self {
        Self {
            primary_region: region.to_owned(),
            replica_regions: Vec::new(),
        }
    }

    /// The Regions of all keys.
    pub(crate) fn regions(&self) -> impl Iterator<Item = &str> {
        let replicas = self.replica_regions.iter().map(String::as_str);
        std::iter::once(self.primary_region.as_str()).chain(replicas)
    }

    /// The Regions of the keys beside the one in `region`.
    pub(crate) fn beside(&self, region: &str) -> Vec<String> {
        let others = self.regions().filter(|other| *other != region);
        others.map(str::to_owned).collect()
    }

    /// Whether there are replicas.
    pub(crate) fn has_replicas(&self) -> bool {
        !self.replica_regions.is_empty()
    }

    /// The family with a replica in `region`.
    pub(crate) fn with_replica(&self, region: &str) -> Self {
        let mut family = self.clone();
        family.replica_regions.push(region.to_owned());
        family.replica_regions.sort();
        family
    }

    /// The family without the key in `region`.
    pub(crate) fn without(&self, region: &str) -> Self {
        let mut family = self.clone();
        family.replica_regions.retain(|known| known != region);
        family
    }

    /// The family with the replica in `region` as its primary key.
    pub(crate) fn led_from(&self, region: &str) -> Self {
        Self {
            primary_region: region.to_owned(),
            replica_regions: Vec::new(),
        }
        .with_replicas(self.beside(region))
    }

    fn with_replicas(mut self, mut regions: Vec<String>) -> Self {
        regions.sort();
        self.replica_regions = regions;
        self
    }
}

impl KeyRecord {
    /// Whether this is a primary or a replica key; none for a key of one Region.
    pub(crate) fn multi_region_type(&self) -> Option<MultiRegionKeyType> {
        let family = self.family.as_ref()?;
        Some(match family.primary_region == self.region {
            true => MultiRegionKeyType::Primary,
            false => MultiRegionKeyType::Replica,
        })
    }

    /// Whether the key is a replica, whose rotation its primary key rules.
    pub(crate) fn is_replica(&self) -> bool {
        self.multi_region_type() == Some(MultiRegionKeyType::Replica)
    }

    /// Refuses what AWS does only with the primary key of a multi-Region key.
    pub(crate) fn check_is_primary(&self) -> Result<&Family, Fault> {
        let family = self.family.as_ref().filter(|_| !self.is_replica());
        family.ok_or_else(|| self.is_no_primary())
    }

    /// Refuses what AWS does not do with a replica key.
    pub(crate) fn check_is_no_replica(&self) -> Result<(), Fault> {
        match self.is_replica() {
            true => Err(self.is_no_primary()),
            false => Ok(()),
        }
    }

    fn is_no_primary(&self) -> Fault {
        let text = format!("{} is not a multi-Region primary key.", self.arn);
        UnsupportedOperationException::new(text)
    }

    /// The Regions of the related keys, without this one's.
    pub(crate) fn related_regions(&self) -> Vec<String> {
        let family = self.family.as_ref();
        family.map_or_else(Vec::new, |family| family.beside(&self.region))
    }

    /// The ARN of the related key in `region`.
    pub(crate) fn arn_in(&self, region: &str) -> String {
        arn(region, &self.account, &format!("key/{}", self.id))
    }

    /// `MultiRegionConfiguration`: who belongs to the family.
    pub(crate) fn multi_region_configuration(&self) -> Option<MultiRegionConfiguration> {
        let family = self.family.as_ref()?;
        let shown = |region: &String| MultiRegionKey {
            arn: Some(self.arn_in(region)),
            region: Some(region.clone()),
        };
        Some(MultiRegionConfiguration {
            multi_region_key_type: self.multi_region_type(),
            primary_key: Some(shown(&family.primary_region)),
            replica_keys: Some(family.replica_regions.iter().map(shown).collect()),
        })
    }

    /// Takes over what the keys of a family share, after the primary key changed.
    pub(crate) fn follow(&mut self, primary: &Self) {
        self.family.clone_from(&primary.family);
        self.rotation = primary.rotation;
        self.on_demand_since_millis = primary.on_demand_since_millis;
    }
}

/// The keys related to `record`, as the call's transaction sees them.
pub(crate) async fn relatives(ctx: &Ctx, record: &KeyRecord) -> Result<Vec<Arc<KeyRecord>>> {
    let mut found = Vec::new();
    for region in record.related_regions() {
        let place = KeyRecord::place(&record.account, &region, &record.id);
        let relative = ctx.get::<KeyRecord>(&place).await?;
        found.push(relative.ok_or_else(|| Error::dangling("a related key"))?);
    }
    Ok(found)
}

/// The same for work of the service's own.
pub(crate) async fn relatives_in(txn: &mut Txn, record: &KeyRecord) -> Result<Vec<Arc<KeyRecord>>> {
    let mut found = Vec::new();
    for region in record.related_regions() {
        let place = KeyRecord::place(&record.account, &region, &record.id);
        let relative = txn.get::<KeyRecord>(&place).await?;
        found.push(relative.ok_or_else(|| Error::dangling("a related key"))?);
    }
    Ok(found)
}

/// Stages in every related key what `primary`, which is about to be written, has to share.
pub(crate) async fn synchronize(ctx: &Ctx, primary: &KeyRecord) -> Result<()> {
    for relative in relatives(ctx, primary).await? {
        let mut record = KeyRecord::clone(&relative);
        record.follow(primary);
        let place = KeyRecord::place(&record.account, &record.region, &record.id);
        ctx.put(place, record).await;
    }
    Ok(())
}

/// What goes on record where related keys get new material: the primary key is named, its replicas
/// are not ("SynchronizeMultiRegionKey", AWS KMS developer guide). `response` is what the event says
/// of the primary key.
pub(crate) fn synchronized<'a>(
    primary: &'a KeyRecord,
    response: &'a [(&'a str, &'a str)],
) -> ServiceEvent<'a> {
    ServiceEvent {
        service: &api::kms::SERVICE,
        name: "SynchronizeMultiRegionKey",
        region: &primary.region,
        account: &primary.account,
        resource: ("AWS::KMS::Key", &primary.arn),
        response,
        details: &[],
        own: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(primary: &str, replicas: &[&str]) -> Family {
        Family {
            primary_region: primary.to_owned(),
            replica_regions: replicas.iter().map(|&region| region.to_owned()).collect(),
        }
    }

    #[test]
    fn replicas_stay_sorted_and_every_region_occurs_once() {
        let alone = Family::of_primary("eu-west-2");
        let three = alone.with_replica("us-east-1").with_replica("ap-south-1");
        assert!(three == family("eu-west-2", &["ap-south-1", "us-east-1"]));
        let moved = three.led_from("us-east-1");
        assert!(moved == family("us-east-1", &["ap-south-1", "eu-west-2"]));
        assert!(moved.led_from("eu-west-2") == three);
        assert!(three.without("us-east-1") == family("eu-west-2", &["ap-south-1"]));
        // A primary key does not leave: with its last replica, the family ends.
        assert!(three.without("eu-west-2") == three);
        assert_eq!(three.beside("ap-south-1"), ["eu-west-2", "us-east-1"]);
    }
}
