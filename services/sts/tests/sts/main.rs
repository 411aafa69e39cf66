//! Every operation through the whole pipeline.

mod assume_role;
mod assume_root;
mod authorization_message;
mod caller_identity;
mod chaining;
mod federation_token;
mod house;
mod minting;
mod policies;
mod session_token;
mod tokens;
