//! What the store keeps of functions. One function is a record, each of its versions is one, and so
//! is each policy, alias and configuration of asynchronous invocations; code lies in pieces (`code`).

use std::sync::Arc;

use platform::{Ctx, Derived, Error, Result};
use policy::{Policy, PolicyKind};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Timestamp;

use crate::names::{FunctionPlace, LATEST};
use crate::permissions;

/// A function, whatever its version.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct FunctionRecord {
    /// The name.
    pub(crate) name: String,
    /// Tells this function from another one that had its name.
    pub(crate) id: String,
    /// The number of the version that was published last, 0 for none. Numbers come once.
    pub(crate) published: u64,
    /// Keys and values, sorted by key.
    pub(crate) tags: Vec<(String, String)>,
    /// How many may run at once, if that is reserved; 0 lets none run.
    pub(crate) reserved_concurrency: Option<u32>,
    /// The configuration that code has to be signed under.
    pub(crate) code_signing: Option<String>,
    /// `Allow` or `Terminate`, what becomes of loops of functions and queues, if it was set.
    pub(crate) recursive_loop: Option<String>,
}

impl Record for FunctionRecord {
    const TABLE: &'static str = "lambda.functions";
    const SERVICE: &'static str = "lambda";
}

/// One version of a function: `$LATEST`, which changes, or a number, which does not.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct VersionRecord {
    /// `$LATEST`, or the number.
    pub(crate) version: String,
    /// Another one after each change.
    pub(crate) revision_id: String,
    pub(crate) modified_millis: i64,
    pub(crate) description: String,
    pub(crate) runtime: String,
    pub(crate) role: String,
    pub(crate) handler: String,
    /// In seconds.
    pub(crate) timeout: u32,
    /// In MB.
    pub(crate) memory: u32,
    /// `/tmp`, in MB.
    pub(crate) ephemeral_storage: u32,
    /// `x86_64` or `arm64`.
    pub(crate) architecture: String,
    /// First to last, as they lie over each other.
    pub(crate) layers: Vec<LayerUse>,
    /// What its environment says, as KMS encrypted it; none where it says nothing.
    pub(crate) environment: Option<Vec<u8>>,
    /// The customer's key for its environment.
    pub(crate) kms_key: Option<String>,
    /// The queue or topic for events that nobody could handle.
    pub(crate) dead_letters: Option<String>,
    /// `Active` or `PassThrough`.
    pub(crate) tracing: String,
    pub(crate) logging: Logging,
    /// `PublishedVersions` or `None`.
    pub(crate) snap_start: String,
    /// `Auto`, `FunctionUpdate` or `Manual`.
    pub(crate) update_runtime_on: String,
    /// The version of the runtime, where it was set by hand.
    pub(crate) runtime_version: Option<String>,
    pub(crate) code: CodeUse,
}

impl Record for VersionRecord {
    const TABLE: &'static str = "lambda.versions";
    const SERVICE: &'static str = "lambda";
}

/// A layer that a version lies over.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LayerUse {
    /// The ARN with its version.
    pub(crate) arn: String,
    /// Zipped, in bytes.
    pub(crate) code_size: u64,
    /// Unzipped, in bytes.
    pub(crate) unzipped_size: u64,
    /// The id of its code.
    pub(crate) code: String,
}

/// Where a version logs, and how.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Logging {
    /// `Text` or `JSON`.
    pub(crate) format: String,
    /// The levels of JSON logs.
    pub(crate) application_level: Option<String>,
    pub(crate) system_level: Option<String>,
    /// The group, where it is not that of the function's name.
    pub(crate) group: Option<String>,
}

/// The code of a version.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CodeUse {
    /// Where its pieces are; versions of a function share them.
    pub(crate) id: String,
    pub(crate) sha256: [u8; 32],
    /// Zipped, in bytes.
    pub(crate) size: u64,
    /// Unzipped, in bytes.
    pub(crate) unzipped_size: u64,
}

/// The policy of a function, a version or an alias.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct PolicyRecord {
    /// The statements in JSON, in the order in which they came; users and roles that they name are
    /// kept by their unique ids.
    pub(crate) statements: Vec<String>,
    /// Another one after each change.
    pub(crate) revision_id: String,
    #[serde(skip)]
    pub(crate) parsed: Derived<Policy>,
}

impl Record for PolicyRecord {
    const TABLE: &'static str = "lambda.policies";
    const SERVICE: &'static str = "lambda";
}

/// An alias: a name for a version, or for two with a weight.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct AliasRecord {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) description: String,
    /// Another version with the share of calls that go there, from 0 to 1.
    pub(crate) additional: Option<(String, f64)>,
    /// Another one after each change.
    pub(crate) revision_id: String,
}

impl Record for AliasRecord {
    const TABLE: &'static str = "lambda.aliases";
    const SERVICE: &'static str = "lambda";
}

