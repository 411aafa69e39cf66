//! The crypto crate.
