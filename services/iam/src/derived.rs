//! What is computed from a record and kept with it.

use std::sync::OnceLock;

/// A place for something that is expensive to compute from the record around it.
///
/// A clone is empty: a record is cloned to be changed, and what was computed from the old one must
/// not outlive it.
pub(crate) struct Derived<T>(OnceLock<T>);

impl<T: Clone> Derived<T> {
    /// The value, computed by `make` unless it is there already.
    pub(crate) fn get_or<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        if let Some(known) = self.0.get() {
            return Ok(known.clone());
        }
        let made = make()?;
        Ok(self.0.get_or_init(|| made).clone())
    }
}

impl<T> Default for Derived<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<T> Clone for Derived<T> {
    fn clone(&self) -> Self {
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::Derived;

    #[test]
    fn computes_once_and_forgets_when_cloned() {
        let place = Derived::<u32>::default();
        assert_eq!(place.get_or(|| Err("no")), Err("no"));
        assert_eq!(place.get_or(|| Ok::<_, ()>(1)), Ok(1));
        assert_eq!(place.get_or(|| Ok::<_, ()>(2)), Ok(1));
        assert_eq!(place.clone().get_or(|| Ok::<_, ()>(3)), Ok(3));
    }
}
