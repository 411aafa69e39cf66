//! The code of functions: checked when it comes, kept in pieces, handed out again.
//!
//! A package is the one large thing that callers put here. It is sealed as every record is, piece by
//! piece, and no piece stays in the memory that readers share.

use api::lambda::CodeStorageExceededException;
use functions::package::{self, PackageError};
use platform::{AppliedQuotas, Ctx, Error, Result};
use serde::{Deserialize, Serialize};
use store::{Key, Record};
use zeroize::Zeroizing;

use crate::function::{CodeUse, VersionRecord};
use crate::layer::LayerVersionRecord;
use crate::names::FunctionPlace;
use crate::quotas::{QUOTAS, STORAGE};
use crate::refusals;

/// The bytes of a piece.
const PIECE: usize = 1 << 20;
/// The largest package that a request may hold ("Lambda quotas", 50 MB).
pub(crate) const MOST_ZIPPED: usize = 52_428_800;

/// A piece of a package.
#[derive(Serialize, Deserialize)]
pub(crate) struct PieceRecord {
    pub(crate) bytes: Vec<u8>,
}

impl Record for PieceRecord {
    const TABLE: &'static str = "lambda.code";
    const SERVICE: &'static str = "lambda";
    // Fifty large pieces for each cold start would push out everybody else's records.
    const CACHED: bool = false;
}

/// What is known of a package that was checked.
pub(crate) struct Checked {
    zip: Zeroizing<Vec<u8>>,
    sha256: [u8; 32],
    unzipped_size: u64,
}

/// Reads all of a package, and refuses what no function can be made of.
pub(crate) async fn check(ctx: &Ctx, zip: Zeroizing<Vec<u8>>) -> Result<Checked> {
    if zip.len() > MOST_ZIPPED {
        let most = MOST_ZIPPED;
        let text = format!("Zipped size must be smaller than {most} bytes");
        return Err(refusals::invalid(text).into());
    }
    let work = move || {
        let package = package::check(&zip)?;
        Ok::<_, PackageError>(Checked {
            sha256: crypto::sha256(&zip),
            unzipped_size: package.unzipped_size,
            zip,
        })
    };
    let checked = ctx.in_background(work).await?;
    checked.map_err(|error| refused(&error).into())
}

impl Checked {
    /// The SHA-256 of the package.
    pub(crate) fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// Bytes zipped.
    pub(crate) fn size(&self) -> u64 {
        self.zip.len() as u64
    }

    /// Bytes unzipped.
    pub(crate) fn unzipped_size(&self) -> u64 {
        self.unzipped_size
    }

    /// Keeps the package for a function of the account.
    pub(crate) async fn keep(self, ctx: &Ctx, place: &FunctionPlace) -> Result<CodeUse> {
        check_storage(ctx, place, self.size()).await?;
        let id = ctx.new_uuid()?;
        for (number, piece) in self.zip.chunks(PIECE).enumerate() {
            let bytes = piece.to_vec();
            ctx.put(key(place, &id, number), PieceRecord { bytes })
                .await;
        }
        Ok(CodeUse {
            size: self.size(),
            sha256: self.sha256,
            unzipped_size: self.unzipped_size,
            id,
        })
    }
}

/// Whether a package is kept still.
pub(crate) async fn is_there(ctx: &Ctx, place: &FunctionPlace, code: &CodeUse) -> Result<bool> {
    Ok(ctx
        .get::<PieceRecord>(&key(place, &code.id, 0))
        .await?
        .is_some())
}

/// The package of a version.
pub(crate) async fn read(
    ctx: &Ctx,
    place: &FunctionPlace,
    code: &CodeUse,
) -> Result<Zeroizing<Vec<u8>>> {
    pieces(ctx, place, (&code.id, code.size)).await
}

/// An archive of so many bytes, by its id.
pub(crate) async fn pieces(
    ctx: &Ctx,
    place: &FunctionPlace,
    (id, size): (&str, u64),
) -> Result<Zeroizing<Vec<u8>>> {
    let size = usize::try_from(size).map_err(Error::internal)?;
    let mut zip = Zeroizing::new(Vec::with_capacity(size));
    for number in 0..size.div_ceil(PIECE) {
        let piece = ctx.get::<PieceRecord>(&key(place, id, number)).await?;
        let piece = piece.ok_or_else(|| Error::dangling("a piece of code"))?;
        zip.extend_from_slice(&piece.bytes);
    }
    Ok(zip)
}

/// Forgets a package that no version has any more.
pub(crate) async fn forget(ctx: &Ctx, place: &FunctionPlace, code: &CodeUse) -> Result<()> {
    let size = usize::try_from(code.size).map_err(Error::internal)?;
    for number in 0..size.div_ceil(PIECE) {
        ctx.delete::<PieceRecord>(&key(place, &code.id, number))
            .await;
    }
    Ok(())
}

/// The bytes of all packages of an account, layers included. A package that versions
/// share counts for each of them, as AWS counts it.
pub(crate) async fn stored(ctx: &Ctx, account: &str, region: &str) -> Result<u64> {
    let own = Key::new(account, region, [""; 0]);
    let rows = ctx.scan_all::<VersionRecord>(&own).await?;
    let functions: u64 = rows.iter().map(|(_, version)| version.code.size).sum();
    let rows = ctx.scan_all::<LayerVersionRecord>(&own).await?;
    let layers: u64 = rows.iter().map(|(_, version)| version.code.size).sum();
    Ok(functions + layers)
}

async fn check_storage(ctx: &Ctx, place: &FunctionPlace, more: u64) -> Result<()> {
    let most = storage_limit(ctx, &place.account, &place.region).await?;
    if stored(ctx, &place.account, &place.region).await? + more > most {
        return Err(CodeStorageExceededException::new("Code storage limit exceeded.").into());
    }
    Ok(())
}

/// The bytes that all packages of an account may have in a Region.
pub(crate) async fn storage_limit(ctx: &Ctx, account: &str, region: &str) -> Result<u64> {
    let applied = AppliedQuotas::place(account, region, QUOTAS.service_code);
    let applied = ctx.get::<AppliedQuotas>(&applied).await?;
    let gigabytes = applied.and_then(|applied| applied.value(STORAGE.code));
    let gigabytes = gigabytes.unwrap_or(STORAGE.default);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a quota is a small whole number"
    )]
    Ok((gigabytes as u64) << 30)
}

/// The pieces of all packages of a function lie below it.
fn key(place: &FunctionPlace, id: &str, number: usize) -> Key {
    place.key().with(id).with(&number.to_string())
}

/// The words of Lambda for a package that is refused.
fn refused(error: &PackageError) -> wire::Fault {
    refusals::invalid(match error {
        PackageError::TooLarge => "Unzipped size must be smaller than 262144000 bytes",
        PackageError::Empty => "Uploaded file must be a non-empty zip",
        _ => "Could not unzip uploaded file. Please check your file, then try to upload again.",
    })
}
