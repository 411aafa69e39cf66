//! Parameters by the page, as they stand in the hierarchy. A page is read in pieces no larger than
//! itself, so that memory does not grow with what there is.

use std::sync::Arc;

use platform::{Ctx, Error, Result};
use store::{Cursor, Key, Page, StoreError};

use crate::parameter::ParameterRecord;
use crate::refusals;

/// After so many parameters that a filter leaves out an answer says how far it came.
const MOST_READ: usize = 5_000;
/// The smallest piece.
const LEAST_READ: usize = 10;

/// A page, and the token of the next one.
pub(crate) struct Listed {
    pub(crate) records: Vec<Arc<ParameterRecord>>,
    pub(crate) next: Option<String>,
}

/// Up to `limit` parameters below `prefix` that are `wanted`, behind the page that ended with
/// `token`. It may have fewer though there are more (DescribeParameters, GetParametersByPath).
pub(crate) async fn page(
    ctx: &Ctx,
    prefix: &Key,
    (token, limit): (Option<&str>, usize),
    wanted: impl Fn(&ParameterRecord) -> bool + Send,
) -> Result<Listed> {
    let after = token.map(|token| token.parse().map_err(|_| refusals::bad_token()));
    let mut after = after.transpose()?;
    let (mut records, mut count) = (Vec::new(), 0);
    loop {
        // No piece is larger than what the page still has room for: where a page ends, only the
        // end of a piece can say.
        let piece = limit.saturating_sub(records.len()).max(1);
        let page = read(ctx, prefix, after.as_ref(), piece).await?;
        count += page.rows.len().max(LEAST_READ);
        let rows = page.rows.into_iter().map(|(_, record)| record);
        let live = rows.filter(|record| !record.has_expired(ctx.now.millis));
        records.extend(live.filter(|record| wanted(record)));
        let is_full = records.len() * 2 > limit || count >= MOST_READ;
        match page.next {
            Some(next) if is_full => {
                let next = Some(next.to_string());
                return Ok(Listed { records, next });
            }
            Some(next) => after = Some(next),
            None => {
                return Ok(Listed {
                    records,
                    next: None,
                });
            }
        }
    }
}

/// A cursor of another level, which the store refuses, is no token.
async fn read(
    ctx: &Ctx,
    prefix: &Key,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<ParameterRecord>> {
    match ctx.scan(prefix, after, limit).await {
        Err(Error::Internal(error)) => match error.downcast_ref() {
            Some(StoreError::BadCursor) => Err(refusals::bad_token().into()),
            _ => Err(Error::Internal(error)),
        },
        page => page,
    }
}
