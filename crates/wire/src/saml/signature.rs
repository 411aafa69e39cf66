//! The signature of a SAML message: what it says it is over, and in which form.
//!
//! Only what SAML 2.0 allows is read ("Assertions and Protocols", section 5.4): an enveloped
//! signature over its parent, in exclusive canonical form. Keys that a signature brings along are
//! never looked at.

use crate::pem;
use crate::saml::canonical::{Form, canonical};
use crate::saml::tree::Element;

/// The namespace of XML signatures.
pub(crate) const SIGNATURES: &str = "http://www.w3.org/2000/09/xmldsig#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const WITH_COMMENTS: &str = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments";

/// The most prefixes of a `PrefixList`.
const MAX_PREFIXES: usize = 16;

/// A signature that says it is over its parent. Nothing of it is verified.
#[derive(Debug, PartialEq, Eq)]
pub struct Signature {
    /// The identifier of `SignatureMethod`.
    pub algorithm: String,
    /// `SignatureValue`.
    pub value: Vec<u8>,
    /// What the value is a signature of: `SignedInfo` in canonical form.
    pub signed: Vec<u8>,
    /// The identifier of `DigestMethod`.
    pub digest_algorithm: String,
    /// `DigestValue`, which `signed` contains.
    pub digest: Vec<u8>,
    /// What the digest is of: the parent without this signature, in canonical form.
    pub content: Vec<u8>,
}

/// Reads `signature`, a child of `parent`. `is_root` tells whether the parent is the document,
/// which a signature may name by an empty URI.
pub(crate) fn read(parent: &Element, signature: &Element, is_root: bool) -> Option<Signature> {
    let known = ["SignedInfo", "SignatureValue", "KeyInfo"];
    has_only(signature, &known)?;
    let info = signature.only(SIGNATURES, "SignedInfo")?;
    let method = plain(info, "SignatureMethod")?;
    let reference = info.only(SIGNATURES, "Reference")?;
    has_only(
        info,
        &["CanonicalizationMethod", "SignatureMethod", "Reference"],
    )?;
    names(reference, parent, is_root)?;
    let (digest_algorithm, digest) = digest(reference)?;
    Some(Signature {
        algorithm: method.to_owned(),
        value: bytes(signature.only(SIGNATURES, "SignatureValue")?)?,
        signed: canonical(
            info,
            &form(info.only(SIGNATURES, "CanonicalizationMethod")?)?,
        ),
        digest_algorithm,
        digest,
        content: canonical(parent, &content_form(reference, signature)?),
    })
}

/// Whether a reference is to `parent`.
fn names(reference: &Element, parent: &Element, is_root: bool) -> Option<()> {
    let uri = reference.attribute("URI")?;
    let named = match uri.strip_prefix('#') {
        Some(id) => !id.is_empty() && parent.attribute("ID") == Some(id),
        None => uri.is_empty() && is_root,
    };
    named.then_some(())
}

fn digest(reference: &Element) -> Option<(String, Vec<u8>)> {
    has_only(reference, &["Transforms", "DigestMethod", "DigestValue"])?;
    let method = plain(reference, "DigestMethod")?;
    let value = bytes(reference.only(SIGNATURES, "DigestValue")?)?;
    Some((method.to_owned(), value))
}

/// The form that the transforms of a reference make: first without the signature, then canonical.
/// Comments are never in what a reference within the document is to (XML Signature, 4.4.3.3).
fn content_form<'a>(reference: &'a Element, signature: &'a Element) -> Option<Form<'a>> {
    let transforms = reference.only(SIGNATURES, "Transforms")?;
    has_only(transforms, &["Transform"])?;
    let mut transforms = transforms.children();
    let (enveloped, exclusive) = (transforms.next()?, transforms.next()?);
    let is_enveloped = enveloped.attribute("Algorithm") == Some(ENVELOPED);
    if !is_enveloped || enveloped.children().next().is_some() || transforms.next().is_some() {
        return None;
    }
    Some(Form {
        comments: false,
        without: Some(signature),
        ..form(exclusive)?
    })
}

/// The canonical form that an element's `Algorithm` names.
fn form(element: &Element) -> Option<Form<'_>> {
    let comments = match element.attribute("Algorithm")? {
        EXCLUSIVE => false,
        WITH_COMMENTS => true,
        _ => return None,
    };
    let mut children = element.children();
    let mut inclusive = Vec::new();
    if let Some(named) = children.next() {
        let list = named.is(EXCLUSIVE, "InclusiveNamespaces");
        let prefixes = named.attribute("PrefixList").filter(|_| list)?;
        let prefixes = prefixes.split_ascii_whitespace();
        inclusive.extend(prefixes.map(|prefix| match prefix {
            "#default" => "",
            prefix => prefix,
        }));
    }
    if children.next().is_some() || inclusive.len() > MAX_PREFIXES {
        return None;
    }
    Some(Form {
        comments,
        inclusive,
        without: None,
    })
}

/// The `Algorithm` of a method without parameters.
fn plain<'a>(parent: &'a Element, name: &'static str) -> Option<&'a str> {
    let method = parent.only(SIGNATURES, name)?;
    let has_none = method.children().next().is_none();
    method.attribute("Algorithm").filter(|_| has_none)
}

/// Whether nothing else is in an element.
fn has_only(element: &Element, names: &[&str]) -> Option<()> {
    let is_known = |child: &Element| names.iter().any(|name| child.is(SIGNATURES, name));
    element.children().all(is_known).then_some(())
}

/// The bytes behind the base64 in an element.
fn bytes(element: &Element) -> Option<Vec<u8>> {
    let mut digits = element.text()?;
    digits.retain(|letter| !letter.is_ascii_whitespace());
    pem::decoded(&digits)
}
