//! CloudTrail through the whole pipeline.

#![expect(
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "this is all test code: a surprise fails the test"
)]

mod house;
mod lookups;
mod selectors;
mod texts;
mod trails;
