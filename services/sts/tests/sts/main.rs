//! Every operation through the whole pipeline.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "this is all test code: a surprise fails the test"
)]

mod assume_role;
mod assume_root;
mod authorization_message;
mod caller_identity;
mod chaining;
mod federation_token;
mod house;
mod identity_provider;
mod minting;
mod policies;
mod saml;
mod saml_sessions;
mod saml_signatures;
mod session_token;
mod tokens;
mod web_identity;
mod web_identity_token;
