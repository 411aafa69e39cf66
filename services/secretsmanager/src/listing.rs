//! Secrets by the page (ListSecrets, BatchGetSecretValue).
//!
//! In the order of creation a page is read at the same cost however many secrets there are. Other
//! orders need to see them all.

use std::cmp::Ordering;
use std::sync::Arc;

use api::secretsmanager::{SortByType, SortOrderType};
use platform::{Ctx, Result};

use crate::describing;
use crate::filters::Filters;
use crate::names::Place;
use crate::order::Walk;
use crate::refusals;
use crate::secret::SecretRecord;

/// After so many secrets that filters leave out an answer says how far it came.
const MOST_READ: usize = 5_000;

/// A secret of a list.
pub(crate) type Listed = (Place, Arc<SecretRecord>);

/// In which order secrets are listed.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sorting {
    pub(crate) by: Option<SortByType>,
    pub(crate) order: Option<SortOrderType>,
}

/// A page, and the token of the next one.
pub(crate) struct SecretsPage {
    pub(crate) secrets: Vec<Listed>,
    pub(crate) next: Option<String>,
}

/// Up to `most` of the caller's secrets, from where `token` says. It may have fewer though there are
/// more.
pub(crate) async fn page(
    ctx: &Ctx,
    filters: &Filters,
    sorting: Sorting,
    (token, most): (Option<&str>, usize),
) -> Result<SecretsPage> {
    let backward = sorting.order == Some(SortOrderType::Desc);
    match sorting.by {
        None | Some(SortByType::CreatedDate) => {
            let from = token.map(|token| token.parse().map_err(|_| refusals::bad_token()));
            let walk = Walk::begin(ctx, backward, from.transpose()?).await?;
            in_order(ctx, filters, walk, most).await
        }
        Some(by) => sorted(ctx, filters, (by, backward), (token, most)).await,
    }
}

async fn in_order(
    ctx: &Ctx,
    filters: &Filters,
    mut walk: Walk,
    most: usize,
) -> Result<SecretsPage> {
    let (mut secrets, mut count) = (Vec::new(), 0);
    while let Some(entries) = walk.next(ctx).await? {
        let mut rest = entries.as_slice();
        while let Some((number, _)) = rest.first() {
            // No more are read than the page takes if filters leave out none.
            let room = (most - secrets.len()).min(MOST_READ - count);
            if room == 0 {
                let next = Some(number.to_string());
                return Ok(SecretsPage { secrets, next });
            }
            let (now, later) = rest.split_at(room.min(rest.len()));
            count += now.len();
            secrets.extend(read(ctx, filters, now).await?);
            rest = later;
        }
        if secrets.len() >= most || count >= MOST_READ {
            let next = walk.at().map(|at| at.to_string());
            return Ok(SecretsPage { secrets, next });
        }
    }
    Ok(SecretsPage {
        secrets,
        next: None,
    })
}

async fn sorted(
    ctx: &Ctx,
    filters: &Filters,
    (by, backward): (SortByType, bool),
    (token, most): (Option<&str>, usize),
) -> Result<SecretsPage> {
    let mut walk = Walk::begin(ctx, false, None).await?;
    let mut all = Vec::new();
    while let Some(entries) = walk.next(ctx).await? {
        all.extend(read(ctx, filters, &entries).await?);
    }
    let mut keyed = keyed(ctx, by, all).await?;
    keyed.sort_by(|(a, _), (b, _)| match backward {
        true => b.cmp(a),
        false => a.cmp(b),
    });
    if let Some(token) = token {
        let last = SortKey::parse(token).ok_or_else(refusals::bad_token)?;
        let ahead = match backward {
            true => Ordering::Less,
            false => Ordering::Greater,
        };
        keyed.retain(|(key, _)| key.cmp(&last) == ahead);
    }
    let is_cut = keyed.len() > most;
    keyed.truncate(most);
    let last = keyed.last().filter(|_| is_cut);
    Ok(SecretsPage {
        next: last.map(|(key, _)| key.to_token()),
        secrets: keyed.into_iter().map(|(_, listed)| listed).collect(),
    })
}

/// What decides where a secret stands: a time or a name, and then its number.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct SortKey {
    millis: i64,
    name: String,
    number: u64,
}

impl SortKey {
    fn to_token(&self) -> String {
        format!("{}:{}:{}", self.millis, self.number, self.name)
    }

    fn parse(token: &str) -> Option<Self> {
        let mut parts = token.splitn(3, ':');
        Some(Self {
            millis: parts.next()?.parse().ok()?,
            number: parts.next()?.parse().ok()?,
            name: parts.next()?.to_owned(),
        })
    }
}

async fn keyed(ctx: &Ctx, by: SortByType, all: Vec<Listed>) -> Result<Vec<(SortKey, Listed)>> {
    let accessed = match by {
        SortByType::LastAccessedDate => {
            let arns = all.iter().map(|(place, record)| place.arn(&record.suffix));
            describing::accessed(ctx, arns.collect()).await?
        }
        _ => Default::default(),
    };
    let keyed = all.into_iter().map(|(place, record)| {
        let millis = match by {
            SortByType::CreatedDate => record.created_millis,
            SortByType::LastChangedDate => record.changed_millis,
            SortByType::LastAccessedDate => {
                let at = accessed.get(&place.arn(&record.suffix));
                at.map_or(0, |at| at.millis)
            }
            SortByType::Name => 0,
        };
        let is_by_name = by == SortByType::Name;
        let name = if is_by_name { &*place.name } else { "" };
        let key = SortKey {
            millis,
            name: name.to_owned(),
            number: record.number,
        };
        (key, (place, record))
    });
    Ok(keyed.collect())
}

/// Those of the caller's secrets with these names that a list has.
async fn read(ctx: &Ctx, filters: &Filters, entries: &[(u64, String)]) -> Result<Vec<Listed>> {
    let names: Vec<&str> = entries.iter().map(|(_, name)| name.as_str()).collect();
    let mut found = SecretRecord::get_own(ctx, &names).await?;
    found.retain(|(place, record)| filters.admit(place, record));
    Ok(found)
}
