//! KMS through the whole pipeline: signed requests in, AWS's answers out. Tests are named after
//! the row of the acceptance list that they show.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is all test code: a surprise fails the test"
)]

mod access;
mod agreement;
mod aliases;
mod ciphertexts;
mod conditions;
mod data_keys;
mod deletion;
mod encapsulation;
mod grant_chains;
mod grant_constraints;
mod grant_endings;
mod grant_lists;
mod grant_terms;
mod grants;
mod house;
mod journal;
mod key_pairs;
mod keys;
mod kinds;
mod last_usage;
mod lockout;
mod macs;
mod managed_keys;
mod oaep;
mod paging;
mod policies;
mod public_keys;
mod races;
mod rotation;
mod signing;
mod spoofing;
mod starvation;
mod states;
mod tags;
mod via_service;
