//! Secrets as answers show them, without what they say.

use std::collections::BTreeMap;

use api::secretsmanager::{
    DescribeSecretResponse, ReplicationStatusType, RotationRulesType, SecretListEntry, StatusType,
};
use platform::{Ctx, Result};
use wire::{Entries, Timestamp};

use crate::names::Place;
use crate::rotation::Rotation;
use crate::secret::{DEFAULT_KEY, SecretRecord};
use crate::tags;

/// Dates of use are told to the day.
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// The days on which secrets were last read, by their ARNs.
pub(crate) type Accessed = BTreeMap<String, Timestamp>;

/// A secret in answers.
pub(crate) fn described(
    (place, record): (&Place, &SecretRecord),
    accessed: &Accessed,
) -> DescribeSecretResponse {
    let rotation = record.rotation.as_ref();
    // Of a rotation that is turned off, the dates are not shown.
    let on = rotation.filter(|it| it.enabled);
    let arn = place.arn(&record.suffix);
    let last_accessed_date = accessed.get(&arn).copied();
    let replicas = replicas((place, record), accessed);
    DescribeSecretResponse {
        arn: Some(arn),
        name: Some(place.name.clone()),
        r#type: record.kind.clone(),
        description: record.description.clone(),
        kms_key_id: record.key_id.clone(),
        rotation_enabled: rotation.map(|it| it.enabled),
        rotation_lambda_arn: rotation.and_then(|it| it.function.clone()),
        rotation_rules: rotation.map(rules),
        external_secret_rotation_metadata: None,
        external_secret_rotation_role_arn: None,
        last_rotated_date: on.and_then(|it| it.last_millis).map(time),
        last_changed_date: Some(time(record.changed_millis)),
        last_accessed_date,
        deleted_date: record.deletion.as_ref().map(|it| time(it.asked_millis)),
        next_rotation_date: on.and_then(Rotation::next_date),
        tags: tags::shown(&record.tags),
        version_ids_to_stages: stages(record),
        owning_service: record.owning_service.clone(),
        created_date: Some(time(record.created_millis)),
        primary_region: record.primary_region.clone(),
        replication_status: (!replicas.is_empty()).then_some(replicas),
        cross_account_primary: None,
        cross_account_replicas: None,
    }
}

/// The replicas of a secret in answers.
pub(crate) fn replicas(
    (place, record): (&Place, &SecretRecord),
    accessed: &Accessed,
) -> Vec<ReplicationStatusType> {
    let shown = record.replicas.iter().map(|replica| {
        let arn = place.in_region(&replica.region).arn(&record.suffix);
        let key_id = replica.key_id.as_deref().unwrap_or(DEFAULT_KEY);
        ReplicationStatusType {
            region: Some(replica.region.clone()),
            kms_key_id: Some(key_id.to_owned()),
            status: StatusType::parse(&replica.status),
            status_message: replica.message.clone(),
            last_accessed_date: accessed.get(&arn).copied(),
        }
    });
    shown.collect()
}

/// The ARNs of a secret and of its replicas.
pub(crate) fn arns((place, record): (&Place, &SecretRecord)) -> Vec<String> {
    let regions = record
        .replicas
        .iter()
        .map(|replica| replica.region.as_str());
    let regions = std::iter::once(place.region.as_str()).chain(regions);
    let arn = |region: &str| place.in_region(region).arn(&record.suffix);
    regions.map(arn).collect()
}

/// A secret in lists.
pub(crate) fn listed(secret: (&Place, &SecretRecord), accessed: &Accessed) -> SecretListEntry {
    let shown = described(secret, accessed);
    SecretListEntry {
        arn: shown.arn,
        name: shown.name,
        r#type: shown.r#type,
        description: shown.description,
        kms_key_id: shown.kms_key_id,
        rotation_enabled: shown.rotation_enabled,
        rotation_lambda_arn: shown.rotation_lambda_arn,
        rotation_rules: shown.rotation_rules,
        external_secret_rotation_metadata: None,
        external_secret_rotation_role_arn: None,
        last_rotated_date: shown.last_rotated_date,
        last_changed_date: shown.last_changed_date,
        last_accessed_date: shown.last_accessed_date,
        deleted_date: shown.deleted_date,
        next_rotation_date: shown.next_rotation_date,
        tags: shown.tags,
        secret_versions_to_stages: shown.version_ids_to_stages,
        owning_service: shown.owning_service,
        created_date: shown.created_date,
        primary_region: shown.primary_region,
    }
}

/// The days on which the secrets of these ARNs were last read.
pub(crate) async fn accessed(ctx: &Ctx, arns: Vec<String>) -> Result<Accessed> {
    let read = move |activity: &platform::Activity| {
        let day = |arn: String| {
            let at = activity.last_use(&arn)?.at.millis;
            Some((arn, time(at - at.rem_euclid(DAY_MILLIS))))
        };
        arns.into_iter().filter_map(day).collect()
    };
    ctx.activity(read).await
}

/// A time of so many milliseconds.
pub(crate) fn time(millis: i64) -> Timestamp {
    Timestamp { millis }
}

/// The versions that have labels, and these.
fn stages(record: &SecretRecord) -> Option<Entries<Vec<String>>> {
    let labelled = record.versions.iter().map(|version| {
        let labels = record.labels_of(&version.id);
        (version.id.clone(), labels)
    });
    let labelled: Vec<_> = labelled.filter(|(_, labels)| !labels.is_empty()).collect();
    (!labelled.is_empty()).then_some(Entries(labelled))
}

fn rules(rotation: &Rotation) -> RotationRulesType {
    RotationRulesType {
        automatically_after_days: rotation.days(),
        duration: rotation.duration.clone(),
        schedule_expression: rotation.schedule.clone(),
    }
}
