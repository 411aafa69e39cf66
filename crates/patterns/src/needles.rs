//! Which of many short texts are in a value: what a prefix, a suffix or a wildcard cannot match
//! without.

use std::collections::HashMap;

use crate::folding::folded;
use crate::matcher::{Fold, Matcher};
use crate::pattern::Field;

/// The most bytes of a needle. Longer ones tell little more apart, and each length costs a look at
/// every place of a value.
const LONGEST: usize = 4;

/// Up to four bytes, and how many.
pub(crate) type Needle = (u32, usize);

/// What is filed under needles.
#[derive(Default)]
pub(crate) struct Needles {
    places: HashMap<Needle, usize>,
    filed: Vec<Vec<usize>>,
    /// Whether there are needles of each length, from one byte on.
    lengths: [bool; LONGEST],
}

impl Needles {
    /// Files `index` under a needle.
    pub(crate) fn file(&mut self, needle: Needle, index: usize) {
        let next = self.filed.len();
        let place = *self.places.entry(needle).or_insert(next);
        if place == next {
            self.filed.push(Vec::new());
        }
        if let Some(filed) = self.filed.get_mut(place) {
            filed.push(index);
        }
        if let Some(length) = self.lengths.get_mut(needle.1.wrapping_sub(1)) {
            *length = true;
        }
    }

    /// Whether nothing is filed.
    pub(crate) fn is_empty(&self) -> bool {
        self.filed.is_empty()
    }

    /// How much is filed under a needle.
    pub(crate) fn filed_under(&self, needle: Needle) -> usize {
        let place = self.places.get(&needle);
        let filed = place.and_then(|place| self.filed.get(*place));
        filed.map_or(0, Vec::len)
    }

    /// Adds what is filed under needles that are in one of the texts, under each once: a text that
    /// repeats itself costs no more than another.
    pub(crate) fn find<'e>(&self, texts: impl Iterator<Item = &'e str>, found: &mut Vec<usize>) {
        if self.filed.is_empty() {
            return;
        }
        let mut seen = vec![false; self.filed.len()];
        for text in texts {
            for (length, _) in (1..).zip(&self.lengths).filter(|(_, is_there)| **is_there) {
                for window in text.as_bytes().windows(length) {
                    let Some(place) = self.places.get(&needle(window)) else {
                        continue;
                    };
                    if let Some(seen) = seen.get_mut(*place)
                        && !std::mem::replace(seen, true)
                    {
                        found.extend(self.filed.get(*place).into_iter().flatten());
                    }
                }
            }
        }
    }
}

/// How many patterns could be filed under each needle of each field.
pub(crate) struct Crowds<'p> {
    /// Whether the needles are those of folded texts.
    fold: Fold,
    known: HashMap<(&'p str, Needle), usize>,
}

impl<'p> Crowds<'p> {
    /// No patterns yet.
    pub(crate) fn new(fold: Fold) -> Self {
        let known = HashMap::new();
        Self { fold, known }
    }

    /// Counts a field.
    pub(crate) fn count(&mut self, field: &'p Field) {
        for needles in of_field(field, self.fold).into_iter().flatten() {
            for needle in needles {
                *self.known.entry((&field.path, needle)).or_insert(0) += 1;
            }
        }
    }

    /// The needles of which a value of the field has one, each the one of its matcher that the fewest
    /// patterns have; and how many have those. None where a value may have none.
    pub(crate) fn fewest(&self, field: &Field) -> Option<(usize, Vec<Needle>)> {
        let (mut total, mut chosen) = (0, Vec::new());
        for needles in of_field(field, self.fold)? {
            let crowd = |needle: &Needle| self.known.get(&(&*field.path, *needle)).copied();
            let crowd = |needle| crowd(needle).unwrap_or_default();
            let fewest = needles.iter().min_by_key(|needle| crowd(needle))?;
            total += crowd(fewest);
            chosen.push(*fewest);
        }
        Some((total, chosen))
    }
}

/// For each matcher of a field the needles that are in all that it matches. None where one matches
/// what has none.
fn of_field(field: &Field, fold: Fold) -> Option<Vec<Vec<Needle>>> {
    let matchers = field.matchers.iter();
    matchers.map(|matcher| of_matcher(matcher, fold)).collect()
}

/// The needles that are in all texts that a matcher matches, as they are or folded. None where it matches what has none.
pub(crate) fn of_matcher(matcher: &Matcher, fold: Fold) -> Option<Vec<Needle>> {
    let runs = runs(matcher, fold)?;
    let needles = match fold {
        Fold::Exact => of_runs(runs),
        Fold::Either => {
            let runs: Vec<_> = runs.into_iter().map(folded).collect();
            of_runs(runs.iter().map(|run| &**run))
        }
    };
    Some(needles).filter(|needles| !needles.is_empty())
}

/// The texts that are in all that a matcher matches, exactly or in either case. None where it matches
/// what is no text.
fn runs(matcher: &Matcher, fold: Fold) -> Option<Vec<&str>> {
    match matcher {
        Matcher::Exactly(text)
        | Matcher::Prefix(Fold::Exact, text)
        | Matcher::Suffix(Fold::Exact, text) => Some(vec![text]),
        Matcher::Prefix(Fold::Either, text)
        | Matcher::Suffix(Fold::Either, text)
        | Matcher::IgnoringCase(text)
            if fold == Fold::Either =>
        {
            Some(vec![text])
        }
        Matcher::Wildcard(wildcard) => Some(wildcard.runs().collect()),
        _ => None,
    }
}

/// The needles in texts, of each text the longest.
fn of_runs<'r>(runs: impl IntoIterator<Item = &'r str>) -> Vec<Needle> {
    let runs = runs.into_iter().filter(|run| !run.is_empty());
    let windows = runs.flat_map(|run| run.as_bytes().windows(run.len().min(LONGEST)));
    windows.map(needle).collect()
}

fn needle(window: &[u8]) -> Needle {
    let fold = |number: u32, byte: &u8| number << 8 | u32::from(*byte);
    (window.iter().fold(0, fold), window.len())
}
