//! Amazon SQS beside KMS, through the whole pipeline.

#![expect(
    clippy::indexing_slicing,
    reason = "this is all test code: a surprise fails the test"
)]

mod encryption;
mod house;
