//! KMS through the whole pipeline: signed requests in, AWS's answers out. Tests are named after
//! the row of the acceptance list that they show.

mod access;
mod aliases;
mod ciphertexts;
mod deletion;
mod house;
mod keys;
mod paging;
mod policies;
mod states;
mod tags;
