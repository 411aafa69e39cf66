//! AWS Secrets Manager: secrets in versions, which labels tell apart.
//!
//! One operation, one file. A secret is reached through the decision about it (`access`), and what
//! it says leaves in one place (`get_secret_value`). A secret with the list of its versions is one
//! record (`secret`); what each version says is sealed under a data key that KMS encrypts, with the
//! permissions of whoever writes or reads it (`encryption`, `versions`). Labels move in `labels`;
//! lists follow the order of creation, which `order` keeps. Deletions are carried out by a job
//! (`deletion`), and so are rotations (`rotation`), by functions of the account's own or without. A
//! secret's replicas in other Regions follow it in the same commit (`replication`), and so do those
//! of other accounts (`cross_account`, `links`).
//!
//! What this crate never does: keep a secret value or a data key in plaintext beyond a call, show a
//! secret whose time is over, or tell who may not see a secret that it exists.

mod access;
mod associate_cross_account_replica;
mod batch_get_secret_value;
mod cancel_rotate_secret;
mod create_secret;
mod cross_account;
mod delete_resource_policy;
mod delete_secret;
mod deletion;
mod describe_secret;
mod describing;
mod disassociate_cross_account_replica;
mod encryption;
mod filters;
#[cfg(test)]
mod formats;
mod get_random_password;
mod get_resource_policy;
mod get_secret_value;
mod labels;
mod links;
mod list_resource_policies;
mod list_secret_version_ids;
mod list_secrets;
mod listing;
mod names;
mod order;
mod owning;
mod policies;
mod put_resource_policy;
mod put_secret_value;
mod quotas;
mod refusals;
mod remove_regions_from_replication;
mod replicate_secret_to_regions;
mod replication;
mod resolve;
mod restore_secret;
mod rotate_secret;
mod rotation;
mod secret;
mod stop_replication_to_replica;
mod tag_resource;
mod tags;
mod told;
mod untag_resource;
mod update_secret;
mod update_secret_version_stage;
mod validate_resource_policy;
mod value;
mod versions;

use api::secretsmanager as api;
use platform::Service;

pub use deletion::carry_out;
pub use resolve::resolve;
pub use rotation::rotate_due;

/// The operations that use a secret (`LastAccessedDate`).
const USES: &[&str] = &["GetSecretValue"];

/// The service with all its operations.
pub fn service() -> Service {
    Service::new(&api::SERVICE)
        .quotas(&quotas::QUOTAS)
        .resources(access::find)
        .remembers_uses(USES)
        .delivers(rotation::Rotations::default())
        .op::<api::AssociateCrossAccountReplica>(
            associate_cross_account_replica::associate_cross_account_replica,
        )
        .op::<api::BatchGetSecretValue>(batch_get_secret_value::batch_get_secret_value)
        .op::<api::CancelRotateSecret>(cancel_rotate_secret::cancel_rotate_secret)
        .op::<api::CreateSecret>(create_secret::create_secret)
        .op::<api::DeleteResourcePolicy>(delete_resource_policy::delete_resource_policy)
        .op::<api::DeleteSecret>(delete_secret::delete_secret)
        .op::<api::DescribeSecret>(describe_secret::describe_secret)
        .op::<api::DisassociateCrossAccountReplica>(
            disassociate_cross_account_replica::disassociate_cross_account_replica,
        )
        .op::<api::GetRandomPassword>(get_random_password::get_random_password)
        .op::<api::GetResourcePolicy>(get_resource_policy::get_resource_policy)
        .op::<api::GetSecretValue>(get_secret_value::get_secret_value)
        .op::<api::ListResourcePolicies>(list_resource_policies::list_resource_policies)
        .op::<api::ListSecretVersionIds>(list_secret_version_ids::list_secret_version_ids)
        .op::<api::ListSecrets>(list_secrets::list_secrets)
        .op::<api::PutResourcePolicy>(put_resource_policy::put_resource_policy)
        .op::<api::PutSecretValue>(put_secret_value::put_secret_value)
        .op::<api::RemoveRegionsFromReplication>(
            remove_regions_from_replication::remove_regions_from_replication,
        )
        .op::<api::ReplicateSecretToRegions>(
            replicate_secret_to_regions::replicate_secret_to_regions,
        )
        .op::<api::RestoreSecret>(restore_secret::restore_secret)
        .op::<api::RotateSecret>(rotate_secret::rotate_secret)
        .op::<api::StopReplicationToReplica>(
            stop_replication_to_replica::stop_replication_to_replica,
        )
        .op::<api::TagResource>(tag_resource::tag_resource)
        .op::<api::UntagResource>(untag_resource::untag_resource)
        .op::<api::UpdateSecret>(update_secret::update_secret)
        .op::<api::UpdateSecretVersionStage>(
            update_secret_version_stage::update_secret_version_stage,
        )
        .op::<api::ValidateResourcePolicy>(validate_resource_policy::validate_resource_policy)
}
