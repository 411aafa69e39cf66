//! What a policy of a function is about: the function, one of its versions, or an alias. Who changes
//! the policy changes the revision of that.

use std::sync::Arc;

use platform::{Ctx, Result};

use crate::access::Function;
use crate::function::{AliasRecord, PolicyRecord, VersionRecord};
use crate::names::{LATEST, is_alias};
use crate::refusals;

/// The subject of a policy.
pub(crate) enum PolicySubject {
    /// The function, by its version `$LATEST`, or a version.
    Version(Arc<VersionRecord>),
    Alias(Arc<AliasRecord>),
}

impl PolicySubject {
    /// What a request names.
    pub(crate) async fn of(ctx: &Ctx, function: &Function) -> Result<Self> {
        let named = function.qualifier.as_deref().unwrap_or(LATEST);
        if is_alias(named) {
            let alias = AliasRecord::get(ctx, &function.place, named).await?;
            let alias = alias.ok_or_else(|| refusals::no_alias(&function.arn()))?;
            return Ok(Self::Alias(alias));
        }
        let version = VersionRecord::get(ctx, &function.place, named).await?;
        let version = version.ok_or_else(|| refusals::no_function(&function.arn()))?;
        Ok(Self::Version(version))
    }

    /// The revision of the subject and of its policy.
    pub(crate) fn revision_id(&self) -> &str {
        match self {
            Self::Version(version) => &version.revision_id,
            Self::Alias(alias) => &alias.revision_id,
        }
    }

    /// Refuses a request that was made for another revision.
    pub(crate) fn check_revision(&self, wanted: Option<&str>) -> Result<()> {
        match wanted.is_some_and(|wanted| wanted != self.revision_id()) {
            true => Err(refusals::other_policy_revision().into()),
            false => Ok(()),
        }
    }

    /// Keeps a policy of the subject, or none where nothing is left of it.
    pub(crate) async fn set_policy(
        &self,
        ctx: &Ctx,
        function: &Function,
        statements: Vec<String>,
    ) -> Result<()> {
        let (place, revision_id) = (&function.place, ctx.new_uuid()?);
        match self {
            Self::Version(version) => {
                let changed = VersionRecord {
                    revision_id: revision_id.clone(),
                    ..VersionRecord::clone(version)
                };
                let key = VersionRecord::key(place, &version.version);
                ctx.put(key, changed).await;
            }
            Self::Alias(alias) => {
                let changed = AliasRecord {
                    revision_id: revision_id.clone(),
                    ..AliasRecord::clone(alias)
                };
                ctx.put(AliasRecord::key(place, &alias.name), changed).await;
            }
        }
        let key = PolicyRecord::key(place, function.qualifier.as_deref());
        if statements.is_empty() {
            ctx.delete::<PolicyRecord>(&key).await;
            return Ok(());
        }
        let policy = PolicyRecord {
            statements,
            revision_id,
            ..PolicyRecord::default()
        };
        ctx.put(key, policy).await;
        Ok(())
    }
}