/// How events for a function, a version or an alias are handled.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct EventInvokeRecord {
    /// The function, version or alias: a qualifier, `$LATEST` for none.
    pub(crate) qualifier: String,
    /// How often one is tried again, 0 to 2.
    pub(crate) retries: Option<u32>,
    /// How old one may get, in seconds.
    pub(crate) age_seconds: Option<u32>,
    /// The ARNs of those who hear how it went.
    pub(crate) on_success: Option<String>,
    pub(crate) on_failure: Option<String>,
    pub(crate) modified_millis: i64,
}

impl Record for EventInvokeRecord {
    const TABLE: &'static str = "lambda.event_invoke";
    const SERVICE: &'static str = "lambda";
}

impl AliasRecord {
    /// Where the alias is.
    pub(crate) fn key(place: &FunctionPlace, name: &str) -> Key {
        place.key().with(name)
    }

    /// The alias, if there is one.
    pub(crate) async fn get(
        ctx: &Ctx,
        place: &FunctionPlace,
        name: &str,
    ) -> Result<Option<Arc<Self>>> {
        ctx.get(&Self::key(place, name)).await
    }
}

impl EventInvokeRecord {
    /// Where the configuration of a function, a version or an alias is.
    pub(crate) fn key(place: &FunctionPlace, qualifier: Option<&str>) -> Key {
        place.key().with(qualifier.unwrap_or(LATEST))
    }
}

impl FunctionRecord {
    /// The function, if there is one.
    pub(crate) async fn get(ctx: &Ctx, place: &FunctionPlace) -> Result<Option<Arc<Self>>> {
        ctx.get(&place.key()).await
    }
}

impl VersionRecord {
    /// Where the version is.
    pub(crate) fn key(place: &FunctionPlace, version: &str) -> Key {
        place.key().with(version)
    }

    /// The version, if there is one.
    pub(crate) async fn get(
        ctx: &Ctx,
        place: &FunctionPlace,
        version: &str,
    ) -> Result<Option<Arc<Self>>> {
        ctx.get(&Self::key(place, version)).await
    }

    /// The version that is not published: every function has one.
    pub(crate) async fn latest(ctx: &Ctx, place: &FunctionPlace) -> Result<Arc<Self>> {
        let found = Self::get(ctx, place, LATEST).await?;
        found.ok_or_else(|| Error::dangling("the latest version of a function"))
    }

    /// All versions, `$LATEST` first, then by their numbers.
    pub(crate) async fn all(ctx: &Ctx, place: &FunctionPlace) -> Result<Vec<Arc<Self>>> {
        let rows = ctx.scan_all::<Self>(&place.key()).await?;
        let mut versions: Vec<_> = rows.into_iter().map(|(_, version)| version).collect();
        versions.sort_by_key(|version| version.number());
        Ok(versions)
    }

    /// The number; 0 for `$LATEST`.
    pub(crate) fn number(&self) -> u64 {
        self.version.parse().unwrap_or(0)
    }

    /// Notes a change at `now`.
    pub(crate) fn touch(&mut self, ctx: &Ctx) -> Result<()> {
        self.revision_id = ctx.new_uuid()?;
        self.modified_millis = ctx.now.millis;
        Ok(())
    }

    /// When it changed last.
    pub(crate) fn modified(&self) -> Timestamp {
        Timestamp {
            millis: self.modified_millis,
        }
    }

    /// Whether the two run the same, whatever they are called.
    pub(crate) fn runs_like(&self, other: &Self) -> bool {
        let bare = |version: &Self| Self {
            version: String::new(),
            revision_id: String::new(),
            modified_millis: 0,
            description: String::new(),
            code: CodeUse {
                id: String::new(),
                ..version.code.clone()
            },
            ..version.clone()
        };
        bare(self) == bare(other)
    }
}

impl PolicyRecord {
    /// Where the policy of a function, a version or an alias is.
    pub(crate) fn key(place: &FunctionPlace, qualifier: Option<&str>) -> Key {
        place.key().with(qualifier.unwrap_or(LATEST))
    }

    /// The policy, if there is one.
    pub(crate) async fn get(
        ctx: &Ctx,
        place: &FunctionPlace,
        qualifier: Option<&str>,
    ) -> Result<Option<Arc<Self>>> {
        ctx.get(&Self::key(place, qualifier)).await
    }

    /// The document as it is kept.
    pub(crate) fn document(&self) -> String {
        permissions::document(&self.statements)
    }

    /// The policy, parsed once.
    pub(crate) fn policy(&self) -> Result<&Policy> {
        self.parsed.get_or_make(|| {
            Policy::parse(&self.document(), PolicyKind::Resource).map_err(|malformed| {
                let detail = malformed.detail();
                Error::internal(format!("a stored policy is malformed: {detail}"))
            })
        })
    }
}
