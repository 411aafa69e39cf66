//! `secretsmanager:ListSecretVersionIds`: the versions of a secret.

use api::secretsmanager::{
    ListSecretVersionIdsRequest, ListSecretVersionIdsResponse, SecretVersionsListEntry,
};
use platform::{Ctx, Result};

use crate::access::{self, Asked, Secret};
use crate::describing::time;
use crate::refusals;
use crate::secret::Version;

/// The most versions of a page.
const MOST: usize = 100;
/// How the AWS managed key is named here.
const MANAGED: &str = "DefaultEncryptionKey";

pub(crate) async fn list_secret_version_ids(
    ctx: &Ctx,
    req: ListSecretVersionIdsRequest,
) -> Result<ListSecretVersionIdsResponse> {
    let action = "secretsmanager:ListSecretVersionIds";
    let secret = access::any(ctx, action, &req.secret_id, Asked::default()).await?;
    let most = req.max_results.and_then(|most| usize::try_from(most).ok());
    let most = most.unwrap_or(MOST).min(MOST);
    let mut rest = secret.versions.iter();
    if let Some(token) = &req.next_token {
        rest.find(|version| version.id == *token)
            .ok_or_else(refusals::bad_token)?;
    }
    let is_shown = |version: &&Version| {
        req.include_deprecated || secret.labels.iter().any(|(_, id)| *id == version.id)
    };
    let shown: Vec<&Version> = rest.filter(is_shown).take(most + 1).collect();
    let page = shown.get(..most).unwrap_or(&shown);
    let last = page.last().filter(|_| shown.len() > most);
    Ok(ListSecretVersionIdsResponse {
        versions: Some(page.iter().map(|version| entry(&secret, version)).collect()),
        next_token: last.map(|last| last.id.clone()),
        arn: Some(secret.arn()),
        name: Some(secret.place.name.clone()),
    })
}

fn entry(secret: &Secret, version: &Version) -> SecretVersionsListEntry {
    let labels = secret.labels_of(&version.id);
    let key = version.key_id.as_deref().unwrap_or(MANAGED);
    SecretVersionsListEntry {
        version_id: Some(version.id.clone()),
        version_stages: Some(labels).filter(|labels| !labels.is_empty()),
        last_accessed_date: None,
        created_date: Some(time(version.created_millis)),
        kms_key_ids: Some(vec![key.to_owned()]),
    }
}
