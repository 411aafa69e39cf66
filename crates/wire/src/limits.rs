//! What a request may cost to read, whatever its protocol.

use std::cell::Cell;

use crate::coercion::refused;
use crate::fault::Fault;
use crate::shape::Shape;
use crate::value::Value;

/// Containers inside each other at most: far more than any model has, far less than any stack.
pub(crate) const MAX_DEPTH: usize = 64;

/// Values in one request at most. AWS's largest calls (10,000 log events) have half as many.
const MAX_VALUES: usize = 100_000;

/// The fault for containers nested more than [`MAX_DEPTH`] deep.
pub(crate) fn too_deep() -> Fault {
    refused("Nesting is too deep")
}

/// The fault for the same key twice: which one counts would be up to the reader, and two readers
/// that disagree are how a check is passed with one value and acted on with the other.
pub(crate) fn duplicate() -> Fault {
    refused("Duplicate key found where not expected")
}

/// How many more values may be read.
///
/// `[{},{},{}` takes three bytes a structure, and a structure has a place for each member it
/// could have: without a limit, a small body fills the memory.
pub(crate) struct Budget {
    left: Cell<usize>,
}

impl Budget {
    pub(crate) fn new() -> Self {
        Self {
            left: Cell::new(MAX_VALUES),
        }
    }

    /// Pays for one value of `shape`.
    pub(crate) fn spend_for(&self, shape: &Shape) -> Result<(), Fault> {
        self.spend(1 + shape.members().len() / 4)
    }

    /// Pays for `count` values.
    pub(crate) fn spend(&self, count: usize) -> Result<(), Fault> {
        match self.left.get().checked_sub(count) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(refused("Too many values")),
        }
    }
}

/// Whether any two of these entries have the same key.
pub(crate) fn has_duplicates(entries: &[(String, Value)]) -> bool {
    if entries.len() < 2 {
        return false;
    }
    let mut keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    keys.windows(2)
        .any(|pair| matches!(pair, [first, second] if first == second))
}

/// Which members of a structure were there already, `null` or not.
#[derive(Default)]
pub(crate) struct Seen {
    first: u128,
    beyond: Vec<usize>,
}

impl Seen {
    /// Notes `index`; false if it was noted before.
    pub(crate) fn insert(&mut self, index: usize) -> bool {
        let Some(bit) = u32::try_from(index)
            .ok()
            .and_then(|n| 1_u128.checked_shl(n))
        else {
            let new = !self.beyond.contains(&index);
            self.beyond.push(index);
            return new;
        };
        let new = self.first & bit == 0;
        self.first |= bit;
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_is_seen_once() {
        let mut seen = Seen::default();
        for index in [0, 1, 127, 128, 129, 4000] {
            assert!(seen.insert(index), "{index}");
            assert!(!seen.insert(index), "{index}");
        }
    }

    #[test]
    fn a_budget_ends() {
        let budget = Budget::new();
        assert!(budget.spend(MAX_VALUES - 1).is_ok());
        assert!(budget.spend(2).is_err());
        assert!(budget.spend(1).is_ok());
        assert!(budget.spend(1).is_err());
    }

    #[test]
    fn duplicates_are_found_wherever_they_stand() {
        let entries = |keys: &[&str]| -> Vec<(String, Value)> {
            let entry = |key: &&str| ((*key).to_owned(), Value::Boolean(true));
            keys.iter().map(entry).collect()
        };
        assert!(!has_duplicates(&entries(&[])));
        assert!(!has_duplicates(&entries(&["a"])));
        assert!(!has_duplicates(&entries(&["b", "a", "A", "ab"])));
        assert!(has_duplicates(&entries(&["b", "a", "c", "b"])));
    }
}
