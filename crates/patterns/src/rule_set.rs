//! Many patterns at once.
//!
//! Each way of each pattern to match is filed under one of its fields: under a text that the field
//! must have, if it must have one of some texts; or else under a few bytes that must be in it, if it
//! must begin, end or go on with some; or else under the field that must be there. An event looks up
//! its own values and tries only what is filed under them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::event::{Event, Leaf};
use crate::matcher::Matcher;
use crate::needles::{Crowds, Needles};
use crate::pattern::{self, Branch, Field, Pattern};

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
    /// By the text that the field has.
    by_text: HashMap<Box<str>, Vec<usize>>,
    /// By what is in the text of the field.
    by_needle: Needles,
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
        let (crowds, needles) = (crowds(&patterns), needles(&patterns));
        for (item, pattern) in patterns.iter().enumerate() {
            for branch in &pattern.branches {
                set.file(item, branch, (&crowds, &needles));
            }
        }
        set
    }

    /// What belongs to the patterns that match, in the order of the patterns.
    pub fn matching(&self, event: &Event) -> Vec<&T> {
        let mut leaves: Vec<&[Leaf]> = vec![&[]; self.slots];
        let mut tried = self.always.clone();
        for (path, values) in &event.fields {
            let Some(drawers) = self.paths.get(&**path) else {
                continue;
            };
            if let Some(slot) = leaves.get_mut(drawers.slot) {
                *slot = values;
            }
            tried.extend(&drawers.present);
            if !drawers.by_text.is_empty() {
                let texts = values.iter().filter_map(|leaf| leaf.value.text());
                let filed = texts.filter_map(|text| drawers.by_text.get(text));
                tried.extend(filed.flatten());
            }
            let texts = values.iter().filter_map(|leaf| leaf.value.text());
            drawers.by_needle.find(texts, &mut tried);
        }
        let tried = tried
            .into_iter()
            .filter_map(|index| self.branches.get(index));
        let matching = tried.filter(|branch| branch.matches(&leaves));
        let mut matching: Vec<usize> = matching.map(|branch| branch.item).collect();
        matching.sort_unstable();
        matching.dedup();
        let matching = matching.into_iter();
        matching.filter_map(|item| self.items.get(item)).collect()
    }

    fn file(
        &mut self,
        item: usize,
        branch: &Branch,
        (crowds, needles): (&HashMap<(&str, &str), usize>, &Crowds<'_>),
    ) {
        let index = self.branches.len();
        let mut fields = Vec::with_capacity(branch.fields.len());
        for field in &branch.fields {
            let slot = self.drawers(&field.path).slot;
            fields.push((slot, Arc::clone(&field.matchers)));
        }
        self.branches.push(Filed { item, fields });
        let crowd = |(field, texts): &(&Field, Vec<&str>)| -> usize {
            let crowds = texts
                .iter()
                .filter_map(|text| crowds.get(&(&*field.path, *text)));
            crowds.sum()
        };
        let by_text = branch.fields.iter();
        let by_text = by_text.filter_map(|field| Some((field, texts(field)?)));
        if let Some((field, texts)) = by_text.min_by_key(crowd) {
            for text in texts {
                let drawers = self.drawers(&field.path);
                drawers.by_text.entry(text.into()).or_default().push(index);
            }
            return;
        }
        let by_needle = branch.fields.iter();
        let by_needle = by_needle.filter_map(|field| Some((field, needles.fewest(field)?)));
        if let Some((field, (_, needles))) = by_needle.min_by_key(|(_, (crowd, _))| *crowd) {
            for needle in needles {
                self.drawers(&field.path).by_needle.file(needle, index);
            }
            return;
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

/// The texts of which the field must have one, if that is what is asked of it.
fn texts(field: &Field) -> Option<Vec<&str>> {
    let texts = field.matchers.iter().map(|matcher| match matcher {
        Matcher::Exactly(text) => Some(&**text),
        _ => None,
    });
    texts.collect()
}

/// How many patterns ask for each needle of each field.
fn needles<'p>(patterns: &[&'p Pattern]) -> Crowds<'p> {
    let mut crowds = Crowds::default();
    let branches = patterns.iter().flat_map(|pattern| &pattern.branches);
    let fields = branches.flat_map(|branch| &branch.fields);
    fields.for_each(|field| crowds.count(field));
    crowds
}

/// How many patterns ask for each text of each field.
fn crowds<'p>(patterns: &[&'p Pattern]) -> HashMap<(&'p str, &'p str), usize> {
    let mut crowds = HashMap::new();
    let branches = patterns.iter().flat_map(|pattern| &pattern.branches);
    for field in branches.flat_map(|branch| &branch.fields) {
        for text in texts(field).unwrap_or_default() {
            *crowds.entry((&*field.path, text)).or_insert(0) += 1;
        }
    }
    crowds
}
