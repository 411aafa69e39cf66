//! `KeyMetadata`: what CreateKey and DescribeKey tell about a key.

use api::kms::{
    CustomerMasterKeySpec, EncryptionAlgorithmSpec, KeyManagerType, KeyMetadata, KeyState,
};
use wire::Timestamp;

use crate::key::{KeyRecord, State};

/// The metadata of a key.
pub(crate) fn metadata(record: &KeyRecord) -> KeyMetadata {
    let deletion_date = match record.state {
        State::PendingDeletion { at_millis } => Some(Timestamp { millis: at_millis }),
        State::Enabled | State::Disabled => None,
    };
    KeyMetadata {
        aws_account_id: Some(record.account.clone()),
        key_id: Some(record.id.clone()),
        arn: Some(record.arn.clone()),
        creation_date: Some(Timestamp {
            millis: record.created_millis,
        }),
        enabled: Some(record.state == State::Enabled),
        description: Some(record.description.clone()),
        key_usage: Some(record.usage.shown()),
        key_state: Some(shown(record.state)),
        deletion_date,
        origin: Some(record.origin.shown()),
        key_manager: Some(KeyManagerType::Customer),
        customer_master_key_spec: CustomerMasterKeySpec::parse(record.spec.shown().as_str()),
        key_spec: Some(record.spec.shown()),
        encryption_algorithms: Some(vec![EncryptionAlgorithmSpec::SymmetricDefault]),
        multi_region: Some(false),
        current_key_material_id: record
            .materials
            .last()
            .map(|current| current.id.to_string()),
        ..KeyMetadata::default()
    }
}

fn shown(state: State) -> KeyState {
    match state {
        State::Enabled => KeyState::Enabled,
        State::Disabled => KeyState::Disabled,
        State::PendingDeletion { .. } => KeyState::PendingDeletion,
    }
}
