//! The names that a command may use, and the slots that they stand for.

use std::collections::BTreeMap;

use crate::ast::Name;
use crate::discover::System;
use crate::fault::CompileError;

/// The names of rows of one shape.
#[derive(Default)]
pub(crate) struct Scope {
    pub(crate) slots: usize,
    pub(crate) systems: Vec<(System, usize)>,
    pub(crate) discovered: Vec<(String, usize)>,
    /// The names that the query gives.
    given: BTreeMap<String, usize>,
    /// Whether rows are aggregates, which have no fields but those that are named.
    is_aggregated: bool,
}

impl Scope {
    /// The names behind a `stats`.
    pub(crate) fn aggregated() -> Self {
        Self {
            is_aggregated: true,
            ..Self::default()
        }
    }

    /// A slot of its own.
    pub(crate) fn fresh(&mut self) -> usize {
        self.slots += 1;
        self.slots - 1
    }

    /// The slot of a name that the query gives here. No name is given twice.
    pub(crate) fn give(&mut self, name: &Name) -> Result<usize, CompileError> {
        if self.given.contains_key(&name.text) {
            let message = format!("Ephemeral field is already defined: {}", name.text);
            return Err(CompileError::new(name.span.clone(), message));
        }
        let slot = self.fresh();
        self.given.insert(name.text.clone(), slot);
        Ok(slot)
    }

    /// Names a slot as the result does, unless the name is taken.
    pub(crate) fn label(&mut self, name: &str, slot: usize) {
        self.given.entry(name.to_owned()).or_insert(slot);
    }

    /// The slot of a name that the query gave before.
    pub(crate) fn given(&self, name: &str) -> Option<usize> {
        self.given.get(name).copied()
    }

    /// The slot of a field; none of one that no row has.
    pub(crate) fn field(&mut self, name: &str) -> Option<usize> {
        if let Some(slot) = self.given(name) {
            return Some(slot);
        }
        if self.is_aggregated {
            return None;
        }
        if let Some(system) = System::named(name) {
            let known = self.systems.iter().find(|(known, _)| *known == system);
            let known = known.map(|(_, slot)| *slot);
            return Some(known.unwrap_or_else(|| {
                let slot = self.fresh();
                self.systems.push((system, slot));
                slot
            }));
        }
        let known = self.discovered.iter().find(|(known, _)| known == name);
        let known = known.map(|(_, slot)| *slot);
        Some(known.unwrap_or_else(|| {
            let slot = self.fresh();
            self.discovered.push((name.to_owned(), slot));
            slot
        }))
    }
}
