//! A quick look at whether a statement can name an action at all.
//!
//! Most statements of most policies are about other actions. The service and
//! the first letters of each action that a statement names are hashed to a bit;
//! a request whose bit is not among them needs no closer look.

/// Letters of an action's name that count.
const LETTERS: usize = 3;

/// The bits of a statement's actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Prefixes(u64);

/// The bit of one action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Prefix(u64);

impl Prefixes {
    /// Admits every action.
    pub(crate) const ALL: Self = Self(u64::MAX);

    /// Of the values of an `Action` element, which may have wildcards.
    pub(crate) fn of(patterns: &[&str]) -> Self {
        let bits = patterns.iter().map(|pattern| {
            let start = start(pattern);
            if start.contains(['*', '?']) {
                u64::MAX
            } else {
                bit(start)
            }
        });
        Self(bits.fold(0, |all, one| all | one))
    }

    /// False only if no pattern matches the action.
    pub(crate) fn admit(self, action: Prefix) -> bool {
        self.0 & action.0 != 0
    }
}

impl Prefix {
    /// Of the action that is asked for.
    pub(crate) fn of(action: &str) -> Self {
        Self(bit(start(action)))
    }
}

/// Service and first letters, or all of it.
fn start(action: &str) -> &str {
    let name = action.find(':').map_or(0, |colon| colon + 1);
    action.get(..name + LETTERS).unwrap_or(action)
}

/// FNV-1a without regard to case; a last multiplication (Fibonacci hashing)
/// spreads the last letter over the six bits that choose one of 64.
fn bit(start: &str) -> u64 {
    let hash = start.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    });
    1 << (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::ActionPattern;
    use proptest::prelude::*;

    fn admits(pattern: &str, action: &str) -> bool {
        Prefixes::of(&[pattern]).admit(Prefix::of(action))
    }

    #[test]
    fn other_services_and_names_are_turned_away() {
        assert!(admits("kms:Decrypt", "KMS:decrypt"));
        assert!(!admits("kms:Decrypt", "kms:DescribeKey"));
        assert!(!admits("s3:Get*", "kms:GetKeyPolicy"));
        assert!(Prefixes::of(&["s3:Get*", "kms:Dec*"]).admit(Prefix::of("kms:Decrypt")));
        let alike = Prefixes::of(&["s3:GetObject", "s3:GetObjectAcl"]);
        assert!(alike.admit(Prefix::of("s3:GetObject")));
        assert!(!Prefixes::of(&[]).admit(Prefix::of("kms:Decrypt")));
        assert!(Prefixes::ALL.admit(Prefix::of("kms:Decrypt")));
    }

    #[test]
    fn early_wildcards_admit_everything() {
        for pattern in ["*", "*:*", "kms:*", "kms:De*", "kms:D?crypt"] {
            assert_eq!(Prefixes::of(&[pattern]), Prefixes::ALL, "{pattern}");
        }
        assert_ne!(Prefixes::of(&["kms:Dec*"]), Prefixes::ALL);
    }

    proptest! {
        #[test]
        fn no_match_is_turned_away(
            pattern in "(kms|s3|k3):[abAB*?]{1,5}", action in "(kms|KMS|s3|k3):[abAB]{1,5}"
        ) {
            let matches = ActionPattern::parse(&pattern).unwrap().matches(&action);
            prop_assert!(!matches || admits(&pattern, &action));
        }
    }
}
