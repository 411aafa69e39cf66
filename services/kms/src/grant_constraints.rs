//! What a grant permits: operations, and constraints on the calls (AWS KMS API reference,
//! "GrantConstraints").

use api::kms::{GrantConstraints, GrantOperation};
use platform::{Result, validation};
use serde::{Deserialize, Serialize};
use wire::Entries;

/// How many pairs a constraint may have.
const MAX_PAIRS: usize = 8;
/// How long the pairs of a constraint together may be, in characters.
const MAX_LENGTH: usize = 384;

/// Pairs of an encryption context.
pub(crate) type Pairs = Vec<(String, String)>;

/// What a grant permits. All of it is fixed when the grant is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Terms {
    /// Names of operations, each once, in the order of the API's list.
    pub(crate) operations: Vec<String>,
    /// Pairs that the encryption context of a call must have.
    pub(crate) subset: Option<Pairs>,
    /// The pairs of the encryption context of a call.
    pub(crate) equals: Option<Pairs>,
    /// The resource on behalf of which a service calls.
    pub(crate) source_arn: Option<String>,
}

impl Terms {
    /// Reads the terms of a request.
    pub(crate) fn new(
        operations: &[GrantOperation],
        constraints: Option<&GrantConstraints>,
    ) -> Result<Self> {
        if operations.is_empty() {
            return Err(validation("Operations must not be empty."));
        }
        let mut operations: Vec<String> = operations
            .iter()
            .map(|operation| operation.as_str().to_owned())
            .collect();
        operations.sort_unstable();
        operations.dedup();
        let pairs = |entries: Option<&Entries<String>>| entries.map(sorted).transpose();
        Ok(Self {
            operations,
            subset: pairs(constraints.and_then(|it| it.encryption_context_subset.as_ref()))?,
            equals: pairs(constraints.and_then(|it| it.encryption_context_equals.as_ref()))?,
            source_arn: constraints.and_then(|it| it.source_arn.clone()),
        })
    }

    /// Whether `operation` is among the operations.
    pub(crate) fn include(&self, operation: GrantOperation) -> bool {
        self.operations
            .iter()
            .any(|name| name == operation.as_str())
    }

    /// Whether a call with this encryption context keeps the constraints on it.
    pub(crate) fn accept_context(&self, context: &[(String, String)]) -> bool {
        let subset = self.subset.as_ref();
        let equals = self.equals.as_ref();
        subset.is_none_or(|pairs| includes(context, pairs))
            && equals.is_none_or(|pairs| is_same(context, pairs))
    }

    /// Whether `self` permits nothing that `other` does not: what somebody may pass on whose
    /// permission to create grants comes from the grant with the terms `other` (AWS KMS developer
    /// guide, "Granting CreateGrant permission").
    pub(crate) fn are_within(&self, other: &Self) -> bool {
        let mut operations = self.operations.iter();
        let source = other.source_arn.as_ref();
        operations.all(|name| other.operations.contains(name))
            && source.is_none_or(|_| self.source_arn.as_ref() == source)
            && other.equals.as_ref().is_none_or(|required| {
                let own = self.equals.as_ref();
                own.is_some_and(|own| is_same(own, required))
            })
            && other.subset.as_ref().is_none_or(|required| {
                let mut own = self.subset.iter().chain(&self.equals);
                own.any(|own| includes(own, required))
            })
    }

    /// The names of the constraints, as `kms:GrantConstraintType` gives them.
    pub(crate) fn constraint_types(&self) -> impl Iterator<Item = &'static str> {
        let types = [
            (self.equals.is_some(), "EncryptionContextEquals"),
            (self.subset.is_some(), "EncryptionContextSubset"),
            (self.source_arn.is_some(), "SourceArn"),
        ];
        types
            .into_iter()
            .filter_map(|(is_set, name)| is_set.then_some(name))
    }

    /// The pairs of the constraints on encryption contexts; none where there is no constraint.
    pub(crate) fn context_pairs(&self) -> Option<impl Iterator<Item = &(String, String)>> {
        let has_any = self.subset.is_some() || self.equals.is_some();
        let pairs = self.subset.iter().chain(&self.equals).flatten();
        has_any.then_some(pairs)
    }

    /// Everything that the terms say, as texts in a fixed order.
    pub(crate) fn parts(&self) -> impl Iterator<Item = String> {
        let constraint = |pairs: Option<&Pairs>| {
            let count = pairs.map_or_else(String::new, |pairs| pairs.len().to_string());
            let pairs = pairs.into_iter().flatten();
            let texts = pairs.flat_map(|(key, value)| [key.clone(), value.clone()]);
            std::iter::once(count).chain(texts).collect::<Vec<_>>()
        };
        let source = self.source_arn.clone().unwrap_or_default();
        let contexts = [
            constraint(self.subset.as_ref()),
            constraint(self.equals.as_ref()),
        ];
        let operations = self.operations.clone().into_iter();
        std::iter::once(source)
            .chain(contexts.into_iter().flatten())
            .chain(operations)
    }

    /// The constraints as the API shows them.
    pub(crate) fn shown_constraints(&self) -> Option<GrantConstraints> {
        self.constraint_types().next()?;
        Some(GrantConstraints {
            encryption_context_subset: self.subset.clone().map(Entries),
            encryption_context_equals: self.equals.clone().map(Entries),
            source_arn: self.source_arn.clone(),
        })
    }
}

fn sorted(entries: &Entries<String>) -> Result<Pairs> {
    let lengths = entries
        .iter()
        .map(|(key, value)| key.chars().count() + value.chars().count());
    if entries.len() > MAX_PAIRS || lengths.sum::<usize>() > MAX_LENGTH {
        return Err(validation(format!(
            "A grant constraint can have at most {MAX_PAIRS} encryption context pairs of together \
             {MAX_LENGTH} characters."
        )));
    }
    let mut pairs = entries.to_vec();
    pairs.sort_unstable();
    Ok(pairs)
}

/// Whether `context` has all of `pairs`. In constraints, case counts in values and not in keys.
fn includes(context: &[(String, String)], pairs: &[(String, String)]) -> bool {
    let has = |(key, value): &(String, String)| {
        let key = key.to_lowercase();
        context
            .iter()
            .any(|(known, set)| set == value && known.to_lowercase() == key)
    };
    pairs.iter().all(has)
}

fn is_same(one: &[(String, String)], two: &[(String, String)]) -> bool {
    one.len() == two.len() && includes(one, two) && includes(two, one)
}

#[cfg(test)]
#[path = "grant_constraints_tests.rs"]
mod tests;
