//! Setting a new password, so that doing it again after an interruption does no harm
//! (AWS Secrets Manager, "Lambda function rotation strategies").

use crypto::Random;

use crate::failure::Failure;
use crate::login::{Login, counterpart};
use crate::network::Network;
use crate::session::Session;

/// A user's password that is to change.
pub struct Rotation {
    /// What shall be good from now on.
    pub pending: Login,
    /// What is good now.
    pub current: Login,
    /// What was good before, if that is known.
    pub previous: Option<Login>,
    /// Who sets it.
    pub how: How,
}

/// Who sets a new password, and whose.
pub enum How {
    /// The user sets their own.
    Single,
    /// Two users take turns: the one whose turn it is gets the new password, and is made as a clone
    /// of the other one if there is none yet. This login may do that.
    Alternating(Box<Login>),
}

/// Makes `pending` of `rotation` a login that works. If it works already, nothing is done.
pub async fn set_password(
    network: &dyn Network,
    random: &dyn Random,
    rotation: &Rotation,
) -> Result<(), Failure> {
    check(rotation)?;
    match enter(network, random, &rotation.pending).await {
        Ok(_) => return Ok(()),
        Err(Failure::Denied) => {}
        Err(failure) => return Err(failure),
    }
    let changed = async {
        match &rotation.how {
            How::Single => set_own(network, random, rotation).await,
            How::Alternating(superuser) => set_other(network, random, rotation, superuser).await,
        }
    };
    let changed = tokio::time::timeout(4 * network.patience(), changed).await;
    changed.unwrap_or(Err(Failure::TimedOut))
}

/// Logs in, and asks the server for something that every user may ask for.
pub async fn test(
    network: &dyn Network,
    random: &dyn Random,
    login: &Login,
) -> Result<(), Failure> {
    login.check()?;
    let mut session = enter(network, random, login).await?;
    let asked = tokio::time::timeout(network.patience(), session.ask());
    asked.await.unwrap_or(Err(Failure::TimedOut))
}

async fn set_own(
    network: &dyn Network,
    random: &dyn Random,
    rotation: &Rotation,
) -> Result<(), Failure> {
    let (mut session, login) = match enter(network, random, &rotation.current).await {
        Ok(session) => (session, &rotation.current),
        Err(Failure::Denied) => match former(rotation) {
            Some(previous) => (enter(network, random, previous).await?, previous),
            None => return Err(Failure::Denied),
        },
        Err(failure) => return Err(failure),
    };
    session
        .set_own_password(random, login, &rotation.pending)
        .await
}

/// The previous login, if it is of the same user and server: a change that was interrupted before its
/// labels moved may have left it good.
fn former(rotation: &Rotation) -> Option<&Login> {
    let pending = &rotation.pending;
    let same = |it: &&Login| it.username == pending.username && it.is_beside(pending);
    rotation.previous.as_ref().filter(same)
}

/// The current login must work: whoever has lost it must not get a clone of its user.
async fn set_other(
    network: &dyn Network,
    random: &dyn Random,
    rotation: &Rotation,
    superuser: &Login,
) -> Result<(), Failure> {
    let current = &rotation.current;
    enter(network, random, current).await?;
    let mut session = enter(network, random, superuser).await?;
    session
        .set_or_clone(random, &current.username, &rotation.pending)
        .await
}

async fn enter(
    network: &dyn Network,
    random: &dyn Random,
    login: &Login,
) -> Result<Session, Failure> {
    let entered = tokio::time::timeout(network.patience(), Session::enter(network, random, login));
    entered.await.unwrap_or(Err(Failure::TimedOut))
}

/// All logins are of one server, and of the users that the strategy is for.
fn check(rotation: &Rotation) -> Result<(), Failure> {
    let Rotation {
        pending,
        current,
        how,
        ..
    } = rotation;
    let wrong = |text: &str| Err(Failure::Login(text.to_owned()));
    let superuser = match how {
        How::Single => None,
        How::Alternating(superuser) => Some(&**superuser),
    };
    let known = [Some(pending), Some(current), superuser];
    for login in known.into_iter().flatten() {
        login.check()?;
        if !login.is_beside(pending) {
            return wrong("the logins are not of the same database server");
        }
    }
    match how {
        How::Single if current.username != pending.username => {
            wrong("the new password is not for the same user")
        }
        How::Alternating(_)
            if counterpart(current.engine, &current.username)? != pending.username =>
        {
            wrong("the new user name is not the one whose turn it is")
        }
        How::Single | How::Alternating(_) => Ok(()),
    }
}
