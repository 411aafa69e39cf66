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
mod attestation;
mod attributes;
mod ciphertexts;
mod condition_cases;
mod condition_keys;
mod conditions;
mod contexts;
mod data_keys;
mod deletion;
mod encapsulation;
mod enclave;
mod erasure;
mod events;
mod grant_chains;
mod grant_constraints;
mod grant_endings;
mod grant_lists;
mod grant_terms;
mod grants;
mod house;
mod import;
mod import_china;
mod import_expiry;
mod import_kinds;
mod import_races;
mod import_rotation;
mod import_states;
mod import_tokens;
mod journal;
mod key_pairs;
mod keys;
mod kinds;
mod last_usage;
mod lifecycle;
mod lockout;
mod macs;
mod managed_keys;
mod multi_region;
mod multi_region_access;
mod multi_region_endings;
mod multi_region_import;
mod multi_region_rotation;
mod multi_region_states;
mod oaep;
mod paging;
mod pinned;
mod policies;
mod public_keys;
mod quotas;
mod races;
mod rotation;
mod signing;
mod sm2;
mod spoofing;
mod starvation;
mod states;
mod tags;
mod vectors;
mod via_service;
