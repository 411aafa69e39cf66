//! Names of trails, buckets and prefixes (CreateTrail; "Bucket naming rules", Amazon S3 user guide).

use platform::{Ctx, Result};
use wire::Fault;

use crate::refusals;

/// A trail, by its parts.
pub(crate) struct Named {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
}

/// What a name or an ARN names.
pub(crate) fn trail(ctx: &Ctx, text: &str) -> Result<Named> {
    if !text.starts_with("arn:") {
        check_trail(text)?;
        return Ok(Named {
            account: ctx.account().to_owned(),
            region: ctx.region.clone(),
            name: text.to_owned(),
        });
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let named = match parts.as_slice() {
        ["arn", _, "cloudtrail", region, account, resource] => {
            let name = resource.strip_prefix("trail/");
            name.map(|name| (region, account, name))
        }
        _ => None,
    };
    let is_account =
        |account: &str| account.len() == 12 && account.bytes().all(|it| it.is_ascii_digit());
    let named = named.filter(|(region, account, name)| {
        platform::is_region(region) && is_account(account) && check_trail(name).is_ok()
    });
    let (region, account, name) = named.ok_or_else(|| refusals::bad_arn(text))?;
    Ok(Named {
        account: (*account).to_owned(),
        region: (*region).to_owned(),
        name: name.to_owned(),
    })
}

/// Refuses ARNs that are no trail's; those of other things that CloudTrail has, plainly.
pub(crate) fn check_kind(arn: &str) -> Result<(), Fault> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "cloudtrail", _, _, resource] if resource.starts_with("trail/") => Ok(()),
        ["arn", _, "cloudtrail", _, _, resource]
            if ["eventdatastore/", "channel/", "dashboard/"]
                .iter()
                .any(|kind| resource.starts_with(kind)) =>
        {
            Err(refusals::other_kind(arn))
        }
        _ => Err(refusals::bad_arn(arn)),
    }
}

pub(crate) fn check_trail(name: &str) -> Result<(), Fault> {
    match fault_of_name(name) {
        Some(reason) => Err(refusals::bad_name(reason)),
        None => Ok(()),
    }
}

/// The first thing that is wrong with the name of a trail.
fn fault_of_name(name: &str) -> Option<String> {
    let is_mark = |byte: &u8| matches!(byte, b'.' | b'_' | b'-');
    let bytes = name.as_bytes();
    let count = name.chars().count();
    let starts = bytes.first().is_some_and(u8::is_ascii_alphanumeric);
    let ends = bytes.last().is_some_and(u8::is_ascii_alphanumeric);
    let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || is_mark(byte);
    let has_pairs = bytes.windows(2).any(|pair| pair.iter().all(is_mark));
    let reason = match count {
        0 => "Trail name cannot be blank!".to_owned(),
        1..3 => format!(
            "Trail name too short. Minimum allowed length: 3 characters. Specified name length: \
             {count} characters."
        ),
        129.. => format!(
            "Trail name too long. Maximum allowed length: 128 characters. Specified name length: \
             {count} characters."
        ),
        _ if !starts => "Trail name must starts with a letter or number.".to_owned(),
        _ if !ends => "Trail name must ends with a letter or number.".to_owned(),
        _ if !bytes.iter().all(is_allowed) => {
            "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, \
             periods (.), hyphens (-), and underscores (_)."
                .to_owned()
        }
        _ if has_pairs => "Trail name or ARN cannot have adjacent periods (.), hyphens (-), or \
                           underscores (_)."
            .to_owned(),
        _ if name.parse::<std::net::Ipv4Addr>().is_ok() => {
            "Trail names must not be formatted as an IP address.".to_owned()
        }
        _ => return None,
    };
    Some(reason)
}

pub(crate) fn check_bucket(name: &str) -> Result<(), Fault> {
    let bytes = name.as_bytes();
    let is_plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_allowed = bytes
        .iter()
        .all(|it| is_plain(it) || matches!(it, b'.' | b'-'));
    let has_ends = [bytes.first(), bytes.last()]
        .iter()
        .all(|end| end.is_some_and(is_plain));
    let is_address = name.parse::<std::net::Ipv4Addr>().is_ok();
    let is_good = is_allowed && has_ends && !is_address && !name.contains("..");
    if is_good && (3..=63).contains(&bytes.len()) {
        return Ok(());
    }
    Err(refusals::bad_bucket(name))
}

/// A prefix of keys. No part of it may lead out of the bucket.
pub(crate) fn check_prefix(prefix: &str) -> Result<(), Fault> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/!-_.*'()".contains(&byte);
    let mut parts = prefix.split('/');
    let is_good = prefix.bytes().all(is_allowed)
        && parts.all(|part| !part.is_empty() && part != "." && part != "..");
    if is_good && prefix.len() <= 200 {
        return Ok(());
    }
    Err(refusals::bad_prefix())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_documented() {
        for good in ["abc", "a1-b_c.d", "123", &"x".repeat(128)] {
            assert!(check_trail(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "ab",
            "-abc",
            "abc.",
            "a--b",
            "a-_b",
            "a b",
            "192.168.5.4",
            "ä-b",
            &"x".repeat(129),
        ] {
            assert!(check_trail(bad).is_err(), "{bad}");
        }
        for good in ["logs", "my.logs-1"] {
            assert!(check_bucket(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "ab",
            "Logs",
            "../x",
            "a..b",
            "-ab",
            "a/b",
            "192.168.5.4",
        ] {
            assert!(check_bucket(bad).is_err(), "{bad}");
        }
        for (prefix, is_good) in [
            ("a/b", true),
            ("a/../b", false),
            ("/a", false),
            ("a/", false),
            ("a\\b", false),
        ] {
            assert_eq!(check_prefix(prefix).is_ok(), is_good, "{prefix}");
        }
    }
}
