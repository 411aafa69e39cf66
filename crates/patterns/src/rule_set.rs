//! Many patterns at once.
//!
//! Each way of each pattern to match is filed under one of its fields: under a text that the field
//! must have, if it must have one of some texts; or else under a few bytes that must be in it, if it
//! must begin, end or go on with some; or else under what it must not be; or else under the field
//! that must be there. An event looks up its own values and tries only what is filed under them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use crate::event::{Event, Leaf};
use crate::exclusions::{Exclusions, Found};
use crate::folding::folded;
use crate::matcher::{Fold, Matcher};
use crate::needles::{Crowds, Needle};
use crate::pattern::{self, Branch, Field, Pattern};
use crate::text_index::TextIndex;

/// Patterns with what belongs to each.
pub struct RuleSet<T> {
    items: Vec<T>,
    branches: Vec<Filed>,
    paths: HashMap<Arc<str>, Drawers>,
    slots: usize,
    /// What can match although none of its fields is there.
    always: Vec<usize>,
}

/// What is filed under a field.
#[derive(Default)]
struct Drawers {
    slot: usize,
    /// By the text that the field has, or what is in it.
    texts: TextIndex,
    /// By what the field must not be.
    exclusions: Exclusions,
    /// For whatever value.
    present: Vec<usize>,
}

/// A way to match, its fields by their slots.
struct Filed {
    item: usize,
    fields: Vec<(usize, Arc<[Matcher]>)>,
}

impl<T> RuleSet<T> {
    /// Files patterns.
    pub fn new<'p>(patterns: impl IntoIterator<Item = (T, &'p Pattern)>) -> Self {
        let (items, patterns): (Vec<T>, Vec<&Pattern>) = patterns.into_iter().unzip();
        let mut set = Self {
            items,
            branches: Vec::new(),
            paths: HashMap::new(),
            slots: 0,
            always: Vec::new(),
        };
        let crowded = Crowded::of(&patterns);
        for (item, pattern) in patterns.iter().enumerate() {
            for branch in &pattern.branches {
                set.file(item, branch, &crowded);
            }
        }
        set
    }

    /// What belongs to the patterns that match, in the order of the patterns.
    pub fn matching(&self, event: &Event) -> Vec<&T> {
        let mut leaves: Vec<&[Leaf]> = vec![&[]; self.slots];
        let mut found = Found {
            matching: Vec::new(),
            tried: self.always.clone(),
        };
        for (path, values) in &event.fields {
            let Some(drawers) = self.paths.get(&**path) else {
                continue;
            };
            if let Some(slot) = leaves.get_mut(drawers.slot) {
                *slot = values;
            }
            found.tried.extend(&drawers.present);
            let texts = values.iter().filter_map(|leaf| leaf.value.text());
            drawers.texts.find(texts, &mut found.tried);
            drawers.exclusions.find(values, &mut found);
        }
        let branches = |found: Vec<usize>| {
            let found = found.into_iter();
            found.filter_map(|index| self.branches.get(index))
        };
        let tried = branches(found.tried).filter(|branch| branch.matches(&leaves));
        let matching = branches(found.matching).chain(tried);
        let mut matching: Vec<usize> = matching.map(|branch| branch.item).collect();
        matching.sort_unstable();
        matching.dedup();
        let matching = matching.into_iter();
        matching.filter_map(|item| self.items.get(item)).collect()
    }

    fn file(&mut self, item: usize, branch: &Branch, crowded: &Crowded<'_>) {
        let index = self.branches.len();
        let mut fields = Vec::with_capacity(branch.fields.len());
        for field in &branch.fields {
            let slot = self.drawers(&field.path).slot;
            fields.push((slot, Arc::clone(&field.matchers)));
        }
        self.branches.push(Filed { item, fields });
        if !self.file_by_texts(index, branch, crowded) {
            self.file_otherwise(index, branch);
        }
    }

    /// Files a way to match under texts, or what is in them, if it asks for some.
    fn file_by_texts(&mut self, index: usize, branch: &Branch, crowded: &Crowded<'_>) -> bool {
        for fold in [Fold::Exact, Fold::Either] {
            if let Some((field, texts)) = crowded.texts(branch, fold) {
                let filed = &mut self.drawers(&field.path).texts;
                for text in texts {
                    filed.file_text(fold, &text, index);
                }
                return true;
            }
        }
        for fold in [Fold::Exact, Fold::Either] {
            if let Some((field, needles)) = crowded.needles(branch, fold) {
                let filed = &mut self.drawers(&field.path).texts;
                for needle in needles {
                    filed.file_needle(fold, needle, index);
                }
                return true;
            }
        }
        false
    }

    /// Files a way to match under what a field must not be, or under a field that must be there.
    fn file_otherwise(&mut self, index: usize, branch: &Branch) {
        for field in &branch.fields {
            let exclusions = &mut self.drawers(&field.path).exclusions;
            if exclusions.file(index, branch, &field.matchers) {
                return;
            }
        }
        let is_needed = |field: &&Field| !field.matchers.iter().any(Matcher::is_absent);
        match branch.fields.iter().find(is_needed) {
            Some(field) => self.drawers(&field.path).present.push(index),
            None => self.always.push(index),
        }
    }

    fn drawers(&mut self, path: &Arc<str>) -> &mut Drawers {
        let slots = &mut self.slots;
        self.paths.entry(Arc::clone(path)).or_insert_with(|| {
            *slots += 1;
            Drawers {
                slot: *slots - 1,
                ..Drawers::default()
            }
        })
    }
}

