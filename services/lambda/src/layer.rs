//! Layers, and what the store keeps of them ("Managing Lambda dependencies with layers"). A layer is
//! a record that counts its versions; each version is one, with its policy, and does not change.

use std::sync::Arc;

use platform::{Ctx, Derived, Error, Result, is_account, is_region, partition};
use policy::{Policy, PolicyKind};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Fault;

use crate::function::CodeUse;
use crate::names::FunctionPlace;
use crate::{permissions, refusals};

/// Where a layer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LayerPlace {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
}

/// A layer.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct LayerRecord {
    pub(crate) name: String,
    /// The number of the version that was published last. Numbers come once.
    pub(crate) published: u64,
}

impl Record for LayerRecord {
    const TABLE: &'static str = "lambda.layers";
    const SERVICE: &'static str = "lambda";
}

/// A version of a layer.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct LayerVersionRecord {
    pub(crate) layer: String,
    pub(crate) version: u64,
    pub(crate) created_millis: i64,
    pub(crate) description: String,
    pub(crate) license: Option<String>,
    pub(crate) runtimes: Vec<String>,
    pub(crate) architectures: Vec<String>,
    pub(crate) code: CodeUse,
    /// Whether a function was given it before uses were noted (`layer_uses`): its code has to stay then.
    pub(crate) is_used: bool,
    /// The statements of its policy in JSON, in the order in which they came.
    pub(crate) statements: Vec<String>,
    /// Another one after each change of the policy; none before the first.
    pub(crate) revision_id: String,
    #[serde(skip)]
    pub(crate) parsed: Derived<Policy>,
}

impl Record for LayerVersionRecord {
    const TABLE: &'static str = "lambda.layer_versions";
    const SERVICE: &'static str = "lambda";
}

impl LayerPlace {
    /// The layer that a request means by a name or an ARN.
    pub(crate) fn of(ctx: &Ctx, text: &str) -> Result<Self, Fault> {
        match text.contains(':') {
            false => Ok(Self {
                account: ctx.account().to_owned(),
                region: ctx.region.clone(),
                name: text.to_owned(),
            }),
            true => Self::read(text)
                .map(|(place, _)| place)
                .ok_or_else(|| refusals::invalid(format!("Invalid layer name: {text}"))),
        }
    }

    /// The layer of an ARN, and its version if the ARN has one.
    pub(crate) fn read(arn: &str) -> Option<(Self, Option<u64>)> {
        let parts: Vec<&str> = arn.split(':').collect();
        let (["arn", split, "lambda", region, account, "layer", name], version) =
            parts.split_first_chunk::<7>()?
        else {
            return None;
        };
        let version = match *version {
            [] => None,
            [number] => Some(number.parse().ok()?),
            _ => return None,
        };
        let is_sound = is_region(region) && is_account(account) && *split == partition(region);
        is_sound.then(|| {
            let place = Self {
                account: (*account).to_owned(),
                region: (*region).to_owned(),
                name: (*name).to_owned(),
            };
            (place, version)
        })
    }

    /// The ARN.
    pub(crate) fn arn(&self) -> String {
        let Self {
            account,
            region,
            name,
        } = self;
        let partition = partition(region);
        format!("arn:{partition}:lambda:{region}:{account}:layer:{name}")
    }

    /// The ARN of a version.
    pub(crate) fn version_arn(&self, version: u64) -> String {
        format!("{}:{version}", self.arn())
    }

    /// Where its record is, and below that its versions.
    pub(crate) fn key(&self) -> Key {
        Key::new(&self.account, &self.region, [self.name.as_str()])
    }

    /// Where the record of a version is.
    pub(crate) fn version_key(&self, version: u64) -> Key {
        self.key().with(&version.to_string())
    }

    /// Where the code of its versions is kept: as that of a function that no request can name.
    pub(crate) fn code_place(&self) -> FunctionPlace {
        FunctionPlace {
            account: self.account.clone(),
            region: self.region.clone(),
            name: format!("layer:{}", self.name),
        }
    }
}

impl LayerVersionRecord {
    /// The version, if there is one.
    pub(crate) async fn get(
        ctx: &Ctx,
        place: &LayerPlace,
        version: u64,
    ) -> Result<Option<Arc<Self>>> {
        ctx.get(&place.version_key(version)).await
    }

    /// All versions, the newest first.
    pub(crate) async fn all(ctx: &Ctx, place: &LayerPlace) -> Result<Vec<Arc<Self>>> {
        let rows = ctx.scan_all::<Self>(&place.key()).await?;
        let mut versions: Vec<_> = rows.into_iter().map(|(_, version)| version).collect();
        versions.sort_by_key(|version| std::cmp::Reverse(version.version));
        Ok(versions)
    }

    /// The policy, parsed once; none where nothing is permitted.
    pub(crate) fn policy(&self) -> Result<Option<&Policy>> {
        if self.statements.is_empty() {
            return Ok(None);
        }
        let parsed = self.parsed.get_or_make(|| {
            let document = permissions::document(&self.statements);
            Policy::parse(&document, PolicyKind::Resource).map_err(|malformed| {
                let detail = malformed.detail();
                Error::internal(format!("a stored policy is malformed: {detail}"))
            })
        });
        parsed.map(Some)
    }

    /// Whether it is made for this runtime and architecture, where they are asked for.
    pub(crate) fn suits(&self, runtime: Option<&str>, architecture: Option<&str>) -> bool {
        let has = |list: &[String], wanted: Option<&str>| {
            wanted.is_none_or(|wanted| list.iter().any(|one| one == wanted))
        };
        has(&self.runtimes, runtime) && has(&self.architectures, architecture)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_of_layers_are_read() {
        let arn = "arn:aws:lambda:eu-west-1:111122223333:layer:l";
        let (place, version) = LayerPlace::read(arn).expect("a layer");
        assert_eq!((place.arn().as_str(), version), (arn, None));
        let versioned = place.version_arn(7);
        assert_eq!(LayerPlace::read(&versioned), Some((place, Some(7))));
        for bad in [
            "arn:aws:lambda:eu-west-1:111122223333:function:l:1",
            "arn:aws-cn:lambda:eu-west-1:111122223333:layer:l:1",
            "arn:aws:lambda:eu-west-1:1111:layer:l:1",
            "arn:aws:lambda:eu-west-1:111122223333:layer:l:x",
            "arn:aws:lambda:eu-west-1:111122223333:layer:l:1:2",
            "arn:aws:lambda:::awslayer:l",
        ] {
            assert_eq!(LayerPlace::read(bad), None, "{bad}");
        }
    }
}
