//! Passwords of users of real databases: logging in, setting a new password, and cloning a user that
//! takes turns with another one.
//!
//! It speaks as much of each protocol as that takes, over connections that it is given ([`Network`]).
//! What a server sends is bounded before it is read and never trusted. Where a protocol allows it, a
//! server gets a verifier of a new password and not the password, so that none of its logs has it.
//!
//! What it never does: open a connection itself, read a clock or draw randomness of its own, log,
//! show a password or a server's text in an error, send a password in clear over a connection
//! without TLS where the protocol knows another way, or know anything of AWS.

mod bytes;
mod failure;
mod login;
mod mysql;
mod network;
mod postgres;
mod proof;
mod redis;
mod rotation;
mod session;
mod sqlserver;

pub use failure::Failure;
pub use login::{Engine, Login, Tls, counterpart};
pub use network::{Network, Opening, Stream};
pub use rotation::{How, Rotation, set_password, test};
