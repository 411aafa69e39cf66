//! The catalogue that was imported.

use platform::Derived;
use serde::{Deserialize, Serialize};
use store::{Key, Record};

use super::Catalogue;

/// The text of a catalogue file, which was read without a fault.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct CatalogueRecord {
    pub(super) text: String,
    /// It over the shipped one.
    #[serde(skip)]
    pub(super) parsed: Derived<Catalogue>,
}

impl Record for CatalogueRecord {
    const TABLE: &'static str = "ssm.catalogue";
    const SERVICE: &'static str = "ssm";
}

impl CatalogueRecord {
    /// Where the record is: there is one for all accounts and Regions.
    pub(super) fn key() -> Key {
        Key::new("", "", ["catalogue"])
    }
}

#[cfg(test)]
mod tests {
    use store::record::{decode, encode};

    use super::*;

    #[test]
    fn the_first_format_is_read_for_ever() {
        let record = CatalogueRecord {
            text: "{}".to_owned(),
            parsed: Derived::default(),
        };
        // Key, then the text with its length.
        let encoded = encode(&CatalogueRecord::key(), &record).unwrap();
        assert!(encoded.ends_with(&[2, b'{', b'}']), "{encoded:?}");
        let (key, again): (Key, CatalogueRecord) = decode(&encoded).unwrap();
        assert!(key == CatalogueRecord::key() && again.text == "{}");
    }
}
