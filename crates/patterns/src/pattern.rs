//! A compiled pattern.

use std::sync::Arc;

use crate::compile;
use crate::complexity;
use crate::consistency;
use crate::event::{Event, Leaf};
use crate::matcher::Matcher;

/// A pattern that events are matched with.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// The ways to match: one, unless there is `$or`.
    pub(crate) branches: Vec<Branch>,
}

/// One way to match: all of its fields.
#[derive(Debug, Clone, Default)]
pub(crate) struct Branch {
    pub(crate) fields: Vec<Field>,
}

/// What is asked of one field: that one of its values fits one of these.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) path: Arc<str>,
    pub(crate) matchers: Arc<[Matcher]>,
}

/// A text that is no pattern. Reads as EventBridge writes the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PatternError(pub(crate) String);

impl Pattern {
    /// Compiles the JSON text of a pattern.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        compile::compile(text)
    }

    /// Whether its wildcards are more complex than EventBridge takes in a new rule. What was taken
    /// before is a pattern all the same.
    pub fn is_too_complex(&self) -> bool {
        complexity::is_too_complex(&self.branches)
    }

    /// Whether `event` matches.
    pub fn matches(&self, event: &Event) -> bool {
        let mut branches = self.branches.iter();
        branches.any(|branch| {
            let fields = branch.fields.iter();
            fit(fields.map(|field| (&*field.matchers, event.leaves(&field.path))))
        })
    }
}

/// Whether all fields fit, given what is asked of each and what values it has.
pub(crate) fn fit<'a>(fields: impl ExactSizeIterator<Item = (&'a [Matcher], &'a [Leaf])>) -> bool {
    let mut in_lists: Vec<Vec<&Leaf>> = Vec::new();
    for (matchers, leaves) in fields {
        if leaves.is_empty() {
            if matchers.iter().any(Matcher::is_absent) {
                continue;
            }
            return false;
        }
        let fits = |leaf: &&Leaf| matchers.iter().any(|matcher| matcher.matches(&leaf.value));
        // What is in no list goes with everything.
        let mut outside = leaves.iter().filter(|leaf| leaf.elements.is_empty());
        if outside.any(|leaf| fits(&leaf)) {
            continue;
        }
        let inside = leaves.iter().filter(|leaf| !leaf.elements.is_empty());
        let fitting: Vec<&Leaf> = inside.filter(fits).collect();
        if fitting.is_empty() {
            return false;
        }
        in_lists.push(fitting);
    }
    in_lists.len() < 2 || consistency::fit_together(&in_lists)
}
