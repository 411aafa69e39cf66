//! A SAML 2.0 response ("Assertions and Protocols", sections 2 and 3): one assertion, which is read
//! from nothing but what a signature is over.
//!
//! A response whose parts could be taken for one another is refused before anything is read: there
//! is one `Response`, which is the root, one `Assertion`, which is its child, no identifier twice,
//! and no signature but theirs. That leaves nothing to wrap a signed element in.

use std::collections::BTreeSet;

use crate::Timestamp;
use crate::saml::signature::{self, SIGNATURES, Signature};
use crate::saml::tree::{self, Element};

/// The namespace of messages.
const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// The namespace of assertions.
const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Why a text is not a response that can be verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseError {
    /// It is no response of SAML 2.0 with one assertion.
    Malformed,
    /// The assertion, or something in it, is encrypted.
    Encrypted,
    /// Neither the response nor the assertion has a signature of an accepted form.
    Unsigned,
}

/// A response. Nothing of it is verified.
#[derive(Debug)]
pub struct Response {
    status: String,
    signature: Signature,
    assertion: Assertion,
}

/// What an assertion says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// `Issuer`.
    pub issuer: String,
    /// `IssueInstant`.
    pub issued: Timestamp,
    /// The text of `NameID`.
    pub subject: String,
    /// The `Format` of `NameID`, if it has one.
    pub subject_format: Option<String>,
    /// Each `SubjectConfirmation`.
    pub confirmations: Vec<Confirmation>,
    /// `NotBefore` of `Conditions`.
    pub not_before: Option<Timestamp>,
    /// `NotOnOrAfter` of `Conditions`.
    pub not_on_or_after: Option<Timestamp>,
    /// The audiences of each `AudienceRestriction`, all of which have to hold.
    pub audiences: Vec<Vec<String>>,
    /// The earliest `SessionNotOnOrAfter`.
    pub session_ends: Option<Timestamp>,
    /// Attributes by name, each with its values in order.
    pub attributes: Vec<(String, Vec<String>)>,
}

/// How somebody confirms to be the subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// `Method`.
    pub method: String,
    /// `Recipient`.
    pub recipient: Option<String>,
    /// `NotBefore`.
    pub not_before: Option<Timestamp>,
    /// `NotOnOrAfter`.
    pub not_on_or_after: Option<Timestamp>,
}

impl Response {
    /// Reads a response. If both the response and its assertion are signed, the signature of the
    /// response counts, which is over the other one.
    pub fn parse(text: &str) -> Result<Self, ResponseError> {
        let root = tree::parse(text).map_err(|_| ResponseError::Malformed)?;
        let assertion = only_assertion(&root)?;
        let mine = root.named(SIGNATURES, "Signature").next();
        let inner = assertion.named(SIGNATURES, "Signature").next();
        let signature = match (mine, inner) {
            (Some(mine), _) => signature::read(&root, mine, true),
            (None, Some(inner)) => signature::read(assertion, inner, false),
            (None, None) => None,
        };
        let status = root.only(PROTOCOL, "Status");
        let status = status.and_then(|status| status.only(PROTOCOL, "StatusCode"));
        let status = status.and_then(|code| code.attribute("Value"));
        Ok(Self {
            status: status.ok_or(ResponseError::Malformed)?.to_owned(),
            signature: signature.ok_or(ResponseError::Unsigned)?,
            assertion: read(assertion).ok_or(ResponseError::Malformed)?,
        })
    }

    /// The `Value` of `StatusCode`.
    pub fn status(&self) -> &str {
        &self.status
    }

    /// Who the issuer claims to be.
    pub fn claimed_issuer(&self) -> &str {
        &self.assertion.issuer
    }

    /// The assertion, if `is_valid` says that the signature is.
    pub fn verified(self, is_valid: impl FnOnce(&Signature) -> bool) -> Option<Assertion> {
        is_valid(&self.signature).then_some(self.assertion)
    }
}

/// The assertion of a document in which nothing could be taken for another.
fn only_assertion(root: &Element) -> Result<&Element, ResponseError> {
    let mut ids = BTreeSet::new();
    let (mut responses, mut assertions, mut signatures) = (0, 0, 0);
    let (mut is_encrypted, mut is_ambiguous) = (false, false);
    root.each(&mut |element| {
        responses += usize::from(element.is(PROTOCOL, "Response"));
        assertions += usize::from(element.is(ASSERTION, "Assertion"));
        signatures += usize::from(element.is(SIGNATURES, "Signature"));
        let kinds = ["EncryptedAssertion", "EncryptedID", "EncryptedAttribute"];
        is_encrypted |= kinds.iter().any(|kind| element.is(ASSERTION, kind));
        for attribute in &element.attributes {
            let is_id = attribute.local.eq_ignore_ascii_case("id")
                && (attribute.space.is_empty() || attribute.space == XML);
            is_ambiguous |= is_id && !ids.insert(attribute.value.as_str());
        }
    });
    if is_encrypted {
        return Err(ResponseError::Encrypted);
    }
    let is_response = root.is(PROTOCOL, "Response") && root.attribute("Version") == Some("2.0");
    let assertion = root.only(ASSERTION, "Assertion");
    let (Some(assertion), true) = (assertion, is_response) else {
        return Err(ResponseError::Malformed);
    };
    let count = |element: &Element| element.named(SIGNATURES, "Signature").count();
    let (mine, inner) = (count(root), count(assertion));
    let in_place = mine <= 1 && inner <= 1 && mine + inner == signatures;
    if responses != 1 || assertions != 1 || is_ambiguous || !in_place {
        return Err(ResponseError::Malformed);
    }
    Ok(assertion)
}

