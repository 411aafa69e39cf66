//! The ways of naming a key: key id, key ARN, alias name, alias ARN.

use api::kms::{InvalidArnException, NotFoundException};
pub(crate) use platform::partition;
use wire::Fault;

/// A parsed `KeyId`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum KeyId<'a> {
    /// A key of the caller's account, by id.
    Key(&'a str),
    /// An alias of the caller's account, with `alias/`.
    Alias(&'a str),
    /// A key of any account.
    KeyArn(Place<'a>),
    /// An alias of any account; `name` begins with `alias/`.
    AliasArn(Place<'a>),
}

/// Account, region and name out of an ARN.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place<'a> {
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
    pub(crate) name: &'a str,
}

impl<'a> KeyId<'a> {
    /// Reads a `KeyId`.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Fault> {
        if text.starts_with("arn:") {
            return Self::parse_arn(text);
        }
        if text.starts_with("alias/") {
            return Ok(Self::Alias(text));
        }
        key_id(text).map(Self::Key)
    }

    fn parse_arn(text: &'a str) -> Result<Self, Fault> {
        let invalid = || InvalidArnException::new(format!("Invalid arn {text}"));
        let fields: Vec<&str> = text.splitn(6, ':').collect();
        let [_, partition_name, service, region, account, resource] = fields[..] else {
            return Err(invalid());
        };
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        if service != "kms" || !is_account || partition_name != partition(region) {
            return Err(invalid());
        }
        match resource.strip_prefix("key/") {
            Some(id) => Ok(Self::KeyArn(Place {
                region,
                account,
                name: key_id(id)?,
            })),
            None if resource.starts_with("alias/") => Ok(Self::AliasArn(Place {
                region,
                account,
                name: resource,
            })),
            None => Err(invalid()),
        }
    }
}

/// The ARN of a key (`key/..`) or alias (`alias/..`).
pub(crate) fn arn(region: &str, account: &str, resource: &str) -> String {
    format!(
        "arn:{}:kms:{region}:{account}:{resource}",
        partition(region)
    )
}

/// Checks the form of a bare key id: a UUID, or `mrk-` and 32 hexadecimal digits.
fn key_id(text: &str) -> Result<&str, Fault> {
    let is_hex = |byte: u8| byte.is_ascii_hexdigit();
    let is_key_id = match text.strip_prefix("mrk-") {
        Some(digits) => digits.len() == 32 && digits.bytes().all(is_hex),
        None => {
            // Every call has one: all bytes are looked at at once, without a decision for each.
            let is_dash = |place: &usize| text.as_bytes().get(*place) == Some(&b'-');
            let fits = |all, byte| all & (is_hex(byte) | (byte == b'-'));
            let dashes = text.bytes().filter(|byte| *byte == b'-').count();
            text.len() == 36
                && text.bytes().fold(true, fits)
                && dashes == 4
                && [8, 13, 18, 23].iter().all(is_dash)
        }
    };
    if is_key_id {
        return Ok(text);
    }
    Err(NotFoundException::new(format!("Invalid keyId '{text}'")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wire::Protocol;

    use super::*;

    const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

    fn refused(text: &str) -> (&'static str, String) {
        let fault = KeyId::parse(text).map(|_| ()).map_err(|fault| {
            (
                fault.code(Protocol::Json11),
                fault.message().unwrap_or_default().to_owned(),
            )
        });
        fault.expect_err(text)
    }

    #[test]
    fn the_four_forms_parse() {
        assert_eq!(KeyId::parse(ID).ok(), Some(KeyId::Key(ID)));
        let mrk = "mrk-1234abcd12ab34cd56ef1234567890ab";
        assert_eq!(KeyId::parse(mrk).ok(), Some(KeyId::Key(mrk)));
        assert_eq!(
            KeyId::parse("alias/a/b").ok(),
            Some(KeyId::Alias("alias/a/b"))
        );
        let place = |name| Place {
            region: "eu-west-2",
            account: "111122223333",
            name,
        };
        let arn = arn("eu-west-2", "111122223333", &format!("key/{ID}"));
        assert_eq!(KeyId::parse(&arn).ok(), Some(KeyId::KeyArn(place(ID))));
        let arn = "arn:aws:kms:eu-west-2:111122223333:alias/x";
        assert_eq!(
            KeyId::parse(arn).ok(),
            Some(KeyId::AliasArn(place("alias/x")))
        );
        let gov = format!("arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/{ID}");
        assert!(matches!(KeyId::parse(&gov), Ok(KeyId::KeyArn(_))));
        let china = format!("arn:aws-cn:kms:cn-north-1:111122223333:key/{ID}");
        assert!(matches!(KeyId::parse(&china), Ok(KeyId::KeyArn(_))));
    }

    #[test]
    fn malformed_ids_are_not_found_and_malformed_arns_invalid() {
        let id = "134f2428cec14b25a1ae9048164dba47";
        for text in ["fake-key-id", id, "mrk-fake-key-id", "", " ", "Alias/x"] {
            assert_eq!(
                refused(text),
                ("NotFoundException", format!("Invalid keyId '{text}'"))
            );
        }
        for text in [
            "arn:",
            "arn:aws:kms:eu-west-2:111122223333:",
            "arn:aws:kms:eu-west-2:111122223333:grant/x",
            "arn:aws:s3:eu-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws-cn:kms:eu-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws:kms:eu-west-2:11112222333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws:kms:eu-west-2::alias/x",
        ] {
            assert_eq!(
                refused(text),
                ("InvalidArnException", format!("Invalid arn {text}"))
            );
        }
    }

    #[test]
    fn a_key_id_has_its_dashes_in_four_places_and_digits_in_all_others() {
        for place in 0..ID.len() {
            for byte in 0..128_u8 {
                let mut text = ID.as_bytes().to_vec();
                text[place] = byte;
                let text = String::from_utf8(text).unwrap();
                let is_right = match place {
                    8 | 13 | 18 | 23 => byte == b'-',
                    _ => byte.is_ascii_hexdigit(),
                };
                assert_eq!(key_id(&text).is_ok(), is_right, "{text}");
            }
        }
        for text in [&ID[1..], &format!("{ID}0"), &format!("{ID}-")] {
            assert!(key_id(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn parsing_is_total(text in "(arn:aws:kms:)?[a-z0-9:/-]{0,60}") {
            let _ = KeyId::parse(&text);
        }
    }
}
