//! What deletions put on record ("Log entries for deletion", user guide), an event for each version.
//! EventBridge gets them as `AWS Service Event via CloudTrail`.

use platform::{Ctx, Result, ServiceEvent};

use crate::names::Place;
use crate::secret::SecretRecord;

/// What happens to a version of a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// The secret is to be deleted.
    Start,
    /// It is not to be deleted after all.
    Cancel,
    /// It is deleted with the secret.
    End,
    /// It is deleted by itself, since it has no label and there are many.
    Deprecated,
}

impl Event {
    fn name(self) -> &'static str {
        match self {
            Self::Start => "StartSecretVersionDelete",
            Self::Cancel => "CancelSecretVersionDelete",
            Self::End => "EndSecretVersionDelete",
            Self::Deprecated => "SecretVersionDeletion",
        }
    }
}

/// Versions of one secret, as events name them.
pub(crate) struct Told<'a> {
    place: &'a Place,
    arn: String,
    ids: Vec<String>,
}

/// `serviceEventDetails` of an event.
type Details<'a> = [(&'a str, &'a str); 2];

impl<'a> Told<'a> {
    /// All versions of a secret.
    pub(crate) fn about((place, secret): (&'a Place, &SecretRecord)) -> Self {
        let ids = secret.versions.iter().map(|version| version.id.clone());
        Self::of((place, secret), ids.collect())
    }

    /// The versions of these ids.
    pub(crate) fn of((place, secret): (&'a Place, &SecretRecord), ids: Vec<String>) -> Self {
        let arn = place.arn(&secret.suffix);
        Self { place, arn, ids }
    }

    /// Puts on record that this happens to them, if the call succeeds.
    pub(crate) fn note(&self, ctx: &Ctx, event: Event) -> Result<()> {
        for event in self.events(event, &self.details()) {
            ctx.note_service_event(&event)?;
        }
        Ok(())
    }

    /// What the events say of the versions.
    pub(crate) fn details(&self) -> Vec<Details<'_>> {
        let ids = self.ids.iter();
        ids.map(|id| [("SecretId", &*self.arn), ("SecretVersionId", &**id)])
            .collect()
    }

    /// The events, for a commit.
    pub(crate) fn events<'e>(
        &'e self,
        event: Event,
        details: &'e [Details<'e>],
    ) -> Vec<ServiceEvent<'e>> {
        let event = |details: &'e Details<'e>| ServiceEvent {
            service: &api::secretsmanager::SERVICE,
            name: event.name(),
            region: &self.place.region,
            account: &self.place.account,
            resource: ("AWS::SecretsManager::Secret", &self.arn),
            response: &[],
            details,
            own: None,
        };
        details.iter().map(event).collect()
    }
}