impl Filed {
    fn matches(&self, leaves: &[&[Leaf]]) -> bool {
        let fields = self.fields.iter().map(|(slot, matchers)| {
            let leaves = leaves.get(*slot).copied().unwrap_or_default();
            (&**matchers, leaves)
        });
        pattern::fit(fields)
    }
}

/// How many patterns ask for each text and each needle of each field.
struct Crowded<'p> {
    texts: HashMap<(Fold, &'p str, Cow<'p, str>), usize>,
    exact: Crowds<'p>,
    folded: Crowds<'p>,
}

impl<'p> Crowded<'p> {
    fn of(patterns: &[&'p Pattern]) -> Self {
        let mut crowded = Self {
            texts: HashMap::new(),
            exact: Crowds::new(Fold::Exact),
            folded: Crowds::new(Fold::Either),
        };
        let branches = patterns.iter().flat_map(|pattern| &pattern.branches);
        for field in branches.flat_map(|branch| &branch.fields) {
            for fold in [Fold::Exact, Fold::Either] {
                for text in texts(field, fold).unwrap_or_default() {
                    let known = crowded.texts.entry((fold, &field.path, text));
                    *known.or_insert(0) += 1;
                }
            }
            crowded.exact.count(field);
            crowded.folded.count(field);
        }
        crowded
    }

    /// The field that must have one of some texts, and those: where there are several such fields,
    /// the one whose texts the fewest patterns ask for.
    fn texts<'b>(&self, branch: &'b Branch, fold: Fold) -> Option<(&'b Field, Vec<Cow<'b, str>>)> {
        let crowd = |(field, texts): &(&Field, Vec<Cow<'_, str>>)| -> usize {
            let key = |text: &Cow<'_, str>| (fold, &*field.path, Cow::Owned(text.to_string()));
            let crowds = texts.iter().filter_map(|text| self.texts.get(&key(text)));
            crowds.sum()
        };
        let by_text = branch.fields.iter();
        let by_text = by_text.filter_map(|field| Some((field, texts(field, fold)?)));
        by_text.min_by_key(crowd)
    }

    /// The same for needles.
    fn needles<'b>(&self, branch: &'b Branch, fold: Fold) -> Option<(&'b Field, Vec<Needle>)> {
        let crowds = match fold {
            Fold::Exact => &self.exact,
            Fold::Either => &self.folded,
        };
        let by_needle = branch.fields.iter();
        let by_needle = by_needle.filter_map(|field| Some((field, crowds.fewest(field)?)));
        let found = by_needle.min_by_key(|(_, (crowd, _))| *crowd);
        found.map(|(field, (_, needles))| (field, needles))
    }
}

/// The texts of which the field must have one, as they are or folded, if that is what is asked of it.
fn texts(field: &Field, fold: Fold) -> Option<Vec<Cow<'_, str>>> {
    let texts = field.matchers.iter().map(|matcher| match (matcher, fold) {
        (Matcher::Exactly(text), Fold::Exact) => Some(Cow::Borrowed(&**text)),
        (Matcher::Exactly(text) | Matcher::IgnoringCase(text), Fold::Either) => Some(folded(text)),
        _ => None,
    });
    texts.collect()
}
