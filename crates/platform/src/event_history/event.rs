//! What of an event can be asked for (CloudTrail record contents).

use std::borrow::Cow;

use serde::Deserialize;
use store::journal::Entry;
use wire::Timestamp;
use wire::json::{Members, text};

use super::naming::names;
use super::rows::read_only;
use super::{HistoryEvent, HistoryKey};
use crate::told::told;

/// The members of an event that the history needs.
#[derive(Default)]
pub(super) struct Attributes<'a> {
    pub(super) account: Cow<'a, str>,
    pub(super) region: Cow<'a, str>,
    pub(super) id: Cow<'a, str>,
    pub(super) name: Cow<'a, str>,
    pub(super) source: Cow<'a, str>,
    pub(super) read_only: bool,
    is_data: bool,
    /// What the call touched.
    pub(super) resources: Vec<Touched<'a>>,
    user_identity: Identity<'a>,
    /// As they stand.
    request: &'a str,
    answer: &'a str,
}

/// What every event has.
const REQUIRED: [&str; 6] = [
    "recipientAccountId",
    "awsRegion",
    "eventID",
    "eventName",
    "eventSource",
    "userIdentity",
];

#[derive(Deserialize)]
pub(super) struct Touched<'a> {
    #[serde(borrow, rename = "ARN")]
    pub(super) arn: Cow<'a, str>,
    #[serde(borrow, rename = "type", default)]
    pub(super) kind: Cow<'a, str>,
}

#[derive(Default)]
struct Identity<'a> {
    kind: Cow<'a, str>,
    principal_id: Cow<'a, str>,
    user_name: Option<Cow<'a, str>>,
    access_key_id: Option<Cow<'a, str>>,
}

impl<'a> Identity<'a> {
    fn of(value: &'a str) -> Option<Self> {
        let mut identity = Self::default();
        let mut members = Members::of(value);
        for (name, value) in &mut members {
            match name {
                "type" => identity.kind = text(value)?,
                "principalId" => identity.principal_id = text(value)?,
                "userName" => identity.user_name = text(value),
                "accessKeyId" => identity.access_key_id = text(value),
                _ => {}
            }
        }
        members.is_whole().then_some(identity)
    }
}

impl<'a> Attributes<'a> {
    /// The attributes of an event; none of what is no event, or one of data, which the history does
    /// not have ("Working with CloudTrail event history").
    pub(super) fn read(payload: &'a [u8]) -> Option<Self> {
        let mut attributes = Self::default();
        let mut members = Members::of(std::str::from_utf8(payload).ok()?);
        let mut required = 0;
        for (name, value) in &mut members {
            attributes.take(name, value)?;
            required += usize::from(REQUIRED.contains(&name));
        }
        let is_whole = members.is_whole() && required == REQUIRED.len();
        (is_whole && !attributes.is_data).then_some(attributes)
    }

    fn take(&mut self, name: &str, value: &'a str) -> Option<()> {
        match name {
            "recipientAccountId" => self.account = text(value)?,
            "awsRegion" => self.region = text(value)?,
            "eventID" => self.id = text(value)?,
            "eventName" => self.name = text(value)?,
            "eventSource" => self.source = text(value)?,
            "readOnly" => self.read_only = value == "true",
            "managementEvent" => self.is_data = value == "false",
            "resources" | "touched" => self.resources = serde_json::from_str(value).ok()?,
            "requestParameters" => self.request = value,
            "responseElements" => self.answer = value,
            "userIdentity" => self.user_identity = Identity::of(value)?,
            _ => {}
        }
        Some(())
    }

    /// The types and names of the resources that the history lists.
    pub(super) fn names(&self) -> Vec<(Cow<'a, str>, Cow<'a, str>)> {
        let call = (&*self.source, &*self.name, self.read_only);
        names(call, (self.request, self.answer), &self.resources)
    }

    /// The name of the user; of a session of a role or of a federated user, the session's.
    pub(super) fn user_name(&self) -> Option<&str> {
        let identity = &self.user_identity;
        match &*identity.kind {
            "Root" => Some("root"),
            "AssumedRole" | "FederatedUser" => {
                let session = identity.principal_id.split_once(':');
                session.map(|(_, session)| session)
            }
            _ => identity.user_name.as_deref(),
        }
    }

    /// The access key that signed.
    pub(super) fn access_key_id(&self) -> Option<&str> {
        let key = self.user_identity.access_key_id.as_deref();
        key.filter(|key| !key.is_empty())
    }
}

impl HistoryEvent {
    /// The event of an entry of the journal; none if it is no event.
    pub(super) fn of(entry: &Entry) -> Option<Self> {
        let known = Attributes::read(&entry.payload)?;
        let owned =
            |(kind, name): (Cow<'_, str>, Cow<'_, str>)| (kind.into_owned(), name.into_owned());
        let millis = i64::try_from(entry.now_millis).unwrap_or(i64::MAX);
        Some(Self {
            id: known.id.to_string(),
            account: known.account.to_string(),
            region: known.region.to_string(),
            at: Timestamp { millis },
            name: known.name.to_string(),
            source: known.source.to_string(),
            read_only: known.read_only,
            user_name: known.user_name().map(str::to_owned),
            access_key_id: known.access_key_id().map(str::to_owned),
            resources: known.names().into_iter().map(owned).collect(),
            touched: known
                .resources
                .iter()
                .map(|it| it.arn.to_string())
                .collect(),
            json: String::from_utf8(told(&entry.payload).into_owned()).ok()?,
        })
    }

    /// Whether the event has this attribute.
    pub(super) fn has(&self, key: HistoryKey, value: &str) -> bool {
        match key {
            HistoryKey::EventId => self.id == value,
            HistoryKey::EventName => self.name == value,
            HistoryKey::ReadOnly => value == read_only(self.read_only),
            HistoryKey::Username => self.user_name.as_deref() == Some(value),
            HistoryKey::ResourceType => self.resources.iter().any(|(kind, _)| kind == value),
            HistoryKey::ResourceName => {
                let mut named = self.resources.iter().map(|(_, name)| name);
                named.any(|name| name == value) || self.touched.iter().any(|arn| arn == value)
            }
            HistoryKey::EventSource => self.source == value,
            HistoryKey::AccessKeyId => self.access_key_id.as_deref() == Some(value),
        }
    }
}
