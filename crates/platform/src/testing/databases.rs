//! Databases, as far as tests need them: they know users with passwords, and fail where a script says so.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::databases::{DatabaseFuture, Databases, Failure, How, Login, Rotation};

/// One server for each host, whatever the port, which knows whom [`ScriptedDatabases::add_user`] named.
#[derive(Default)]
pub struct ScriptedDatabases(Mutex<State>);

#[derive(Default)]
struct State {
    /// Passwords by host and user.
    users: BTreeMap<(String, String), String>,
    script: VecDeque<Turn>,
    calls: Vec<String>,
}

/// What the next call meets with.
enum Turn {
    Fails(Failure),
    /// It does what it should, and the answer gets lost.
    IsInterrupted(Failure),
}

impl ScriptedDatabases {
    /// Lets the server at `host` know a user.
    pub fn add_user(&self, host: &str, username: &str, password: &str) {
        let user = (host.to_owned(), username.to_owned());
        self.state().users.insert(user, password.to_owned());
    }

    /// Whether the server at `host` lets a user in with a password.
    pub fn accepts(&self, host: &str, username: &str, password: &str) -> bool {
        let user = (host.to_owned(), username.to_owned());
        self.state()
            .users
            .get(&user)
            .is_some_and(|it| it == password)
    }

    /// The next call that no earlier script is for fails and does nothing.
    pub fn fail(&self, failure: Failure) {
        self.state().script.push_back(Turn::Fails(failure));
    }

    /// The next call that no earlier script is for does what it should and fails nevertheless.
    pub fn interrupt(&self, failure: Failure) {
        self.state().script.push_back(Turn::IsInterrupted(failure));
    }

    /// What was called since this was asked last: `set app` or `test app`, with the user's name.
    pub fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.state().calls)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take_turn(
        &mut self,
        call: String,
        work: impl FnOnce(&mut Self) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.calls.push(call);
        match self.script.pop_front() {
            Some(Turn::Fails(failure)) => Err(failure),
            Some(Turn::IsInterrupted(failure)) => work(self).and(Err(failure)),
            None => work(self),
        }
    }

    fn enter(&self, login: &Login) -> Result<(), Failure> {
        let user = (login.host.clone(), login.username.clone());
        let known = self.users.get(&user);
        match known.is_some_and(|password| password == login.password.expose()) {
            true => Ok(()),
            false => Err(Failure::Denied),
        }
    }

    fn set(&mut self, rotation: &Rotation) -> Result<(), Failure> {
        let pending = &rotation.pending;
        if self.enter(pending).is_ok() {
            return Ok(());
        }
        match (&rotation.how, &rotation.previous) {
            (How::Alternating(superuser), _) => {
                self.enter(&rotation.current)?;
                self.enter(superuser)?;
            }
            (How::Single, Some(previous)) => {
                self.enter(&rotation.current)
                    .or_else(|_| self.enter(previous))?;
            }
            (How::Single, None) => self.enter(&rotation.current)?,
        }
        let user = (pending.host.clone(), pending.username.clone());
        self.users.insert(user, pending.password.expose().clone());
        Ok(())
    }
}

impl Databases for ScriptedDatabases {
    fn set_password(&self, rotation: Rotation) -> DatabaseFuture<'_> {
        let call = format!("set {}", rotation.pending.username);
        let done = self.state().take_turn(call, |state| state.set(&rotation));
        Box::pin(std::future::ready(done))
    }

    fn test(&self, login: Login) -> DatabaseFuture<'_> {
        let call = format!("test {}", login.username);
        let done = self.state().take_turn(call, |state| state.enter(&login));
        Box::pin(std::future::ready(done))
    }
}
