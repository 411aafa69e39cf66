//! Counting what passed and failed, from the summaries that test runners print.

use std::ops::AddAssign;

/// Reads one line of a runner's output.
pub(crate) type Parse = fn(&str) -> Option<Counts>;

/// How many tests or checks passed, failed and were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Counts {
    /// One that passed.
    pub(crate) const PASSED: Self = Self {
        passed: 1,
        failed: 0,
        skipped: 0,
    };
    /// One that failed.
    pub(crate) const FAILED: Self = Self {
        passed: 0,
        failed: 1,
        skipped: 0,
    };
}

impl AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        self.passed += more.passed;
        self.failed += more.failed;
        self.skipped += more.skipped;
    }
}

/// `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; ..`
pub(crate) fn cargo(line: &str) -> Option<Counts> {
    line.starts_with("test result: ").then(|| words(line))
}

/// `==== 1 failed, 120 passed, 2 skipped, 1 error in 12.34s ====`
pub(crate) fn pytest(line: &str) -> Option<Counts> {
    let is_last = line.starts_with('=') && line.contains(" in ") && line.trim_end().ends_with('=');
    is_last.then(|| words(line))
}

/// `# pass 8`, `# fail 0`, `# cancelled 0`, `# skipped 0`, each on a line of its own.
pub(crate) fn node(line: &str) -> Option<Counts> {
    let (word, number) = line.strip_prefix("# ")?.split_once(' ')?;
    Some(count(word, number.parse().ok()?))
}

/// `fuzz target json: passed, ..`
pub(crate) fn fuzz(line: &str) -> Option<Counts> {
    let (_, outcome) = line.strip_prefix("fuzz target ")?.split_once(": ")?;
    Some(count(outcome.split([',', ' ']).next()?, 1))
}

/// Adds up every number that stands before a word that says what it counts.
fn words(line: &str) -> Counts {
    let mut counts = Counts::default();
    let words: Vec<&str> = line
        .split([' ', ',', ';', '='])
        .filter(|word| !word.is_empty())
        .collect();
    for pair in words.windows(2) {
        if let [number, word] = pair
            && let Ok(number) = number.parse()
        {
            counts += count(word, number);
        }
    }
    counts
}

fn count(word: &str, number: u64) -> Counts {
    let mut counts = Counts::default();
    match word {
        "passed" | "pass" => counts.passed = number,
        "failed" | "fail" | "error" | "errors" | "cancelled" => counts.failed = number,
        "ignored" | "skipped" => counts.skipped = number,
        _ => {}
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::{Counts, Parse, cargo, fuzz, node, pytest};

    #[test]
    fn summaries_are_read() {
        let cases: [(Parse, &str, (u64, u64, u64)); 9] = [
            (
                cargo,
                "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.00s",
                (12, 0, 1),
            ),
            (
                cargo,
                "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured",
                (3, 2, 0),
            ),
            (
                pytest,
                "===== 1 failed, 120 passed, 2 skipped, 1 error in 12.34s =====",
                (120, 2, 2),
            ),
            (
                pytest,
                "=========== 7 passed in 100.00s (0:01:40) ===========",
                (7, 0, 0),
            ),
            (node, "# pass 8", (8, 0, 0)),
            (node, "# fail 2", (0, 2, 0)),
            (node, "# cancelled 1", (0, 1, 0)),
            (fuzz, "fuzz target json: passed, 100 runs", (1, 0, 0)),
            (
                fuzz,
                "fuzz target json: failed, see target/fuzz/artifacts",
                (0, 1, 0),
            ),
        ];
        for (parse, line, (passed, failed, skipped)) in cases {
            assert_eq!(
                parse(line),
                Some(Counts {
                    passed,
                    failed,
                    skipped
                }),
                "{line}"
            );
        }
    }

    #[test]
    fn other_lines_count_nothing() {
        for parse in [cargo, pytest, node, fuzz] {
            for line in [
                "",
                "test a::b ... ok",
                "=== FAILURES ===",
                "3 passed",
                "# Subtest: pass 3",
            ] {
                assert_eq!(parse(line).unwrap_or_default(), Counts::default(), "{line}");
            }
        }
    }
}
