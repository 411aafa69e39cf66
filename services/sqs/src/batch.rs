//! Batches: what their entries have in common.

use api::sqs::{
    BatchEntryIdsNotDistinct, BatchResultErrorEntry, EmptyBatchRequest, InvalidBatchEntryId,
    TooManyEntriesInBatchRequest,
};
use platform::{Error, Result};
use wire::{Fault, Protocol};

/// The most entries of a batch (API reference, TooManyEntriesInBatchRequest).
const MOST: usize = 10;

/// Checks the ids of the entries of a batch; `entry` is what one of them is called.
pub(crate) fn check<'a>(ids: impl Iterator<Item = &'a str>, entry: &str) -> Result<(), Fault> {
    let mut ids: Vec<&str> = ids.collect();
    if ids.is_empty() {
        let message = format!("There should be at least one {entry} in the request.");
        return Err(EmptyBatchRequest::new(message));
    }
    if ids.len() > MOST {
        let count = ids.len();
        return Err(TooManyEntriesInBatchRequest::new(format!(
            "Maximum number of entries per request are {MOST}. You have sent {count}."
        )));
    }
    if !ids.iter().all(|id| is_id(id)) {
        return Err(InvalidBatchEntryId::new(
            "A batch entry id can only contain alphanumeric characters, hyphens and underscores. \
             It can be at most 80 letters long.",
        ));
    }
    ids.sort_unstable();
    let twice = ids.array_windows::<2>().find(|[one, other]| one == other);
    match twice {
        Some([id, _]) => Err(BatchEntryIdsNotDistinct::new(format!("Id {id} repeated."))),
        None => Ok(()),
    }
}

fn is_id(id: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=80).contains(&id.len()) && id.bytes().all(is_letter)
}

/// What a batch says of an entry that failed by itself. A failure inside is the whole batch's.
pub(crate) fn failed(id: String, error: Error) -> Result<BatchResultErrorEntry> {
    let Error::Fault(fault) = error else {
        return Err(error);
    };
    Ok(BatchResultErrorEntry {
        id: Some(id),
        sender_fault: Some(fault.is_sender_fault()),
        code: Some(fault.code(Protocol::Json10).to_owned()),
        message: fault.message().map(str::to_owned),
    })
}

/// A list that is left out where it is empty.
pub(crate) fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(ids: &[&str]) -> Option<&'static str> {
        let checked = check(ids.iter().copied(), "Entry");
        checked.err().map(|fault| fault.code(Protocol::Json10))
    }

    #[test]
    fn ids_are_checked() {
        assert_eq!(code(&["a", "b-_9"]), None);
        let prefix = "AWS.SimpleQueueService.";
        let is =
            |ids: &[&str], name: &str| assert_eq!(code(ids), Some(&*format!("{prefix}{name}")));
        is(&[], "EmptyBatchRequest");
        is(&["a"; 11], "TooManyEntriesInBatchRequest");
        is(&["a", "b", "a"], "BatchEntryIdsNotDistinct");
        for bad in ["", "a b", "a.b", &"a".repeat(81)] {
            is(&[bad], "InvalidBatchEntryId");
        }
    }
}
