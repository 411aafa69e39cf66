//! Values that are derived from a record when first needed and live as long as it does.

use std::sync::OnceLock;

/// A derived value. It is not part of the record: a copy of the record derives its own, so that
/// nothing derived outlives a change, and a secret is never copied.
pub struct Derived<T>(OnceLock<T>);

impl<T> Derived<T> {
    /// The value, made by `make` the first time.
    pub fn get_or_make<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        match self.0.get() {
            Some(value) => Ok(value),
            None => {
                let value = make()?;
                Ok(self.0.get_or_init(|| value))
            }
        }
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
    fn makes_once_keeps_no_failure_and_is_not_copied() {
        let derived = Derived::default();
        assert_eq!(derived.get_or_make(|| Err::<u8, _>("no")), Err("no"));
        assert_eq!(derived.get_or_make(|| Ok::<u8, ()>(1)), Ok(&1));
        assert_eq!(derived.get_or_make(|| Ok::<u8, ()>(2)), Ok(&1));
        assert_eq!(derived.clone().get_or_make(|| Ok::<u8, ()>(3)), Ok(&3));
    }
}
