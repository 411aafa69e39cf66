//! `KeyMetadata`: what CreateKey and DescribeKey tell about a key.

use api::kms::{
    CustomerMasterKeySpec, EncapsulationAlgorithmSpec, EncryptionAlgorithmSpec,
    KeyAgreementAlgorithmSpec, KeyManagerType, KeyMetadata, KeyState, MacAlgorithmSpec,
    SigningAlgorithmSpec,
};
use wire::Timestamp;

use crate::key::{KeyRecord, Manager, State};
use crate::kind::{Spec, Usage};

/// The metadata of a key.
pub(crate) fn metadata(record: &KeyRecord) -> KeyMetadata {
    let deletion_date = match record.state {
        State::PendingDeletion { at_millis } => Some(Timestamp { millis: at_millis }),
        State::Enabled
        | State::Disabled
        | State::PendingImport
        | State::PendingReplicaDeletion { .. } => None,
    };
    let pending_deletion_window_in_days = match record.state {
        State::PendingReplicaDeletion { window_in_days } => Some(window_in_days),
        State::Enabled | State::Disabled | State::PendingImport | State::PendingDeletion { .. } => {
            None
        }
    };
    let (expiration_model, valid_to) = record.expiration().unzip();
    let algorithms = Algorithms::of(record);
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
        valid_to: valid_to.flatten(),
        origin: Some(record.origin.shown()),
        expiration_model,
        key_manager: Some(manager(record)),
        customer_master_key_spec: CustomerMasterKeySpec::parse(record.spec.shown().as_str()),
        key_spec: Some(record.spec.shown()),
        encryption_algorithms: algorithms.encryption,
        signing_algorithms: algorithms.signing,
        mac_algorithms: algorithms.mac,
        key_agreement_algorithms: algorithms.key_agreement,
        encapsulation_algorithms: algorithms.encapsulation,
        multi_region: Some(record.family.is_some()),
        multi_region_configuration: record.multi_region_configuration(),
        pending_deletion_window_in_days,
        current_key_material_id: current_material(record),
        ..KeyMetadata::default()
    }
}

fn manager(record: &KeyRecord) -> KeyManagerType {
    match record.manager {
        Manager::Customer => KeyManagerType::Customer,
        Manager::Service(_) => KeyManagerType::Aws,
    }
}

/// The algorithms that a key works with, by sort; only those of its usage.
#[derive(Default)]
pub(crate) struct Algorithms {
    pub(crate) encryption: Option<Vec<EncryptionAlgorithmSpec>>,
    pub(crate) signing: Option<Vec<SigningAlgorithmSpec>>,
    pub(crate) mac: Option<Vec<MacAlgorithmSpec>>,
    pub(crate) key_agreement: Option<Vec<KeyAgreementAlgorithmSpec>>,
    pub(crate) encapsulation: Option<Vec<EncapsulationAlgorithmSpec>>,
}

impl Algorithms {
    /// The algorithms of a key.
    pub(crate) fn of(record: &KeyRecord) -> Self {
        let mut all = Self::default();
        let spec = record.spec;
        match record.usage {
            Usage::EncryptDecrypt => all.encryption = Some(spec.encryption_algorithms().to_vec()),
            Usage::SignVerify => all.signing = Some(spec.signing_algorithms().to_vec()),
            Usage::GenerateVerifyMac => all.mac = Some(spec.mac_algorithms().to_vec()),
            Usage::KeyAgreement => {
                all.key_agreement = Some(spec.key_agreement_algorithms().to_vec());
            }
            Usage::EncapsulateDecapsulate => {
                all.encapsulation = Some(spec.encapsulation_algorithms().to_vec());
            }
        }
        all
    }
}

/// Only symmetric encryption keys can have more than one material, and only they name it.
fn current_material(record: &KeyRecord) -> Option<String> {
    let current = record.current()?;
    (record.spec == Spec::SymmetricDefault).then(|| current.id.to_string())
}

fn shown(state: State) -> KeyState {
    match state {
        State::Enabled => KeyState::Enabled,
        State::Disabled => KeyState::Disabled,
        State::PendingDeletion { .. } => KeyState::PendingDeletion,
        State::PendingImport => KeyState::PendingImport,
        State::PendingReplicaDeletion { .. } => KeyState::PendingReplicaDeletion,
    }
}
