//! The names of condition operators.

use std::cmp::Ordering;

/// An operator's name, taken apart.
pub(crate) struct Operator {
    pub(crate) qualifier: Qualifier,
    pub(crate) family: Family,
    pub(crate) negated: bool,
    pub(crate) if_exists: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Family {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    Numeric(Comparison),
    Date(Comparison),
    Bool,
    Binary,
    Ip,
    Arn,
    Null,
}

/// How a key with several values is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Qualifier {
    None,
    ForAllValues,
    ForAnyValue,
}

/// An ordering that satisfies an operator.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    /// Operator names are matched without regard to case.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let (qualifier, rest) = match lower.split_once(':') {
            None => (Qualifier::None, lower.as_str()),
            Some(("forallvalues", rest)) => (Qualifier::ForAllValues, rest),
            Some(("foranyvalue", rest)) => (Qualifier::ForAnyValue, rest),
            Some(_) => return None,
        };
        if rest == "null" && qualifier == Qualifier::None {
            return Some(Self {
                qualifier,
                family: Family::Null,
                negated: false,
                if_exists: false,
            });
        }
        let (base, if_exists) = match rest.strip_suffix("ifexists") {
            Some(base) => (base, true),
            None => (rest, false),
        };
        let (family, negated) = family(base)?;
        Some(Self {
            qualifier,
            family,
            negated,
            if_exists,
        })
    }
}

/// The operators of the policy language, lower case; whether it is negated.
fn family(name: &str) -> Option<(Family, bool)> {
    let comparison = |name| match name {
        "equals" => Some((Comparison::Equal, false)),
        "notequals" => Some((Comparison::Equal, true)),
        "lessthan" => Some((Comparison::Less, false)),
        "lessthanequals" => Some((Comparison::LessOrEqual, false)),
        "greaterthan" => Some((Comparison::Greater, false)),
        "greaterthanequals" => Some((Comparison::GreaterOrEqual, false)),
        _ => None,
    };
    if let Some(rest) = name.strip_prefix("numeric") {
        return comparison(rest).map(|(how, negated)| (Family::Numeric(how), negated));
    }
    if let Some(rest) = name.strip_prefix("date") {
        return comparison(rest).map(|(how, negated)| (Family::Date(how), negated));
    }
    Some(match name {
        "stringequals" => (Family::StringEquals, false),
        "stringnotequals" => (Family::StringEquals, true),
        "stringequalsignorecase" => (Family::StringEqualsIgnoreCase, false),
        "stringnotequalsignorecase" => (Family::StringEqualsIgnoreCase, true),
        "stringlike" => (Family::StringLike, false),
        "stringnotlike" => (Family::StringLike, true),
        "bool" => (Family::Bool, false),
        "binaryequals" => (Family::Binary, false),
        "ipaddress" => (Family::Ip, false),
        "notipaddress" => (Family::Ip, true),
        "arnequals" | "arnlike" => (Family::Arn, false),
        "arnnotequals" | "arnnotlike" => (Family::Arn, true),
        _ => return None,
    })
}

impl Comparison {
    pub(crate) fn holds(self, ordering: Option<Ordering>) -> bool {
        ordering.is_some_and(|ordering| match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        })
    }
}
