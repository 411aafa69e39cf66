//! Staging labels, and how they move ("Secret versions", user guide).

use api::secretsmanager::LimitExceededException;
use wire::Fault;

use crate::secret::{CURRENT, Content, PREVIOUS, SecretRecord};

/// The most labels of a secret ("Secrets Manager quotas", staging labels attached across all
/// versions).
const MOST: usize = 20;

/// Attaches a label to a version, and takes it from the one that had it. With the label of the
/// current version goes that of the one before.
pub(crate) fn attach(record: &mut SecretRecord, label: &str, version: &str) -> Result<(), Fault> {
    let before = record.labelled(label).map(str::to_owned);
    if before.as_deref() == Some(version) {
        return Ok(());
    }
    set(record, label, version);
    if let (CURRENT, Some(before)) = (label, before) {
        set(record, PREVIOUS, &before);
    }
    drop_hollow(record);
    match record.labels.len() > MOST {
        true => Err(LimitExceededException::new(format!(
            "You can't attach more than {MOST} staging labels to the versions of a secret."
        ))),
        false => Ok(()),
    }
}

/// Takes a label away.
pub(crate) fn detach(record: &mut SecretRecord, label: &str) {
    remove(record, label);
    drop_hollow(record);
}

fn set(record: &mut SecretRecord, label: &str, version: &str) {
    remove(record, label);
    record.labels.push((label.to_owned(), version.to_owned()));
}

fn remove(record: &mut SecretRecord, label: &str) {
    record.labels.retain(|(known, _)| known != label);
}

/// Takes away versions that say nothing of their own, once they have no label.
fn drop_hollow(record: &mut SecretRecord) {
    let labels = &record.labels;
    let is_kept = |id: &str| labels.iter().any(|(_, of)| of == id);
    record
        .versions
        .retain(|version| version.content == Content::Own || is_kept(&version.id));
}
