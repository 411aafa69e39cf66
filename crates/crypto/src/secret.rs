//! A box for values that must not leak.

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

/// A value that is zeroized on drop and has no `Debug`, `Clone` or `Serialize`.
pub struct Secret<T: Zeroize>(Zeroizing<T>);

/// Secret bytes of any length, such as a plaintext that KMS returns.
pub type SecretBytes = Secret<Vec<u8>>;

impl<T: Zeroize> Secret<T> {
    /// Takes ownership of `value`. The caller keeps no other copy.
    pub fn new(value: T) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The value itself. Keep the borrow short.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize + AsRef<[u8]>> Secret<T> {
    /// Compares with `other` in time that depends on the lengths alone.
    pub fn ct_eq(&self, other: &[u8]) -> bool {
        self.0.as_ref().ct_eq(other).into()
    }
}

impl<T: Zeroize> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Zeroize> From<Zeroizing<T>> for Secret<T> {
    fn from(value: Zeroizing<T>) -> Self {
        Self(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_contents_and_lengths() {
        let secret = SecretBytes::new(b"open sesame".to_vec());
        assert!(secret.ct_eq(b"open sesame"));
        assert!(!secret.ct_eq(b"open sesamf"));
        assert!(!secret.ct_eq(b"open sesam"));
        assert_eq!(secret.expose(), b"open sesame");
    }
}
