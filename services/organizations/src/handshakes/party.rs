//! From the id of a request to a handshake that the caller's account has a part in.

use std::borrow::Cow;
use std::sync::Arc;

use api::organizations::{
    HandshakeAlreadyInStateException, HandshakeNotFoundException,
    InvalidHandshakeTransitionException,
};
use platform::{Authorized, Ctx, Error, Resource, Result};

use crate::accounts::known;
use crate::handshakes::record::{Asked, HandshakeRecord, State};
use crate::refusals;

/// A handshake by its id, before it is known whether the caller may touch it. One that the caller's
/// account has no part in is absent.
pub(super) struct Party {
    arn: String,
    account: String,
    found: Option<Arc<HandshakeRecord>>,
    /// Whether the caller's account sent it.
    is_sender: bool,
    /// Whether the caller's account is asked.
    is_asked: bool,
}

impl Resource for Party {
    fn arn(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.arn)
    }

    fn account(&self) -> &str {
        &self.account
    }
}

/// Decides whether the caller may perform `action` on the handshake of this id.
pub(super) async fn permit(ctx: &Ctx, action: &'static str, id: &str) -> Result<Authorized<Party>> {
    let account = ctx.account().to_owned();
    let mut party = Party {
        arn: format!("arn:aws:organizations::{account}:handshake/o-*/*/{id}"),
        account,
        found: None,
        is_sender: false,
        is_asked: false,
    };
    if let Some(handshake) = HandshakeRecord::find(ctx, id).await? {
        let own = handshake.management_account == party.account;
        party.is_sender = own;
        party.is_asked = match &handshake.asked {
            Asked::Account(number) => *number == party.account,
            Asked::Email(email) => {
                let known = known::of(ctx, ctx.account()).await?;
                known.email.to_lowercase() == *email
            }
            Asked::Organization => own,
        };
        if party.is_sender || party.is_asked {
            party.arn = handshake.arn();
            party.found = Some(handshake);
        }
    }
    ctx.authorize(action, party).decide().await
}

impl Party {
    /// The handshake, for whoever sent it or is asked.
    pub(super) fn handshake(permitted: &Authorized<Self>) -> Result<&Arc<HandshakeRecord>> {
        permitted.found.as_ref().ok_or_else(|| {
            HandshakeNotFoundException::new("You specified a handshake that doesn't exist.").into()
        })
    }

    /// The handshake, for whoever is asked.
    pub(super) fn asked(permitted: &Authorized<Self>) -> Result<&Arc<HandshakeRecord>> {
        let handshake = Self::handshake(permitted)?;
        let asked = permitted.is_asked.then_some(handshake);
        asked.ok_or_else(refusals::not_for_members)
    }

    /// The handshake, for whoever sent it.
    pub(super) fn sent(permitted: &Authorized<Self>) -> Result<&Arc<HandshakeRecord>> {
        let handshake = Self::handshake(permitted)?;
        let sent = permitted.is_sender.then_some(handshake);
        sent.ok_or_else(refusals::not_for_members)
    }
}

/// Refuses to bring a handshake into `state` that has ended.
pub(super) fn check_pending(
    ctx: &Ctx,
    handshake: &HandshakeRecord,
    state: State,
) -> Result<(), Error> {
    if handshake.is_pending(ctx.now) {
        return Ok(());
    }
    if handshake.state == state {
        let message = "The specified handshake is already in the requested state.";
        return Err(HandshakeAlreadyInStateException::new(message).into());
    }
    let message = "You can't perform the operation on the handshake in its current state.";
    Err(InvalidHandshakeTransitionException::new(message).into())
}
