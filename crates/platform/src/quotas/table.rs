//! What a service declares: its quotas, and which calls count against which.

/// The quotas of one service.
pub struct QuotaTable {
    /// The service's code in Service Quotas, for example `kms`.
    pub service_code: &'static str,
    /// The service's name in Service Quotas.
    pub service_name: &'static str,
    /// The text of the `ThrottlingException` of a call over a request rate.
    pub exceeded: &'static str,
    /// All quotas. Their codes are unique.
    pub quotas: &'static [Quota],
    /// The operations that count against one request rate or another. Those that always count
    /// against the same are named with the quota; what is named nowhere counts against none.
    pub draws: &'static [Draw],
    /// The operations that count in a second region, too.
    pub elsewhere: &'static [Elsewhere],
}

/// One quota.
#[derive(Clone, Copy)]
pub struct Quota {
    /// The quota code, for example `L-6E3AF000`.
    pub code: &'static str,
    /// The name.
    pub name: &'static str,
    /// What is limited.
    pub description: &'static str,
    /// What the value counts.
    pub kind: QuotaKind,
    /// The operations whose calls always count against it.
    pub operations: &'static [&'static str],
    /// AWS's default where `regional` has no other.
    pub default: f64,
    /// AWS's defaults that are for some regions alone.
    pub regional: &'static [Regional],
    /// Whether the value can be raised.
    pub adjustable: bool,
    /// The `Resource` dimension of the `CallCount` metric that shows its use, where there is one.
    pub usage_resource: Option<&'static str>,
}

/// What the value of a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotaKind {
    /// Calls a second.
    Rate,
    /// Things that there may be.
    Count,
}

/// A default for some regions.
pub struct Regional {
    /// The regions.
    pub regions: &'static [&'static str],
    /// Their default.
    pub default: f64,
}

/// One quota or another for the calls of one operation, as the request says. An operation may be
/// named several times; a quota that comes up twice is drawn from once.
pub struct Draw {
    /// The operation.
    pub operation: &'static str,
    /// The member of the request that says it, a text.
    pub member: &'static str,
    /// How the text begins, with the code of the quota; the first that fits counts.
    pub quotas: &'static [(&'static str, &'static str)],
    /// What the text is where the request leaves the member out.
    pub absent: &'static str,
}

/// What the calls of one operation count as in a second region, which the request names: calls of
/// the account against a quota there.
pub struct Elsewhere {
    /// The operation.
    pub operation: &'static str,
    /// The member of the request that names the region, a text.
    pub member: &'static str,
    /// The code of the quota.
    pub quota: &'static str,
    /// As how many calls one counts.
    pub calls: usize,
}

impl QuotaTable {
    /// The quota with this code.
    pub fn quota(&self, code: &str) -> Option<&'static Quota> {
        self.quotas.iter().find(|quota| quota.code == code)
    }

    /// Where the quota with this code is among the quotas.
    pub(crate) fn position(&self, code: &str) -> Option<usize> {
        self.quotas.iter().position(|quota| quota.code == code)
    }
}

impl Quota {
    /// AWS's default in `region`.
    pub fn default_in(&self, region: &str) -> f64 {
        let mut regional = self.regional.iter();
        let found = regional.find(|regional| regional.regions.contains(&region));
        found.map_or(self.default, |regional| regional.default)
    }
}
