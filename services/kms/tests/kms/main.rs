//! KMS through the whole pipeline: signed requests in, AWS's answers out. Tests are named after
//! the row of the acceptance list that they show.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is all test code: a surprise fails the test"
)]

mod access;
mod aliases;
mod ciphertexts;
mod conditions;
mod data_keys;
mod deletion;
mod house;
mod journal;
mod keys;
mod lockout;
mod paging;
mod policies;
mod races;
mod spoofing;
mod states;
mod tags;
