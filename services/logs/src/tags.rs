//! Tags of log groups and destinations.

use platform::Result;

use crate::group::GroupRecord;
use crate::refusals;

/// The most tags of a group ("CloudWatch Logs quotas").
const MOST: usize = 50;

/// Refuses keys and values that AWS does not take ("Tag restrictions").
pub(crate) fn check(tags: &[(String, String)]) -> Result<()> {
    for (key, _) in tags {
        let begins = key.get(..4);
        if begins.is_some_and(|begins| begins.eq_ignore_ascii_case("aws:")) {
            return Err(refusals::invalid(
                "aws: prefixed tag key names are not allowed for external use.",
            )
            .into());
        }
    }
    Ok(())
}

/// Sets `new` tags beside and over those that there are, sorted by key.
pub(crate) fn merge(tags: &mut Vec<(String, String)>, new: Vec<(String, String)>) -> Result<()> {
    for (key, value) in new {
        match tags.binary_search_by(|(known, _)| known.cmp(&key)) {
            Ok(at) => {
                if let Some((_, known)) = tags.get_mut(at) {
                    *known = value;
                }
            }
            Err(at) => tags.insert(at, (key, value)),
        }
    }
    match tags.len() > MOST {
        true => Err(refusals::too_many_tags(MOST).into()),
        false => Ok(()),
    }
}

impl GroupRecord {
    /// Sets `new` tags beside and over those that there are.
    pub(crate) fn merge_tags(&mut self, new: Vec<(String, String)>) -> Result<()> {
        merge(&mut self.tags, new)
    }

    /// Takes away the tags of these keys.
    pub(crate) fn remove_tags(&mut self, keys: &[String]) {
        self.tags.retain(|(known, _)| !keys.contains(known));
    }
}
