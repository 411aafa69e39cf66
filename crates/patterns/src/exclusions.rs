//! Many patterns that want anything but something of the same field.
//!
//! Such a pattern is found by what it does not match: each thing that excludes patterns is looked at
//! once, however many it excludes, and only if it is near the value.

use std::collections::HashMap;

use crate::event::Leaf;
use crate::matcher::{Matcher, Scalar};
use crate::pattern::Branch;
use crate::text_index::TextIndex;

/// Ways to match that want of a field anything but something.
#[derive(Default)]
pub(crate) struct Exclusions {
    branches: Vec<Wanting>,
    /// What excludes, with the places in `branches` that it excludes.
    excluding: Vec<(Matcher, Vec<usize>)>,
    places: HashMap<Matcher, usize>,
    texts: TextIndex,
    /// What excludes values that are no texts, or texts that have nothing in common.
    others: Vec<usize>,
}

#[derive(Clone, Copy)]
struct Wanting {
    branch: usize,
    /// Whether it wants nothing else.
    is_all: bool,
}

/// What an event may match.
#[derive(Default)]
pub(crate) struct Found {
    /// Ways that match.
    pub(crate) matching: Vec<usize>,
    /// Ways that have to be tried.
    pub(crate) tried: Vec<usize>,
}

impl Exclusions {
    /// Files a way to match under one of its fields, for which it has `matchers`. False where that
    /// field asks for something else.
    pub(crate) fn file(&mut self, index: usize, branch: &Branch, matchers: &[Matcher]) -> bool {
        let [Matcher::AnythingBut(others)] = matchers else {
            return false;
        };
        let place = self.branches.len();
        self.branches.push(Wanting {
            branch: index,
            is_all: branch.fields.len() == 1,
        });
        for other in others {
            let at = self.place(other);
            if let Some((_, excluded)) = self.excluding.get_mut(at) {
                excluded.push(place);
            }
        }
        true
    }

    fn place(&mut self, matcher: &Matcher) -> usize {
        if let Some(known) = self.places.get(matcher) {
            return *known;
        }
        let place = self.excluding.len();
        self.places.insert(matcher.clone(), place);
        self.excluding.push((matcher.clone(), Vec::new()));
        if !self.texts.file(matcher, place) {
            self.others.push(place);
        }
        place
    }

    /// Adds the ways that one of the field's values may meet.
    pub(crate) fn find(&self, leaves: &[Leaf], found: &mut Found) {
        if self.branches.is_empty() {
            return;
        }
        // Of several values one is enough, and what lists have in common counts: that is for a try.
        let (leaf, true) = (leaves.first(), leaves.len() == 1) else {
            found.tried.extend(self.branches.iter().map(|it| it.branch));
            return;
        };
        let Some(leaf) = leaf else { return };
        let excluded = self.excluded(&leaf.value);
        for (wanting, is_excluded) in self.branches.iter().zip(excluded) {
            match (is_excluded, wanting.is_all) {
                (true, _) => {}
                (false, true) => found.matching.push(wanting.branch),
                (false, false) => found.tried.push(wanting.branch),
            }
        }
    }

    /// Whether a value is excluded, for each of `branches`.
    fn excluded(&self, value: &Scalar) -> Vec<bool> {
        let mut excluded = vec![false; self.branches.len()];
        let mut near = self.others.clone();
        self.texts.find(value.text().into_iter(), &mut near);
        let near = near
            .into_iter()
            .filter_map(|place| self.excluding.get(place));
        for (_, places) in near.filter(|(matcher, _)| matcher.matches(value)) {
            for place in places {
                if let Some(excluded) = excluded.get_mut(*place) {
                    *excluded = true;
                }
            }
        }
        excluded
    }
}