fn read(assertion: &Element) -> Option<Assertion> {
    let is_known = assertion.attribute("Version") == Some("2.0");
    let subject = assertion.only(ASSERTION, "Subject").filter(|_| is_known)?;
    let name = subject.only(ASSERTION, "NameID")?;
    let confirmations = subject.named(ASSERTION, "SubjectConfirmation");
    let mut read = Assertion {
        issuer: assertion.only(ASSERTION, "Issuer")?.text()?,
        issued: Timestamp::parse_iso8601(assertion.attribute("IssueInstant")?)?,
        subject: name.text()?,
        subject_format: name.attribute("Format").map(str::to_owned),
        confirmations: confirmations.map(confirmation).collect::<Option<_>>()?,
        not_before: None,
        not_on_or_after: None,
        audiences: Vec::new(),
        session_ends: None,
        attributes: Vec::new(),
    };
    if assertion.named(ASSERTION, "Conditions").count() > 1 {
        return None;
    }
    for child in assertion
        .children()
        .filter(|child| child.space == ASSERTION)
    {
        match child.local.as_str() {
            "Conditions" => conditions(child, &mut read)?,
            "AuthnStatement" => {
                let ends = instant(child, "SessionNotOnOrAfter")?;
                let both = [read.session_ends, ends];
                read.session_ends = both.into_iter().flatten().min_by_key(|end| end.millis);
            }
            "AttributeStatement" => attributes(child, &mut read.attributes)?,
            _ => {}
        }
    }
    Some(read)
}

fn confirmation(element: &Element) -> Option<Confirmation> {
    let data = element.only(ASSERTION, "SubjectConfirmationData");
    let of = |name| data.map_or(Some(None), |data| instant(data, name));
    let recipient = data.and_then(|data| data.attribute("Recipient"));
    Some(Confirmation {
        method: element.attribute("Method")?.to_owned(),
        recipient: recipient.map(str::to_owned),
        not_before: of("NotBefore")?,
        not_on_or_after: of("NotOnOrAfter")?,
    })
}

/// Reads `Conditions`. A condition that is not understood cannot be held to (section 2.5.1.1).
fn conditions(conditions: &Element, read: &mut Assertion) -> Option<()> {
    read.not_before = instant(conditions, "NotBefore")?;
    read.not_on_or_after = instant(conditions, "NotOnOrAfter")?;
    for condition in conditions.children() {
        if condition.is(ASSERTION, "AudienceRestriction") {
            let audiences = condition.named(ASSERTION, "Audience");
            let texts = audiences.map(|audience| Some(audience.text()?.trim().to_owned()));
            read.audiences.push(texts.collect::<Option<_>>()?);
        } else if !condition.is(ASSERTION, "OneTimeUse")
            && !condition.is(ASSERTION, "ProxyRestriction")
        {
            return None;
        }
    }
    Some(())
}

fn attributes(statement: &Element, all: &mut Vec<(String, Vec<String>)>) -> Option<()> {
    for attribute in statement.named(ASSERTION, "Attribute") {
        let name = attribute.attribute("Name")?;
        let values = attribute.named(ASSERTION, "AttributeValue");
        let values = values.map(value).collect::<Option<Vec<_>>>()?;
        match all.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => known.extend(values),
            None => all.push((name.to_owned(), values)),
        }
    }
    Some(())
}

/// The text of a value, or of the one element in it, as `eduPersonTargetedID` has a `NameID`.
fn value(element: &Element) -> Option<String> {
    element.text().or_else(|| {
        let mut children = element.children();
        let only = children.next()?.text()?;
        children.next().is_none().then_some(only)
    })
}

/// The time of an attribute: within, none where the attribute is not there.
fn instant(element: &Element, name: &str) -> Option<Option<Timestamp>> {
    match element.attribute(name) {
        Some(text) => Timestamp::parse_iso8601(text).map(Some),
        None => Some(None),
    }
}

#[cfg(test)]
mod tests;
