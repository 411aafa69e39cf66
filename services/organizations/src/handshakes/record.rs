//! The record of a handshake.

use std::sync::Arc;

use api::organizations::{
    ActionType, Handshake, HandshakeParty, HandshakePartyType, HandshakeResource,
    HandshakeResourceType, HandshakeState,
};
use platform::{Ctx, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Timestamp;

/// A question of an organization, to an account or to itself.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct HandshakeRecord {
    /// `h-..`
    pub(crate) id: String,
    /// `o-..` of the organization that asks.
    pub(crate) organization_id: String,
    /// The number of its management account.
    pub(crate) management_account: String,
    /// What is asked.
    pub(crate) action: Action,
    /// Who is asked.
    pub(crate) asked: Asked,
    /// Where it stands; that it expired shows from the time.
    pub(crate) state: State,
    /// When it began, in milliseconds since 1970.
    pub(crate) requested_millis: i64,
    /// When it ends by itself.
    pub(crate) expires_millis: i64,
    /// When it was answered or withdrawn.
    pub(crate) ended_millis: Option<i64>,
    /// What the sender shows of its organization.
    pub(crate) sender: Sender,
    /// The notes for the account that is asked.
    pub(crate) notes: Option<String>,
    /// The tags that the account will have.
    pub(crate) tags: Vec<(String, String)>,
    /// The handshake that this one is a part of.
    pub(crate) parent: Option<String>,
}

/// What a handshake is for.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Action {
    /// To join.
    Invite,
    /// To agree to all features.
    EnableAllFeatures,
    /// To make the change to all features.
    ApproveAllFeatures,
}

/// Who is asked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Asked {
    /// An account by its number.
    Account(String),
    /// The account with this e-mail address, in lower case.
    Email(String),
    /// The organization's own management account.
    Organization,
}

/// Where a handshake stands.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    /// It waits for others.
    Requested,
    /// It can be answered.
    Open,
    /// The sender withdrew it.
    Canceled,
    /// Yes.
    Accepted,
    /// No.
    Declined,
}

/// What the account that is asked learns of the organization.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Sender {
    /// The e-mail address of the management account.
    pub(crate) email: String,
    /// Its name.
    pub(crate) name: String,
    /// `ALL` or `CONSOLIDATED_BILLING`.
    pub(crate) feature_set: String,
}

impl Record for HandshakeRecord {
    const TABLE: &'static str = "organizations.handshakes";
    const SERVICE: &'static str = "organizations";
}

impl HandshakeRecord {
    /// Where the handshake of this id is.
    pub(crate) fn key(id: &str) -> Key {
        Key::new("", "", [id])
    }

    /// The handshake of this id, whosoever it is.
    pub(crate) async fn find(ctx: &Ctx, id: &str) -> Result<Option<Arc<Self>>> {
        ctx.get(&Self::key(id)).await
    }

    /// Stages this version.
    pub(crate) async fn put(self, ctx: &Ctx) {
        ctx.put(Self::key(&self.id), self).await;
    }

    /// Stages its end in `state`, and gives that version.
    pub(crate) async fn end(&self, ctx: &Ctx, state: State) -> Self {
        let mut ended = self.clone();
        ended.state = state;
        ended.ended_millis = Some(ctx.now.millis);
        ended.clone().put(ctx).await;
        ended
    }

    /// Whether it waits for an answer.
    pub(crate) fn is_pending(&self, now: Timestamp) -> bool {
        matches!(self.state, State::Open | State::Requested) && now.millis < self.expires_millis
    }

    /// The ARN.
    pub(crate) fn arn(&self) -> String {
        let Self {
            id,
            organization_id,
            management_account,
            ..
        } = self;
        let action = self.action.shown().as_str().to_ascii_lowercase();
        format!(
            "arn:aws:organizations::{management_account}:handshake/{organization_id}/{action}/{id}"
        )
    }

    /// The state at this time.
    pub(crate) fn state_at(&self, now: Timestamp) -> HandshakeState {
        match self.state {
            State::Canceled => HandshakeState::Canceled,
            State::Accepted => HandshakeState::Accepted,
            State::Declined => HandshakeState::Declined,
            State::Open | State::Requested if !self.is_pending(now) => HandshakeState::Expired,
            State::Open => HandshakeState::Open,
            State::Requested => HandshakeState::Requested,
        }
    }

    /// The handshake as AWS shows it.
    pub(crate) fn shown(&self, now: Timestamp) -> Handshake {
        let time = |millis| Some(Timestamp { millis });
        Handshake {
            id: Some(self.id.clone()),
            arn: Some(self.arn()),
            parties: Some(self.parties()),
            state: Some(self.state_at(now)),
            requested_timestamp: time(self.requested_millis),
            expiration_timestamp: time(self.expires_millis),
            action: Some(self.action.shown()),
            resources: Some(self.resources()),
        }
    }

    fn parties(&self) -> Vec<HandshakeParty> {
        let party = |id: &str, r#type| HandshakeParty {
            id: id.to_owned().into(),
            r#type,
        };
        let mut parties = vec![party(
            &self.organization_id,
            HandshakePartyType::Organization,
        )];
        match &self.asked {
            Asked::Account(number) => parties.push(party(number, HandshakePartyType::Account)),
            Asked::Email(email) => parties.push(party(email, HandshakePartyType::Email)),
            Asked::Organization => {}
        }
        parties
    }

    fn resources(&self) -> Vec<HandshakeResource> {
        let resource = |kind, value: &str| HandshakeResource {
            value: Some(value.to_owned().into()),
            r#type: Some(kind),
            resources: None,
        };
        let mut organization = resource(HandshakeResourceType::Organization, &self.organization_id);
        if self.action == Action::Invite {
            let shown = [
                (HandshakeResourceType::MasterEmail, &self.sender.email),
                (HandshakeResourceType::MasterName, &self.sender.name),
                (
                    HandshakeResourceType::OrganizationFeatureSet,
                    &self.sender.feature_set,
                ),
            ];
            let known = shown.into_iter().filter(|(_, value)| !value.is_empty());
            let known = known.map(|(kind, value)| resource(kind, value));
            organization.resources = Some(known.collect());
        }
        let mut resources = vec![organization];
        match &self.asked {
            Asked::Account(number) => {
                resources.push(resource(HandshakeResourceType::Account, number));
            }
            Asked::Email(email) => resources.push(resource(HandshakeResourceType::Email, email)),
            Asked::Organization => {}
        }
        if let Some(notes) = &self.notes {
            resources.push(resource(HandshakeResourceType::Notes, notes));
        }
        if let Some(parent) = &self.parent {
            resources.push(resource(HandshakeResourceType::ParentHandshake, parent));
        }
        resources
    }
}

impl Action {
    /// As AWS names it.
    pub(crate) fn shown(self) -> ActionType {
        match self {
            Self::Invite => ActionType::Invite,
            Self::EnableAllFeatures => ActionType::EnableAllFeatures,
            Self::ApproveAllFeatures => ActionType::ApproveAllFeatures,
        }
    }
}
