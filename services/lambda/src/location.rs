//! Links to code (GetFunction, `Code.Location`): whoever has one can fetch the package for ten
//! minutes, as with a presigned URL of Amazon S3.
//!
//! A link says where the code is and until when, sealed under a key of the installation: nobody
//! learns from it where things are kept, or makes one.

use platform::{Ctx, Error, Result, Upkeep};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use wire::Timestamp;
use zeroize::Zeroizing;

use crate::code;
use crate::function::CodeUse;
use crate::names::FunctionPlace;
use crate::roles::PRINCIPAL;

/// What the path of a link begins with.
const PREFIX: &str = "/_strongroom/lambda/code/";
/// How long a link leads somewhere ("GetFunction", Lambda API reference).
const SECONDS: i64 = 600;
/// What the key for links is for.
const PURPOSE: &str = "lambda code links";

/// What a link says. It is in the form of a record, and kept nowhere.
#[derive(Serialize, Deserialize)]
struct Link {
    account: String,
    region: String,
    name: String,
    code: CodeUse,
    until_millis: i64,
}

impl Record for Link {
    const TABLE: &'static str = "lambda.links";
    const SERVICE: &'static str = "lambda";
}

/// A link to the code of a version.
pub(crate) fn link(ctx: &Ctx, place: &FunctionPlace, code: &CodeUse) -> Result<String> {
    let link = Link {
        account: place.account.clone(),
        region: place.region.clone(),
        name: place.name.clone(),
        code: code.clone(),
        until_millis: ctx.now.plus_secs(SECONDS).millis,
    };
    let plain = store::record::encode(&aad(), &link).map_err(Error::internal)?;
    let key = ctx.keyring().purpose_key(PURPOSE);
    let sealed = key.seal(PURPOSE.as_bytes(), &plain, ctx.random());
    let sealed = sealed.map_err(Error::internal)?;
    let digits: String = sealed.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("{}{PREFIX}{digits}", ctx.public_url()))
}

/// The package that the path of a link leads to; none if it leads nowhere, any more or at all.
pub async fn download(
    upkeep: &Upkeep,
    now: Timestamp,
    path: &str,
) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let Some(link) = opened(upkeep, path).filter(|link| link.until_millis > now.millis) else {
        return Ok(None);
    };
    let place = FunctionPlace {
        account: link.account,
        region: link.region,
        name: link.name,
    };
    let ctx = upkeep.ctx(PRINCIPAL, &place.region, now)?;
    match code::is_there(&ctx, &place, &link.code).await? {
        true => code::read(&ctx, &place, &link.code).await.map(Some),
        false => Ok(None),
    }
}

fn opened(upkeep: &Upkeep, path: &str) -> Option<Link> {
    let digits = path.strip_prefix(PREFIX)?.as_bytes();
    let (pairs, rest) = digits.as_chunks::<2>();
    let byte = |pair: &[u8; 2]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
    let sealed: Option<Vec<u8>> = pairs.iter().map(byte).collect();
    let sealed = sealed.filter(|_| rest.is_empty())?;
    let key = upkeep.keyring().purpose_key(PURPOSE);
    let plain = key.open(PURPOSE.as_bytes(), &sealed).ok()?;
    let (_, link) = store::record::decode(&plain).ok()?;
    Some(link)
}

fn aad() -> Key {
    Key::new("", "", [PURPOSE])
}
