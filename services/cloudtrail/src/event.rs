//! What of an event says where it goes.

use std::borrow::Cow;
use std::cell::OnceCell;

use serde::Deserialize;
use wire::json::{Members, text};

use crate::selectors::Field;

/// What every event has.
const REQUIRED: [&str; 4] = [
    "recipientAccountId",
    "awsRegion",
    "eventSource",
    "eventName",
];

/// The members of an event that trails choose by.
#[derive(Default)]
pub(crate) struct Event<'a> {
    pub(crate) recipient_account_id: Cow<'a, str>,
    pub(crate) aws_region: Cow<'a, str>,
    pub(crate) event_source: Cow<'a, str>,
    pub(crate) event_name: Cow<'a, str>,
    pub(crate) event_type: Cow<'a, str>,
    pub(crate) event_category: Cow<'a, str>,
    pub(crate) read_only: bool,
    pub(crate) user_identity: Identity<'a>,
    /// As they are written: few trails ask for them.
    written_resources: &'a str,
    resources: OnceCell<Vec<Touched<'a>>>,
    pub(crate) error_code: Option<Cow<'a, str>>,
    pub(crate) vpc_endpoint_id: Option<Cow<'a, str>>,
    pub(crate) session_credential_from_console: Option<Cow<'a, str>>,
}

#[derive(Default)]
pub(crate) struct Identity<'a> {
    pub(crate) arn: Option<Cow<'a, str>>,
    pub(crate) invoked_by: Option<Cow<'a, str>>,
}

impl<'a> Identity<'a> {
    fn of(value: &'a str) -> Self {
        let mut identity = Self::default();
        for (name, value) in Members::of(value) {
            match name {
                "arn" => identity.arn = text(value),
                "invokedBy" => identity.invoked_by = text(value),
                _ => {}
            }
        }
        identity
    }
}

/// A resource that a call touched.
#[derive(Deserialize)]
pub(crate) struct Touched<'a> {
    #[serde(borrow, default, rename = "type")]
    pub(crate) kind: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "ARN")]
    pub(crate) arn: Option<Cow<'a, str>>,
}

impl<'a> Event<'a> {
    /// Reads an event; none where it is none that trails know.
    pub(crate) fn read(payload: &'a [u8]) -> Option<Self> {
        let mut event = Self {
            event_category: Cow::Borrowed("Management"),
            ..Self::default()
        };
        let mut members = Members::of(std::str::from_utf8(payload).ok()?);
        let mut required = 0;
        for (name, value) in &mut members {
            event.take(name, value)?;
            required += usize::from(REQUIRED.contains(&name));
        }
        (members.is_whole() && required == REQUIRED.len()).then_some(event)
    }

    fn take(&mut self, name: &str, value: &'a str) -> Option<()> {
        match name {
            "recipientAccountId" => self.recipient_account_id = text(value)?,
            "awsRegion" => self.aws_region = text(value)?,
            "eventSource" => self.event_source = text(value)?,
            "eventName" => self.event_name = text(value)?,
            "eventType" => self.event_type = text(value)?,
            "eventCategory" => self.event_category = text(value)?,
            "readOnly" => self.read_only = value == "true",
            "userIdentity" => self.user_identity = Identity::of(value),
            "resources" => self.written_resources = value,
            "errorCode" => self.error_code = text(value),
            "vpcEndpointId" => self.vpc_endpoint_id = text(value),
            "sessionCredentialFromConsole" => {
                self.session_credential_from_console = text(value);
            }
            _ => {}
        }
        Some(())
    }

    /// The resources that the call touched.
    pub(crate) fn resources(&self) -> &[Touched<'a>] {
        let read = || serde_json::from_str(self.written_resources).unwrap_or_default();
        self.resources.get_or_init(read)
    }

    /// The values of a field of advanced event selectors; those of `resources.ARN` belong to the
    /// resources of the type that `kind` names.
    pub(crate) fn values<'b>(
        &'b self,
        field: &str,
        kind: impl FnOnce() -> Option<&'b Field>,
    ) -> Vec<&'b str> {
        let one = |value: &'b str| vec![value];
        let maybe = |value: &'b Option<Cow<'a, str>>| value.as_deref().into_iter().collect();
        match field {
            "eventCategory" => one(&self.event_category),
            "eventSource" => one(&self.event_source),
            "eventName" => one(&self.event_name),
            "eventType" => one(&self.event_type),
            "readOnly" => one(if self.read_only { "true" } else { "false" }),
            "userIdentity.arn" => maybe(&self.user_identity.arn),
            "errorCode" => maybe(&self.error_code),
            "vpcEndpointId" => maybe(&self.vpc_endpoint_id),
            "sessionCredentialFromConsole" => one(self
                .session_credential_from_console
                .as_deref()
                .unwrap_or("false")),
            "resources.type" => {
                let kinds = self.resources().iter();
                kinds.filter_map(|it| it.kind.as_deref()).collect()
            }
            "resources.ARN" => {
                let wanted = kind();
                let touched = self.resources().iter().filter(|touched| {
                    let of_kind = |kind: &str| {
                        wanted.is_none_or(|wanted| wanted.equals.iter().any(|it| it == kind))
                    };
                    touched.kind.as_deref().is_none_or(of_kind)
                });
                touched.filter_map(|it| it.arn.as_deref()).collect()
            }
            _ => Vec::new(),
        }
    }
}
