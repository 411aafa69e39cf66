//! Passwords in databases of others: managed rotation sets and tests them without a function.
//!
//! A port, since it is I/O. Jobs use it, handlers never do, for the reasons of `Outbound`.
//! Who implements it decides which addresses may be reached.

use std::future::Future;
use std::pin::Pin;

pub use ::databases::{Engine, Failure, How, Login, Rotation, Tls, counterpart};

/// A future of a change or a test.
pub type DatabaseFuture<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>>;

/// Changes and tests passwords.
pub trait Databases: Send + Sync {
    /// Makes the pending login of `rotation` one that works. Done again, whatever interrupted it
    /// the first time, it has the same outcome; where the login works already, nothing is done.
    fn set_password(&self, rotation: Rotation) -> DatabaseFuture<'_>;

    /// Logs in once.
    fn test(&self, login: Login) -> DatabaseFuture<'_>;
}

/// No database can be reached.
pub struct NoDatabases;

impl Databases for NoDatabases {
    fn set_password(&self, _: Rotation) -> DatabaseFuture<'_> {
        Box::pin(std::future::ready(Err(Failure::Refused)))
    }

    fn test(&self, _: Login) -> DatabaseFuture<'_> {
        Box::pin(std::future::ready(Err(Failure::Refused)))
    }
}
