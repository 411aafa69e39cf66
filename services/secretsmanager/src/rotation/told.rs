//! What rotations put on record ("Log entries for rotation", user guide). EventBridge gets them as
//! `AWS Service Event via CloudTrail`.

use platform::{OwnEvent, ServiceEvent};

use crate::names::Place;
use crate::secret::SecretRecord;

/// What happened to a rotation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    Started,
    Succeeded,
    Failed,
    Abandoned,
}

/// An event to be told.
pub(super) struct Told {
    name: &'static str,
    place: Place,
    arn: String,
    /// The secret and the version, as an event names a rotation.
    request_id: String,
    error: Option<String>,
}

impl Told {
    /// That this happened to the rotation that makes the version of this id.
    pub(super) fn about(
        (place, secret): (&Place, &SecretRecord),
        token: &str,
        event: Event,
    ) -> Self {
        let arn = place.arn(&secret.suffix);
        let rotation = secret.rotation.as_ref();
        let progress = rotation.and_then(|rotation| rotation.progress.as_ref());
        let is_test = progress.is_some_and(|it| it.token == token && it.is_test);
        Self {
            name: event.name(is_test),
            place: place.clone(),
            request_id: format!("Rotation-{arn}-{token}"),
            arn,
            error: None,
        }
    }

    /// The same, with what went wrong.
    pub(super) fn because(mut self, error: String) -> Self {
        self.error = Some(error);
        self
    }

    /// The event, for the commit.
    pub(super) fn event(&self) -> ServiceEvent<'_> {
        ServiceEvent {
            service: &api::secretsmanager::SERVICE,
            name: self.name,
            region: &self.place.region,
            account: &self.place.account,
            resource: ("AWS::SecretsManager::Secret", &self.arn),
            response: &[],
            details: &[],
            own: Some(OwnEvent {
                request_id: &self.request_id,
                error: self.error.as_deref(),
                about: ("SecretId", &self.arn),
            }),
        }
    }
}

impl Event {
    fn name(self, is_test: bool) -> &'static str {
        match (self, is_test) {
            (Self::Started, false) => "RotationStarted",
            (Self::Succeeded, false) => "RotationSucceeded",
            (Self::Failed, false) => "RotationFailed",
            (Self::Started, true) => "TestRotationStarted",
            (Self::Succeeded, true) => "TestRotationSucceeded",
            (Self::Failed, true) => "TestRotationFailed",
            (Self::Abandoned, _) => "RotationAbandoned",
        }
    }
}
