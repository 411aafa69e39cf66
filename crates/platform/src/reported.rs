//! What a report on the use of services needs to know of an organization.

use std::sync::Arc;

use crate::ports::NamedPolicy;

/// What a report is about.
#[derive(Clone, Copy)]
pub struct ReportAbout<'a> {
    /// The path of a root, unit or account: `o-../r-../ou-..`.
    pub path: &'a str,
    /// A service control policy, `p-..`, where the report is about one.
    pub policy_id: Option<&'a str>,
}

/// A part of an organization.
pub struct Reported {
    /// The service control policies that limit it, one list a level. Empty where nothing does.
    pub levels: Vec<Vec<Arc<NamedPolicy>>>,
    /// The accounts in it that these policies limit.
    pub accounts: Vec<ReportedAccount>,
}

/// An account of a report.
pub struct ReportedAccount {
    /// 12 digits.
    pub id: String,
    /// `o-../r-../ou-../111122223333`
    pub path: String,
}

/// Why there is nothing to report on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreportable {
    /// Service control policies are not enabled.
    ControlsDisabled,
    /// The organization has nothing at this path.
    UnknownPath,
    /// The organization has no such service control policy.
    UnknownPolicy,
}
