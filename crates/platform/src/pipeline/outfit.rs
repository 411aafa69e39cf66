//! What a pipeline is given once, before it serves: where it is, whom it reaches, what it limits.

use std::sync::Arc;

use super::Pipeline;
use crate::buckets::Buckets;
use crate::databases::Databases;
use crate::functions::Functions;
use crate::outbound::Outbound;
use crate::regions::Regions;
use crate::witness::Witness;

impl Pipeline {
    /// Tells `witness` of every decision from now on; the first witness stays.
    pub fn watch(&self, witness: Arc<dyn Witness>) {
        let _ = self.house.witness.set(witness);
    }

    /// Limits request rates from now on, as the quotas of the services say.
    pub fn limit_rates(&self) {
        self.house.quotas.limit_rates();
    }

    /// Forgets what was read and taken of quotas, and last uses, for a store that was emptied.
    pub fn forget(&self) {
        self.house.quotas.forget();
        self.house.rooms.forget();
        self.house.usage.clear();
    }

    /// Answers for these Regions alone, from the start on. Services that are in no Region, such as
    /// IAM, are not asked where they are.
    pub fn answer_for(&self, regions: Regions) {
        let _ = self.house.regions.set(regions);
    }

    /// Lets links that others are given lead to `url`, `https://host:port`, from the start on.
    pub fn lead_to(&self, url: String) {
        let _ = self.house.public_url.set(url);
    }

    /// Delivers files to these buckets, from the start on.
    pub fn deliver_to(&self, buckets: Arc<dyn Buckets>) {
        let _ = self.house.buckets.set(buckets);
    }

    /// Where files are delivered, if anywhere.
    pub fn buckets(&self) -> Option<Arc<dyn Buckets>> {
        self.house.buckets.get().cloned()
    }

    /// Lets jobs send to others through `outbound`, from the start on.
    pub fn send_through(&self, outbound: Arc<dyn Outbound>) {
        let _ = self.house.upkeep.outbound.set(outbound);
    }

    /// Lets jobs change passwords in databases through `databases`, from the start on.
    pub fn change_passwords_through(&self, databases: Arc<dyn Databases>) {
        let _ = self.house.upkeep.databases.set(databases);
    }

    /// Lets services run functions through `functions`, from the start on.
    pub fn run_functions(&self, functions: Arc<dyn Functions>) {
        let _ = self.house.upkeep.functions.set(functions);
    }
}
