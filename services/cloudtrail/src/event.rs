//! What of an event says where it goes.

use std::borrow::Cow;

use serde::Deserialize;

use crate::selectors::Field;

/// The members of an event that trails choose by.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event<'a> {
    #[serde(borrow)]
    pub(crate) recipient_account_id: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) aws_region: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) event_source: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) event_name: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(crate) event_type: Cow<'a, str>,
    #[serde(borrow, default = "management")]
    pub(crate) event_category: Cow<'a, str>,
    #[serde(default)]
    pub(crate) read_only: bool,
    #[serde(borrow, default)]
    pub(crate) user_identity: Identity<'a>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub(crate) resources: Vec<Touched<'a>>,
    #[serde(borrow, default)]
    pub(crate) error_code: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) vpc_endpoint_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) session_credential_from_console: Option<Cow<'a, str>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Identity<'a> {
    #[serde(borrow, default)]
    pub(crate) arn: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) invoked_by: Option<Cow<'a, str>>,
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
        // Once for all of it, rather than once for each text in it.
        serde_json::from_str(std::str::from_utf8(payload).ok()?).ok()
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
                let kinds = self.resources.iter();
                kinds.filter_map(|it| it.kind.as_deref()).collect()
            }
            "resources.ARN" => {
                let wanted = kind();
                let touched = self.resources.iter().filter(|touched| {
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

fn management() -> Cow<'static, str> {
    Cow::Borrowed("Management")
}

/// Null is as good as absent.
fn or_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}
