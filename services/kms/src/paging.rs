//! Markers of lists that come in pages. A marker is sealed: it says nothing to its holder, and is
//! good only for the list, account and region that it was made for.

use api::kms::InvalidMarkerException;
use platform::{Ctx, Error, Result, validation};
use wire::{Fault, marker};

/// The purpose of the key that seals markers.
const PURPOSE: &str = "kms-marker";

/// One list of one account and region.
pub(crate) struct Paging<'a> {
    pub(crate) ctx: &'a Ctx,
    /// The operation.
    pub(crate) list: &'a str,
    /// What the list is about, for example a key; may be empty.
    pub(crate) about: &'a str,
}

impl Paging<'_> {
    /// The position that a marker stands for.
    pub(crate) fn open(&self, marker: Option<&str>) -> Result<Option<String>, Fault> {
        let Some(marker) = marker else {
            return Ok(None);
        };
        let position = self
            .position(marker)
            .ok_or_else(InvalidMarkerException::bare)?;
        Ok(Some(position))
    }

    /// The marker of a position.
    pub(crate) fn seal(&self, position: &str) -> Result<String> {
        let key = self.ctx.keyring().record_key(self.ctx.account(), PURPOSE);
        let sealed = key.seal(&self.scope(), position.as_bytes(), self.ctx.random());
        Ok(marker::encode(&sealed.map_err(Error::internal)?))
    }

    fn position(&self, marker: &str) -> Option<String> {
        let sealed = marker::decode(marker)?;
        let key = self.ctx.keyring().record_key(self.ctx.account(), PURPOSE);
        let position = key.open(&self.scope(), &sealed).ok()?;
        String::from_utf8(position.to_vec()).ok()
    }

    fn scope(&self) -> Vec<u8> {
        [self.list, self.ctx.account(), &self.ctx.region, self.about]
            .join("\n")
            .into_bytes()
    }
}

/// The size of a page. The model bounds `limit` from below, each list has its own upper bound.
pub(crate) fn page_size(limit: Option<i32>, default: usize, max: usize) -> Result<usize> {
    let Some(limit) = limit else {
        return Ok(default);
    };
    match usize::try_from(limit) {
        Ok(limit) if limit <= max => Ok(limit),
        _ => Err(validation(format!(
            "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy \
             constraint: Member must have value less than or equal to {max}"
        ))),
    }
}
