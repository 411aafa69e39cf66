//! Which handshakes an organization sent and an account received.

use std::sync::Arc;

use api::organizations::{Handshake, HandshakeFilter};
use platform::{Ctx, Error, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};

use crate::accounts::known;
use crate::handshakes::record::{Asked, HandshakeRecord};
use crate::organization::record::OrganizationRecord;
use crate::page::{Paged, Wanted, page};

/// How long a handshake that ended is shown, in milliseconds.
const SHOWN_MILLIS: i64 = 30 * 24 * 60 * 60 * 1000;

/// One line of a list of handshakes.
#[derive(Serialize, Deserialize)]
struct HandshakeEntry {
    /// `h-..`
    id: String,
}

impl Record for HandshakeEntry {
    const TABLE: &'static str = "organizations.handshake-lists";
    const SERVICE: &'static str = "organizations";
}

/// Stages a new handshake with its lines in the lists of both sides.
pub(super) async fn add(ctx: &Ctx, handshake: HandshakeRecord) {
    let sent = sent_by(&handshake.management_account, &handshake.organization_id);
    let received = match &handshake.asked {
        Asked::Account(number) => received_by(number),
        Asked::Email(email) => received_at(email),
        Asked::Organization => received_by(&handshake.management_account),
    };
    for key in [sent, received] {
        let key = key.with(&handshake.id);
        let id = handshake.id.clone();
        ctx.put(key, HandshakeEntry { id }).await;
    }
    handshake.put(ctx).await;
}

/// What the organization sent.
pub(super) async fn sent(
    ctx: &Ctx,
    organization: &OrganizationRecord,
) -> Result<Vec<Arc<HandshakeRecord>>> {
    let key = sent_by(&organization.management_account, &organization.id);
    below(ctx, &key).await
}

/// What the caller's account received, by its number and by its e-mail address.
pub(super) async fn received(ctx: &Ctx) -> Result<Vec<Arc<HandshakeRecord>>> {
    let mut all = below(ctx, &received_by(ctx.account())).await?;
    let email = known::of(ctx, ctx.account()).await?.email.to_lowercase();
    if !email.is_empty() {
        all.extend(below(ctx, &received_at(&email)).await?);
    }
    Ok(all)
}

/// One page of those that are still shown and that the filter wants.
pub(super) fn shown(
    ctx: &Ctx,
    mut all: Vec<Arc<HandshakeRecord>>,
    filter: Option<HandshakeFilter>,
    wanted: &Wanted,
) -> Result<Paged<Handshake>> {
    let filter = filter.unwrap_or(HandshakeFilter {
        action_type: None,
        parent_handshake_id: None,
    });
    all.retain(|one| {
        let ended = one.ended_millis.unwrap_or(one.expires_millis);
        let action = filter.action_type;
        let parent = filter.parent_handshake_id.as_ref();
        ctx.now.millis < ended + SHOWN_MILLIS
            && action.is_none_or(|action| action == one.action.shown())
            && parent.is_none_or(|parent| one.parent.as_ref() == Some(parent))
    });
    let (all, next_token) = page(all, |one| one.id.clone(), wanted)?;
    Ok((
        all.iter().map(|one| one.shown(ctx.now)).collect(),
        next_token,
    ))
}

async fn below(ctx: &Ctx, prefix: &Key) -> Result<Vec<Arc<HandshakeRecord>>> {
    let mut all = Vec::new();
    for (_, entry) in ctx.scan_all::<HandshakeEntry>(prefix).await? {
        let found = HandshakeRecord::find(ctx, &entry.id).await?;
        all.push(found.ok_or_else(|| Error::dangling("a handshake"))?);
    }
    Ok(all)
}

fn sent_by(management_account: &str, organization_id: &str) -> Key {
    Key::new(management_account, "", ["sent", organization_id])
}

fn received_by(account: &str) -> Key {
    Key::new(account, "", ["received"])
}

fn received_at(email: &str) -> Key {
    Key::new("", "", ["received", email])
}
