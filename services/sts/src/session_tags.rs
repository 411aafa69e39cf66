//! Session tags: those that a request passes, and those that a chain of roles hands on.
//!
//! Source: "Pass session tags in AWS STS" (IAM user guide). Keys do not distinguish case.

use std::collections::BTreeSet;

use api::sts::Tag;
use platform::{Error, Result, Session, validation};
use wire::Fault;
use wire::shape::{ErrorShape, Kind, Shape, Structure};

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
                return Err(repeated());
            }
        }
        for key in &transitive {
            if inherited.contains(&fold(key)) {
                return Err(conflicting());
            }
            if !keys.contains(&fold(key)) {
                return Err(invalid(
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

    /// The tags of a token, which is no session: no key is reserved.
    pub(crate) fn of_token(tags: Vec<Tag>) -> Result<Vec<(String, String)>> {
        let mut keys = BTreeSet::new();
        for tag in &tags {
            if !keys.insert(fold(&tag.key)) {
                return Err(repeated());
            }
        }
        Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
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

fn repeated() -> Error {
    invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
}

fn conflicting() -> Error {
    invalid(
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    )
}

/// A code that STS answers with although its model does not have it.
fn invalid(message: &str) -> Error {
    static SHAPE: ErrorShape = ErrorShape {
        name: "InvalidParameterValue",
        code: "InvalidParameterValue",
        status: 400,
        sender_fault: true,
        shape: &Shape {
            name: "InvalidParameterValue",
            kind: Kind::Structure(Structure {
                members: &[],
                union: false,
            }),
            sensitive: false,
        },
    };
    Error::Fault(Fault::modeled(&SHAPE, Some(message.to_owned())))
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
