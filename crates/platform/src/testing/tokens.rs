//! Session tokens by themselves, for the fuzzer.

use crypto::{Keyring, Random};

use crate::caller::Caller;
use crate::fault::Result;
use crate::session::{self, Issued, Sessions};

/// Issues and opens session tokens.
pub struct Tokens {
    keyring: Keyring,
    sessions: Sessions,
}

impl Tokens {
    /// Tokens that are sealed under this keyring.
    pub fn new(keyring: Keyring) -> Self {
        let sessions = Sessions::new(&keyring);
        Self { keyring, sessions }
    }

    /// Temporary credentials of `caller`.
    pub fn issue(&self, caller: Caller, random: &dyn Random) -> Result<Issued> {
        session::issue(caller, 0, &self.keyring, random)
    }

    /// Whom a token is for, if it opens with this access key.
    pub fn open(&self, access_key_id: &str, token: &str) -> Option<Caller> {
        let credential = self.sessions.open(access_key_id, token)?;
        Some(Caller::clone(&credential.caller))
    }

    /// The account that the id of a temporary access key carries.
    pub fn account_in(access_key_id: &str) -> Option<String> {
        session::account_in(access_key_id)
    }
}
