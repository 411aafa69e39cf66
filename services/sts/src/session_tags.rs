//! Session tags: those that a request passes, and those that a chain of roles hands on.
//!
//! Source: "Pass session tags in AWS STS" (IAM user guide). Keys do not distinguish case.

use std::collections::BTreeSet;

use api::sts::Tag;
use platform::{Result, Session, validation};

/// The most tags of one session.
const MAX: usize = 50;

/// The tags of a new session.
pub(crate) struct SessionTags {
    /// Those that the request passes, for `aws:RequestTag`.
    pub(crate) passed: Vec<(String, String)>,
    /// All of them, those handed on first.
    pub(crate) all: Vec<(String, String)>,
    /// The keys of those that pass on to further sessions.
    pub(crate) transitive: Vec<String>,
}

impl SessionTags {
    /// The tags that a request passes, in a session that hands on its own.
    pub(crate) fn read(
        tags: Vec<Tag>,
        transitive: Vec<String>,
        caller: Option<&Session>,
    ) -> Result<Self> {
        let passed = tags.into_iter().map(|tag| (tag.key, tag.value)).collect();
        Self::of(passed, transitive, caller)
    }

    /// The same, of keys and values.
    pub(crate) fn of(
        passed: Vec<(String, String)>,
        transitive: Vec<String>,
        caller: Option<&Session>,
    ) -> Result<Self> {
        let handed_on = caller.map(handed_on).unwrap_or_default();
        let inherited: BTreeSet<_> = handed_on.iter().map(|(key, _)| fold(key)).collect();
        let mut keys = BTreeSet::new();
        for (key, _) in &passed {
            check_key(key, &inherited)?;
            if !keys.insert(fold(key)) {
                return Err(validation(
                    "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
                ));
            }
        }
        for key in &transitive {
            if inherited.contains(&fold(key)) {
                return Err(conflicting());
            }
            if !keys.contains(&fold(key)) {
                return Err(validation(
                    "The specified transitive tag key must be included in the requested tags.",
                ));
            }
        }
        let mut all = handed_on;
        let mut chained: Vec<String> = all.iter().map(|(key, _)| key.clone()).collect();
        chained.extend(transitive);
        all.extend(passed.iter().cloned());
        if all.len() > MAX {
            let message = format!("A session can have at most {MAX} tags.");
            return Err(validation(message));
        }
        Ok(Self {
            passed,
            all,
            transitive: chained,
        })
    }
}

fn check_key(key: &str, inherited: &BTreeSet<String>) -> Result<()> {
    let folded = fold(key);
    if folded.starts_with("aws:") {
        let message = "Tag keys beginning with aws: are reserved for internal use.";
        return Err(validation(message));
    }
    if inherited.contains(&folded) {
        return Err(conflicting());
    }
    Ok(())
}

fn conflicting() -> platform::Error {
    validation(
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    )
}

/// What a session hands on to sessions that it begins.
fn handed_on(session: &Session) -> Vec<(String, String)> {
    let transitive = session.transitive_tag_keys.iter();
    let transitive: BTreeSet<_> = transitive.map(|key| fold(key)).collect();
    let tags = session.tags.iter();
    tags.filter(|(key, _)| transitive.contains(&fold(key)))
        .cloned()
        .collect()
}

fn fold(key: &str) -> String {
    key.to_lowercase()
}
