//! The policies of a user, group or role as the simulator reads them: with their documents.

use platform::{Ctx, Error, Result};

use crate::aws_managed;
use crate::groups::GroupRecord;
use crate::permissions::Permissions;
use crate::policies::ManagedPolicyRecord;
use crate::simulation::subject::{Found, Subject};

/// A document and where it comes from.
pub(crate) struct Source {
    /// How results name the policy.
    pub(crate) id: String,
    /// The JSON text.
    pub(crate) document: String,
    /// Where it comes from.
    pub(crate) origin: Origin,
}

/// Where a document comes from.
pub(crate) enum Origin {
    /// The request.
    Input,
    /// An identity's own record.
    Inline {
        /// `user`, `group` or `role`.
        kind: &'static str,
        /// The identity's name.
        entity: String,
        /// The policy's name.
        policy: String,
    },
    /// The managed policy of this ARN.
    Managed(String),
}

/// What an identity brings into a simulation.
#[derive(Default)]
pub(crate) struct Brought {
    /// Its policies, with those of its groups.
    pub(crate) identity: Vec<Source>,
    /// Its permissions boundary.
    pub(crate) boundary: Option<Source>,
}

/// The policies of `subject`, which exists.
pub(crate) async fn policies(ctx: &Ctx, subject: &Subject) -> Result<Brought> {
    let mut brought = Brought::default();
    match &subject.found {
        Some(Found::User(user)) => {
            brought
                .add(ctx, ("user", &user.name), &user.permissions)
                .await?;
            for name in &user.groups {
                let key = GroupRecord::key(&user.account, name);
                if let Some(group) = ctx.get::<GroupRecord>(&key).await? {
                    let named = ("group", group.name.as_str());
                    brought.add(ctx, named, &group.permissions).await?;
                }
            }
        }
        Some(Found::Group(group)) => {
            brought
                .add(ctx, ("group", &group.name), &group.permissions)
                .await?;
        }
        Some(Found::Role(role)) => {
            brought
                .add(ctx, ("role", &role.name), &role.permissions)
                .await?;
        }
        None => {}
    }
    Ok(brought)
}

impl Brought {
    async fn add(
        &mut self,
        ctx: &Ctx,
        (kind, entity): (&'static str, &str),
        permissions: &Permissions,
    ) -> Result<()> {
        for inline in &permissions.inline {
            self.identity.push(Source {
                id: format!("{kind}_{entity}_{}", inline.name),
                document: inline.document.clone(),
                origin: Origin::Inline {
                    kind,
                    entity: entity.to_owned(),
                    policy: inline.name.clone(),
                },
            });
        }
        for arn in &permissions.attached {
            self.identity.extend(managed(ctx, arn).await?);
        }
        if let Some(arn) = &permissions.boundary {
            let boundary = managed(ctx, arn).await?;
            // Left out, a boundary would no longer bound.
            let boundary = boundary.ok_or_else(|| Error::dangling("a permissions boundary"))?;
            self.boundary = Some(boundary);
        }
        Ok(())
    }
}

/// The managed policy of this ARN, in its default version.
async fn managed(ctx: &Ctx, arn: &str) -> Result<Option<Source>> {
    let source = |id: &str, document: &str| Source {
        id: id.to_owned(),
        document: document.to_owned(),
        origin: Origin::Managed(arn.to_owned()),
    };
    if let Some(found) = aws_managed::find(arn) {
        return Ok(Some(source(found.name, found.document)));
    }
    let name = arn.rsplit('/').next().unwrap_or_default();
    let key = ManagedPolicyRecord::key(ctx.account(), name);
    let found = ctx.get::<ManagedPolicyRecord>(&key).await?;
    let Some(found) = found.filter(|found| found.arn() == arn) else {
        return Ok(None);
    };
    let version = found.version(found.default_version);
    let version = version.ok_or_else(|| Error::dangling("a default version"))?;
    Ok(Some(source(&found.name, &version.document)))
}
