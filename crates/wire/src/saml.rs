//! What is read out of the metadata of a SAML 2.0 identity provider ("Metadata for the OASIS
//! Security Assertion Markup Language"), and out of its signed responses.

mod canonical;
mod response;
mod signature;
mod tree;

pub use response::{Assertion, Confirmation, Response, ResponseError};
pub use signature::Signature;

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::{NsReader, XmlVersion};

use crate::Timestamp;
use crate::pem;

const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const SIGNATURES: &str = "http://www.w3.org/2000/09/xmldsig#";

/// How deep elements may be within each other.
const DEPTH: usize = 64;

/// What matters of the metadata.
#[derive(Debug, PartialEq, Eq)]
pub struct Metadata {
    /// The issuer's name.
    pub entity_id: String,
    /// When it ceases to be valid, in milliseconds since 1970, if it says so.
    pub valid_until_millis: Option<i64>,
    /// The certificates that it signs with, in DER and not looked into.
    pub certificates: Vec<Vec<u8>>,
}

/// The text is not metadata of an identity provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotMetadata;

/// Reads metadata. It must be of one entity, which is an identity provider with at least one
/// certificate that it signs with. A document type is refused: it could name other files.
pub fn parse(text: &str) -> Result<Metadata, NotMetadata> {
    let mut reader = NsReader::from_str(text);
    let mut walk = Walk::default();
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(|_| NotMetadata)?;
        let space = match namespace {
            ResolveResult::Bound(bound) => bound.into_inner(),
            ResolveResult::Unbound => "",
            ResolveResult::Unknown(_) => return Err(NotMetadata),
        };
        match event {
            Event::Start(start) => walk.open(space, &start)?,
            Event::Empty(start) => {
                walk.open(space, &start)?;
                walk.close()?;
            }
            Event::End(_) => walk.close()?,
            Event::Text(text) if walk.in_certificate() => {
                walk.digits.push_str(&text);
            }
            Event::DocType(_) => return Err(NotMetadata),
            Event::Eof => return walk.finish(),
            _ => {}
        }
    }
}

/// Where in the document the reader is, and what it found.
#[derive(Default)]
struct Walk {
    open: Vec<Element>,
    digits: String,
    entity_id: Option<String>,
    valid_until_millis: Option<i64>,
    is_identity_provider: bool,
    certificates: Vec<Vec<u8>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Element {
    Entity,
    IdentityProvider,
    /// A key that signs.
    Key,
    Certificate,
    Other,
}

impl Walk {
    fn open(&mut self, space: &str, start: &BytesStart<'_>) -> Result<(), NotMetadata> {
        if self.open.len() >= DEPTH {
            return Err(NotMetadata);
        }
        let element = match (space, start.local_name().as_ref()) {
            (METADATA, "EntityDescriptor") if self.open.is_empty() && self.entity_id.is_none() => {
                self.entity_id = attribute(start, "entityID")?;
                let until = attribute(start, "validUntil")?;
                self.valid_until_millis = until.map(|until| moment(&until)).transpose()?;
                Element::Entity
            }
            // Nothing else may be the root, and there is one root.
            _ if self.open.is_empty() => return Err(NotMetadata),
            (METADATA, "IDPSSODescriptor") if self.open == [Element::Entity] => {
                self.is_identity_provider = true;
                Element::IdentityProvider
            }
            (METADATA, "KeyDescriptor") if self.open.contains(&Element::IdentityProvider) => {
                match attribute(start, "use")?.as_deref() {
                    None | Some("signing") => Element::Key,
                    Some(_) => Element::Other,
                }
            }
            (SIGNATURES, "X509Certificate") if self.open.contains(&Element::Key) => {
                self.digits.clear();
                Element::Certificate
            }
            _ => Element::Other,
        };
        self.open.push(element);
        Ok(())
    }

    fn close(&mut self) -> Result<(), NotMetadata> {
        if self.open.pop() != Some(Element::Certificate) {
            return Ok(());
        }
        self.digits.retain(|char| !char.is_ascii_whitespace());
        let der = pem::decoded(&self.digits).ok_or(NotMetadata)?;
        self.certificates.push(der);
        Ok(())
    }

    fn in_certificate(&self) -> bool {
        self.open.last() == Some(&Element::Certificate)
    }

    fn finish(self) -> Result<Metadata, NotMetadata> {
        let entity_id = self.entity_id.filter(|id| !id.is_empty());
        let complete =
            self.open.is_empty() && self.is_identity_provider && !self.certificates.is_empty();
        Ok(Metadata {
            entity_id: entity_id.filter(|_| complete).ok_or(NotMetadata)?,
            valid_until_millis: self.valid_until_millis,
            certificates: self.certificates,
        })
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Result<Option<String>, NotMetadata> {
    let found = start.try_get_attribute(name).map_err(|_| NotMetadata)?;
    let Some(found) = found else {
        return Ok(None);
    };
    let value = found
        .normalized_value(XmlVersion::Implicit1_0)
        .map_err(|_| NotMetadata)?;
    Ok(Some(value.into_owned()))
}

fn moment(text: &str) -> Result<i64, NotMetadata> {
    let moment = Timestamp::parse_iso8601(text).ok_or(NotMetadata)?;
    Ok(moment.millis)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = r#"<a:EntityDescriptor xmlns:a="urn:oasis:names:tc:SAML:2.0:metadata"
        xmlns:b="http://www.w3.org/2000/09/xmldsig#" entityID="https://idp&amp;co"><a:IDPSSODescriptor>
        <a:KeyDescriptor use="encryption"><b:X509Certificate>AAAA</b:X509Certificate></a:KeyDescriptor>
        <a:KeyDescriptor use="signing"><b:X509Certificate> AQ
        ID </b:X509Certificate></a:KeyDescriptor><a:KeyDescriptor><b:X509Certificate>BAUG</b:X509Certificate>
        </a:KeyDescriptor></a:IDPSSODescriptor></a:EntityDescriptor>"#;

    #[test]
    fn names_and_signing_certificates_are_read() {
        let parsed = parse(TEXT).unwrap();
        assert_eq!(parsed.entity_id, "https://idp&co");
        assert_eq!(parsed.valid_until_millis, None);
        assert_eq!(parsed.certificates, [[1, 2, 3], [4, 5, 6]]);
    }

    #[test]
    fn what_is_too_deep_or_says_entities_is_refused() {
        let deep = format!("{}{}", "<a>".repeat(100), "</a>".repeat(100));
        let with = |inner: &str| TEXT.replace("<a:IDPSSODescriptor>", inner);
        let bad = [
            with(&format!("{deep}<a:IDPSSODescriptor>")),
            format!("<!DOCTYPE a [<!ENTITY x \"y\">]>{TEXT}"),
            TEXT.replace("&amp;", "&x;"),
            TEXT.replace("xmlns:b", "xmlns:c"),
            TEXT.replace("BAUG", "!"),
            format!("{TEXT}{TEXT}"),
        ];
        for text in bad {
            assert_eq!(parse(&text), Err(NotMetadata), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(at in 0..TEXT.len(), put in "[<>&\"/a:= ]{0,4}") {
            let (before, after) = TEXT.split_at(at);
            let _ = parse(&format!("{before}{put}{after}"));
            let _ = parse(before);
        }
    }
}
