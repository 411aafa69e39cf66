//! AWS Key Management Service: keys, their policies, aliases and tags, and what is encrypted
//! under them.
//!
//! One operation, one file. A handler turns the `KeyId` of its request into a key (`lookup`), asks
//! whether the caller may use it (`access`), and only then reaches what the key holds: records are
//! changed through the proof of that decision, and material is used through `ready_key`, which
//! also asks for the key's state.
//!
//! What this crate never does: see the bytes of a key (`crypto` keeps them), put plaintext,
//! ciphertext or an encryption context into an error or a log, tell a foreign key that refuses
//! from one that does not exist, or make a kind of key that it cannot honour.

mod access;
mod algorithm;
mod alias;
mod cancel_key_deletion;
mod condition_keys;
mod create_alias;
mod create_grant;
mod create_key;
mod data_key;
mod data_key_pair;
mod decapsulate;
mod decrypt;
mod default_policy;
mod delete_alias;
mod delete_imported_key_material;
mod deletion;
mod derive_shared_secret;
mod describe_key;
mod disable_key;
mod disable_key_rotation;
mod dry_run;
mod enable_key;
mod enable_key_rotation;
mod encapsulate;
mod encapsulation;
mod encrypt;
mod encryption_context;
mod encryption_key;
mod erasure;
mod expiration;
mod family;
#[cfg(test)]
mod formats;
mod generate_data_key;
mod generate_data_key_pair;
mod generate_data_key_pair_without_plaintext;
mod generate_data_key_without_plaintext;
mod generate_mac;
mod generate_random;
mod get_key_last_usage;
mod get_key_policy;
mod get_key_rotation_status;
mod get_parameters_for_import;
mod get_public_key;
mod grant;
mod grant_constraints;
mod grant_entry;
mod grant_principal;
mod grant_tokens;
mod granted;
mod import_key_material;
mod import_token;
mod imported;
mod key;
mod key_count;
mod key_formats;
mod key_id;
mod key_policy;
mod kind;
mod lifecycle;
mod list_aliases;
mod list_grants;
mod list_key_policies;
mod list_key_rotations;
mod list_keys;
mod list_resource_tags;
mod list_retirable_grants;
mod lookup;
mod mac;
mod managed_key;
mod managed_policy;
mod managed_services;
mod material;
mod metadata;
mod paging;
mod pinned;
mod put_key_policy;
mod quotas;
mod re_encrypt;
mod ready_key;
mod recipient;
mod replicate_key;
mod retire_grant;
mod revoke_grant;
mod rotate_key_on_demand;
mod rotation;
mod schedule_key_deletion;
mod sign;
mod signed_message;
mod source;
mod tag_resource;
mod tags;
mod untag_resource;
mod update_alias;
mod update_key_description;
mod update_primary_region;
mod verify;
mod verify_mac;
mod waiting;

use api::kms;
use platform::Service;

pub use deletion::delete_expired;
pub use erasure::erase_deleted;
pub use expiration::delete_expired_material;
pub use rotation::rotate_due;

