//! The `key_id` of the plugin API: which key, and which of its materials.

/// A key's ARN with the id of its current material, so that a rotation is a new `key_id` and API
/// servers encrypt anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyId {
    arn: String,
    /// None where the server tells none.
    material: Option<String>,
}

/// The text is no `key_id` of this plugin.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotAKeyId;

impl KeyId {
    /// A key and its current material.
    pub(super) fn new(arn: String, material: Option<String>) -> Self {
        Self { arn, material }
    }

    /// The key.
    pub(super) fn arn(&self) -> &str {
        &self.arn
    }

    /// Reads what `Display` writes.
    pub(super) fn parse(text: &str) -> Result<Self, NotAKeyId> {
        let (arn, material) = match text.split_once('#') {
            Some((arn, material)) => (arn, Some(material)),
            None => (text, None),
        };
        let fields: Vec<&str> = arn.split(':').collect();
        let ["arn", partition, "kms", region, account, resource] = fields[..] else {
            return Err(NotAKeyId);
        };
        let key = resource.strip_prefix("key/").ok_or(NotAKeyId)?;
        let is_name = |text: &str| {
            let mut bytes = text.bytes();
            !text.is_empty() && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if ![partition, region, account, key].into_iter().all(is_name) {
            return Err(NotAKeyId);
        }
        let is_material = |id: &str| id.len() == 64 && id.bytes().all(|it| it.is_ascii_hexdigit());
        if !material.is_none_or(is_material) {
            return Err(NotAKeyId);
        }
        Ok(Self::new(arn.to_owned(), material.map(str::to_owned)))
    }
}

impl std::fmt::Display for KeyId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.arn)?;
        match &self.material {
            Some(material) => write!(out, "#{material}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ARN: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    #[test]
    fn both_forms_come_back() {
        for material in [None, Some("a1".repeat(32))] {
            let id = KeyId::new(ARN.to_owned(), material);
            assert_eq!(KeyId::parse(&id.to_string()), Ok(id.clone()));
            assert_eq!(id.arn(), ARN);
            // What API servers take.
            assert!(id.to_string().len() <= 1024);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let long = format!("{ARN}#{}", "a".repeat(63));
        let alias = "arn:aws:kms:us-east-1:111122223333:alias/x";
        let empty = format!("{ARN}#");
        for text in [
            "",
            "key",
            alias,
            &long,
            &empty,
            "arn:aws:kms:::key/x",
            &ARN.replace("kms", "s3"),
        ] {
            assert_eq!(KeyId::parse(text), Err(NotAKeyId), "{text}");
        }
    }

    proptest! {
        #[test]
        fn parsing_is_total(text in "(arn:aws:kms:)?[a-z0-9:/#-]{0,90}") {
            if let Ok(id) = KeyId::parse(&text) {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
