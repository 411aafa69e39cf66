//! `organizations:InviteAccountToOrganization`: asks an account to join. The answer is the same
//! whether or not there is such an account.

use api::organizations::{
    DuplicateHandshakeException, HandshakeParty, HandshakePartyType,
    InviteAccountToOrganizationRequest, InviteAccountToOrganizationResponse,
};
use platform::{Ctx, Result};

use crate::access::{About, Reach, permit};
use crate::handshakes::accept_handshake::already_inside;
use crate::handshakes::record::{Action, Asked, HandshakeRecord};
use crate::handshakes::{all_features, lists};
use crate::organization::tree::MAX_ACCOUNTS;
use crate::{refusals, tags};

/// How long an invitation is open, in milliseconds.
const OPEN_MILLIS: i64 = 15 * 24 * 60 * 60 * 1000;

pub(crate) async fn invite_account_to_organization(
    ctx: &Ctx,
    req: InviteAccountToOrganizationRequest,
) -> Result<InviteAccountToOrganizationResponse> {
    let tags = tags::pairs(req.tags);
    let named = (req.target.r#type == HandshakePartyType::Account).then_some(&req.target.id);
    let about = About {
        id: named.map(|id| id.as_str()),
        tags: &tags,
        ..About::everything()
    };
    let action = "organizations:InviteAccountToOrganization";
    let permitted = permit(ctx, action, Reach::Management, about).await?;
    tags::permit_giving(ctx, &tags).await?;
    tags::check(&tags)?;
    let organization = permitted.organization();
    let asked = asked(&req.target)?;
    if matches!(&asked, Asked::Account(number) if organization.accounts.contains_key(number)) {
        return Err(already_inside());
    }
    if organization.accounts.len() >= MAX_ACCOUNTS {
        return Err(refusals::handshake_constraint(
            "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
            refusals::TOO_MANY_ACCOUNTS,
        ));
    }
    let sent = lists::sent(ctx, organization).await?;
    let mut pending = sent.iter().filter(|one| one.is_pending(ctx.now));
    if pending.clone().any(|one| one.action != Action::Invite) {
        return Err(refusals::handshake_constraint(
            "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES",
            "You can't issue new invitations while the organization is in the process of \
             enabling all features.",
        ));
    }
    if pending.any(|one| one.asked == asked) {
        let message = "A handshake with the same action and target already exists.";
        return Err(DuplicateHandshakeException::new(message).into());
    }
    let handshake = all_features::new(ctx, organization, (Action::Invite, asked), OPEN_MILLIS);
    let handshake = HandshakeRecord {
        notes: req.notes.map(|notes| notes.to_string()),
        tags,
        ..handshake.await?
    };
    let shown = handshake.shown(ctx.now);
    lists::add(ctx, handshake).await;
    Ok(InviteAccountToOrganizationResponse {
        handshake: Some(shown),
    })
}

fn asked(target: &HandshakeParty) -> Result<Asked> {
    let id = target.id.as_str();
    let is_number = id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit());
    match target.r#type {
        HandshakePartyType::Account if is_number => Ok(Asked::Account(id.to_owned())),
        HandshakePartyType::Account => Err(refusals::bad_pattern()),
        HandshakePartyType::Email if is_email(id) => Ok(Asked::Email(id.to_lowercase())),
        HandshakePartyType::Email => Err(refusals::invalid(
            "INVALID_EMAIL_ADDRESS_TARGET",
            "You specified an invalid email address for the invited account owner.",
        )),
        HandshakePartyType::Organization => Err(refusals::invalid(
            "INVALID_PARTY_TYPE_TARGET",
            "You specified the wrong type of entity (account, organization, or email) as a party.",
        )),
    }
}

fn is_email(text: &str) -> bool {
    let is_sound = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace);
    text.split_once('@').is_some_and(|(name, domain)| {
        is_sound(name) && is_sound(domain) && domain.contains('.') && !domain.contains('@')
    })
}