/// The service with all of its operations.
pub fn service() -> Service {
    Service::new(&kms::SERVICE)
        .resources(|ctx, arn| Box::pin(lookup::by_arn(ctx, arn)))
        .remembers_uses(get_key_last_usage::USES)
        .quotas(&quotas::QUOTAS)
        .op::<kms::CancelKeyDeletion>(cancel_key_deletion::cancel_key_deletion)
        .op::<kms::CreateAlias>(create_alias::create_alias)
        .op::<kms::CreateGrant>(create_grant::create_grant)
        .op::<kms::CreateKey>(create_key::create_key)
        .on_record::<kms::CreateKey>(create_key::on_record)
        .op::<kms::Decapsulate>(decapsulate::decapsulate)
        .op::<kms::Decrypt>(decrypt::decrypt)
        .op::<kms::DeleteAlias>(delete_alias::delete_alias)
        .op::<kms::DeleteImportedKeyMaterial>(
            delete_imported_key_material::delete_imported_key_material,
        )
        .op::<kms::DeriveSharedSecret>(derive_shared_secret::derive_shared_secret)
        .op::<kms::DescribeKey>(describe_key::describe_key)
        .op::<kms::DisableKey>(disable_key::disable_key)
        .op::<kms::DisableKeyRotation>(disable_key_rotation::disable_key_rotation)
        .op::<kms::EnableKey>(enable_key::enable_key)
        .op::<kms::EnableKeyRotation>(enable_key_rotation::enable_key_rotation)
        .op::<kms::Encapsulate>(encapsulate::encapsulate)
        .op::<kms::Encrypt>(encrypt::encrypt)
        .op::<kms::GenerateDataKey>(generate_data_key::generate_data_key)
        .op::<kms::GenerateDataKeyPair>(generate_data_key_pair::generate_data_key_pair)
        .op::<kms::GenerateDataKeyPairWithoutPlaintext>(
            generate_data_key_pair_without_plaintext::generate_data_key_pair_without_plaintext,
        )
        .op::<kms::GenerateDataKeyWithoutPlaintext>(
            generate_data_key_without_plaintext::generate_data_key_without_plaintext,
        )
        .op::<kms::GenerateMac>(generate_mac::generate_mac)
        .op::<kms::GenerateRandom>(generate_random::generate_random)
        .op::<kms::GetKeyLastUsage>(get_key_last_usage::get_key_last_usage)
        .op::<kms::GetKeyPolicy>(get_key_policy::get_key_policy)
        .op::<kms::GetKeyRotationStatus>(get_key_rotation_status::get_key_rotation_status)
        .op::<kms::GetParametersForImport>(get_parameters_for_import::get_parameters_for_import)
        .op::<kms::GetPublicKey>(get_public_key::get_public_key)
        .op::<kms::ImportKeyMaterial>(import_key_material::import_key_material)
        .op::<kms::ListAliases>(list_aliases::list_aliases)
        .op::<kms::ListGrants>(list_grants::list_grants)
        .op::<kms::ListKeyPolicies>(list_key_policies::list_key_policies)
        .op::<kms::ListKeyRotations>(list_key_rotations::list_key_rotations)
        .op::<kms::ListKeys>(list_keys::list_keys)
        .op::<kms::ListResourceTags>(list_resource_tags::list_resource_tags)
        .op::<kms::ListRetirableGrants>(list_retirable_grants::list_retirable_grants)
        .op::<kms::PutKeyPolicy>(put_key_policy::put_key_policy)
        .op::<kms::ReEncrypt>(re_encrypt::re_encrypt)
        .op::<kms::ReplicateKey>(replicate_key::replicate_key)
        .op::<kms::RetireGrant>(retire_grant::retire_grant)
        .op::<kms::RevokeGrant>(revoke_grant::revoke_grant)
        .op::<kms::RotateKeyOnDemand>(rotate_key_on_demand::rotate_key_on_demand)
        .op::<kms::ScheduleKeyDeletion>(schedule_key_deletion::schedule_key_deletion)
        .op::<kms::Sign>(sign::sign)
        .op::<kms::TagResource>(tag_resource::tag_resource)
        .op::<kms::UntagResource>(untag_resource::untag_resource)
        .op::<kms::UpdateAlias>(update_alias::update_alias)
        .op::<kms::UpdateKeyDescription>(update_key_description::update_key_description)
        .op::<kms::UpdatePrimaryRegion>(update_primary_region::update_primary_region)
        .op::<kms::Verify>(verify::verify)
        .op::<kms::VerifyMac>(verify_mac::verify_mac)
}

/// The service of a development server, where tags of CreateKey may give a key its id and its
/// material (`pinned`).
pub fn development_service() -> Service {
    service()
        .op::<kms::CreateKey>(pinned::create_pinned_key)
        .on_record::<kms::CreateKey>(pinned::on_record)
}
