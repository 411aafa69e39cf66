//! Searching a whole journal by the rows of its segments, beside the program that writes it.

use std::collections::HashSet;

use store::journal::Indexed;

use super::filter::short;
use super::rows::Rows;

/// What events are searched for by: all that is named has to fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistorySearch {
    /// `recipientAccountId`
    pub account: Option<String>,
    /// `awsRegion`
    pub region: Option<String>,
    /// `eventName`
    pub name: Option<String>,
    /// `eventSource`: `kms.amazonaws.com`.
    pub source: Option<String>,
    /// The access key that signed; not empty.
    pub access_key: Option<String>,
    /// The ARN of a resource; not empty.
    pub resource: Option<String>,
    /// When, first and last, in milliseconds since 1970.
    pub times: Option<(i64, i64)>,
}

impl HistorySearch {
    /// Whether rows tell anything about it.
    pub fn is_selective(&self) -> bool {
        *self != Self::default()
    }

    /// The numbers of the events of a segment that may fit, ascending; `None` where its index cannot
    /// be believed. What may fit has to be read and compared: all that fits is among it.
    pub fn candidates(&self, segment: &Indexed) -> Option<Vec<u64>> {
        let rows = Rows::from_bytes(&segment.index.rows().ok()??)?;
        let is_whole = rows.seqs() == (segment.first.seq..segment.last_seq + 1);
        is_whole.then(|| self.among(&rows))
    }

    pub(super) fn among(&self, rows: &Rows) -> Vec<u64> {
        let is = |wanted: &Option<String>, value: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == value)
        };
        let classes: HashSet<u16> = rows
            .classes(|class| {
                is(&self.account, &class.account)
                    && is(&self.region, &class.region)
                    && is(&self.name, &class.name)
                    && is(&self.source, &class.source)
            })
            .collect();
        let hash = |wanted: &Option<String>| wanted.as_deref().map(|it| short(Some(it)));
        let (key, name) = (hash(&self.access_key), hash(&self.resource));
        let more = name.map(|name| rows.further_names(name));
        let times = self.times.unwrap_or((i64::MIN, i64::MAX));
        rows.seqs_where(times, |position, row| {
            // Of what the index could not read or number, nothing is known.
            if row.is_unread() {
                return true;
            }
            let has_name = name.is_none_or(|name| row.name == name)
                || more.as_ref().is_some_and(|more| more.contains(&position));
            (row.is_unnumbered() || classes.contains(&row.class))
                && key.is_none_or(|key| row.key == key)
                && has_name
        })
    }
}
