//! Repeatable randomness.

/// SplitMix64 (Steele, Lea and Flood, 2014). Good enough to draw cases.
pub(crate) struct Random(u64);

impl Random {
    /// The same set of the same seed is always the same.
    pub(crate) fn new(seed: u64, set: u64) -> Self {
        let mut random = Self(seed ^ set.wrapping_mul(0xD1B5_4A32_D192_ED03));
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not zero.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).unwrap_or(1);
        usize::try_from(self.next() % bound).unwrap_or(0)
    }

    /// True in `percent` of 100 cases.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of `list`, which is not empty.
    pub(crate) fn pick<T: Copy>(&mut self, list: &[T]) -> Option<T> {
        list.get(self.below(list.len())).copied()
    }

    /// One of `list`; the empty text if there is none.
    pub(crate) fn text<'a>(&mut self, list: &[&'a str]) -> &'a str {
        self.pick(list).unwrap_or("")
    }
}
