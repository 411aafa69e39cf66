//! What is filed under texts: whole ones, or a few bytes that must be in them; both as they are, or
//! without the case of their letters.

use std::collections::HashMap;

use crate::folding::folded;
use crate::matcher::{Fold, Matcher};
use crate::needles::{self, Needle, Needles};

/// Things by number, filed under texts.
#[derive(Default)]
pub(crate) struct TextIndex {
    exact: Drawer,
    folded: Drawer,
}

#[derive(Default)]
struct Drawer {
    by_text: HashMap<Box<str>, Vec<usize>>,
    by_needle: Needles,
}

impl TextIndex {
    /// Files `index` under the whole text; one that is not exact, under its folded form.
    pub(crate) fn file_text(&mut self, fold: Fold, text: &str, index: usize) {
        let filed = self.drawer(fold).by_text.entry(text.into());
        filed.or_default().push(index);
    }

    /// Files `index` under a needle of a text, or of its folded form.
    pub(crate) fn file_needle(&mut self, fold: Fold, needle: Needle, index: usize) {
        self.drawer(fold).by_needle.file(needle, index);
    }

    /// Files `index` under what every text has that `matcher` matches. False where there is nothing
    /// of the kind.
    pub(crate) fn file(&mut self, matcher: &Matcher, index: usize) -> bool {
        match matcher {
            Matcher::Exactly(text) => self.file_text(Fold::Exact, text, index),
            Matcher::IgnoringCase(text) => self.file_text(Fold::Either, &folded(text), index),
            _ => {
                let exact = needles::of_matcher(matcher, Fold::Exact).map(|it| (Fold::Exact, it));
                let either = || needles::of_matcher(matcher, Fold::Either);
                let found = exact.or_else(|| Some((Fold::Either, either()?)));
                let Some((fold, found)) = found else {
                    return false;
                };
                let filed = &self.drawer(fold).by_needle;
                let rarest = found
                    .iter()
                    .min_by_key(|needle| filed.filed_under(**needle));
                let Some(rarest) = rarest.copied() else {
                    return false;
                };
                self.file_needle(fold, rarest, index);
            }
        }
        true
    }

    /// Adds what is filed under one of the texts, or under what is in it.
    pub(crate) fn find<'e>(
        &self,
        texts: impl Iterator<Item = &'e str> + Clone,
        found: &mut Vec<usize>,
    ) {
        self.exact.find(texts.clone(), found);
        if !self.folded.is_empty() {
            let texts: Vec<_> = texts.map(folded).collect();
            self.folded.find(texts.iter().map(|text| &**text), found);
        }
    }

    fn drawer(&mut self, fold: Fold) -> &mut Drawer {
        match fold {
            Fold::Exact => &mut self.exact,
            Fold::Either => &mut self.folded,
        }
    }
}

impl Drawer {
    fn is_empty(&self) -> bool {
        self.by_text.is_empty() && self.by_needle.is_empty()
    }

    fn find<'e>(&self, texts: impl Iterator<Item = &'e str> + Clone, found: &mut Vec<usize>) {
        if !self.by_text.is_empty() {
            let filed = texts.clone().filter_map(|text| self.by_text.get(text));
            found.extend(filed.flatten());
        }
        self.by_needle.find(texts, found);
    }
}
