//! XML as a tree, read strictly: what signatures are checked over and claims are read from. One
//! tree serves both, so that nobody can sign one thing and have another read.
//!
//! Source: XML 1.0, Namespaces in XML 1.0. Document types, processing instructions and entities
//! beyond the five of XML are refused, as SAML 2.0 asks for (section 4.3.2 of "Security and
//! Privacy Considerations").

use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// How deep elements may be within each other.
const DEPTH: usize = 48;
/// The longest document that is looked at, in bytes.
const MAX_BYTES: usize = 256 * 1024;
/// The most attributes of one element, declarations of namespaces included.
const MAX_ATTRIBUTES: usize = 32;
/// The most declarations of namespaces in scope: each name is looked up among them.
const MAX_SCOPE: usize = 64;

/// The namespace of the prefix `xml`, which needs no declaration.
const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of declarations, which no prefix may be bound to.
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// The text is not XML that is read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotXml;

/// An element with everything in it.
#[derive(Debug)]
pub(crate) struct Element {
    /// The prefix; empty where there is none.
    pub(crate) prefix: String,
    /// The name without the prefix.
    pub(crate) local: String,
    /// The namespace; empty where there is none.
    pub(crate) space: String,
    /// The attributes without declarations of namespaces, in the order of the text.
    pub(crate) attributes: Vec<Attribute>,
    /// The namespaces that are in scope.
    pub(crate) scope: Arc<Scope>,
    /// What is in it.
    pub(crate) nodes: Vec<Node>,
}

/// An attribute.
#[derive(Debug)]
pub(crate) struct Attribute {
    /// The prefix; empty where there is none.
    pub(crate) prefix: String,
    /// The name without the prefix.
    pub(crate) local: String,
    /// The namespace; empty where there is no prefix.
    pub(crate) space: String,
    /// The value, normalized and without references.
    pub(crate) value: String,
}

/// What is in an element.
#[derive(Debug)]
pub(crate) enum Node {
    /// Another element.
    Element(Element),
    /// Text, without references.
    Text(String),
    /// A comment.
    Comment(String),
}

/// Declarations of namespaces, those of the parents behind them.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    parent: Option<Arc<Scope>>,
    declared: Vec<(String, String)>,
    /// How many declarations there are, those of the parents included.
    size: usize,
}

impl Scope {
    /// The namespace of a prefix; the default one for the empty prefix. Empty where the default was
    /// taken back.
    pub(crate) fn find(&self, prefix: &str) -> Option<&str> {
        if prefix == "xml" {
            return Some(XML);
        }
        let mut scope = Some(self);
        while let Some(Self {
            parent, declared, ..
        }) = scope
        {
            if let Some((_, space)) = declared.iter().find(|(known, _)| known == prefix) {
                return Some(space);
            }
            scope = parent.as_deref();
        }
        None
    }
}

impl Element {
    /// Whether it has this name.
    pub(crate) fn is(&self, space: &str, local: &str) -> bool {
        self.space == space && self.local == local
    }

    /// The elements in it, not those deeper.
    pub(crate) fn children(&self) -> impl Iterator<Item = &Self> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) | Node::Comment(_) => None,
        })
    }

    /// The elements of this name in it, not those deeper.
    pub(crate) fn named<'a>(
        &'a self,
        space: &'a str,
        local: &'a str,
    ) -> impl Iterator<Item = &'a Self> {
        self.children().filter(move |child| child.is(space, local))
    }

    /// The one element of this name in it: none where there is none or are several.
    pub(crate) fn only<'a>(&'a self, space: &'a str, local: &'a str) -> Option<&'a Self> {
        let mut found = self.named(space, local);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// The value of an attribute without a namespace.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        let found = attributes.find(|known| known.space.is_empty() && known.local == name)?;
        Some(&found.value)
    }

    /// All text of an element that has no elements in it. Comments do not end it: a name is never
    /// cut short by one.
    pub(crate) fn text(&self) -> Option<String> {
        let mut text = String::new();
        for node in &self.nodes {
            match node {
                Node::Text(more) => text.push_str(more),
                Node::Comment(_) => {}
                Node::Element(_) => return None,
            }
        }
        Some(text)
    }

    /// Calls `visit` with this element and all elements in it, however deep.
    pub(crate) fn each<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        visit(self);
        for child in self.children() {
            child.each(visit);
        }
    }
}

/// Reads a document and gives its root.
pub(crate) fn parse(text: &str) -> Result<Element, NotXml> {
    if text.len() > MAX_BYTES || !text.chars().all(is_char) {
        return Err(NotXml);
    }
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut builder = Builder::default();
    let mut is_first = true;
    loop {
        match reader.read_event().map_err(|_| NotXml)? {
            Event::Start(start) => builder.open(&start)?,
            Event::Empty(start) => {
                builder.open(&start)?;
                builder.close()?;
            }
            Event::End(_) => builder.close()?,
            Event::Text(text) if text.contains("]]>") => return Err(NotXml),
            Event::Text(text) => builder.text(&line_ends(&text))?,
            Event::CData(text) => builder.text(&line_ends(&text))?,
            Event::GeneralRef(name) => builder.text(&referenced(&name)?.to_string())?,
            Event::Comment(text) => builder.comment(&line_ends(&text)),
            Event::Decl(_) if is_first => {}
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) => return Err(NotXml),
            Event::Eof => return builder.finish(),
        }
        is_first = false;
    }
}

/// The elements that are open, and the root once it is closed.
#[derive(Default)]
struct Builder {
    open: Vec<Element>,
    root: Option<Element>,
}

impl Builder {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), NotXml> {
        if self.open.len() >= DEPTH || self.root.is_some() {
            return Err(NotXml);
        }
        let parent = self.open.last().map(|parent| Arc::clone(&parent.scope));
        self.open.push(element(start, parent.unwrap_or_default())?);
        Ok(())
    }

    fn close(&mut self) -> Result<(), NotXml> {
        let closed = self.open.pop().ok_or(NotXml)?;
        match self.open.last_mut() {
            Some(parent) => parent.nodes.push(Node::Element(closed)),
            None => self.root = Some(closed),
        }
        Ok(())
    }

    /// Around the root there is white space alone.
    fn text(&mut self, text: &str) -> Result<(), NotXml> {
        let Some(parent) = self.open.last_mut() else {
            let blank = text.trim_matches([' ', '\t', '\n']).is_empty();
            return blank.then_some(()).ok_or(NotXml);
        };
        match parent.nodes.last_mut() {
            Some(Node::Text(before)) => before.push_str(text),
            _ => parent.nodes.push(Node::Text(text.to_owned())),
        }
        Ok(())
    }

    fn comment(&mut self, text: &str) {
        if let Some(parent) = self.open.last_mut() {
            parent.nodes.push(Node::Comment(text.to_owned()));
        }
    }

    fn finish(self) -> Result<Element, NotXml> {
        let root = self.root.ok_or(NotXml)?;
        self.open.is_empty().then_some(root).ok_or(NotXml)
    }
}

fn element(start: &BytesStart<'_>, parent: Arc<Scope>) -> Result<Element, NotXml> {
    let mut declared = Vec::new();
    let mut named = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| NotXml)?;
        let value = attribute_value(&attribute.value)?;
        match split(attribute.key.as_ref())? {
            ("", "xmlns") => declared.push((String::new(), value)),
            ("xmlns", prefix) => declared.push((prefix.to_owned(), value)),
            (prefix, local) => named.push((prefix.to_owned(), local.to_owned(), value)),
        }
        if declared.len() + named.len() > MAX_ATTRIBUTES {
            return Err(NotXml);
        }
    }
    let scope = scope(parent, declared)?;
    let attributes = attributes(&scope, named)?;
    let name = start.name();
    let (prefix, local) = split(name.as_ref())?;
    let space = match (prefix, scope.find(prefix)) {
        ("xmlns", _) => return Err(NotXml),
        ("", space) => space.unwrap_or_default(),
        (_, space) => space.ok_or(NotXml)?,
    };
    Ok(Element {
        prefix: prefix.to_owned(),
        local: local.to_owned(),
        space: space.to_owned(),
        attributes,
        scope,
        nodes: Vec::new(),
    })
}

/// The scope within an element.
fn scope(parent: Arc<Scope>, declared: Vec<(String, String)>) -> Result<Arc<Scope>, NotXml> {
    for (prefix, space) in &declared {
        let reserved = prefix == "xml" || prefix == "xmlns" || space == XML || space == XMLNS;
        // Only the default can be taken back.
        if reserved || (space.is_empty() && !prefix.is_empty()) {
            return Err(NotXml);
        }
    }
    if declared.is_empty() {
        return Ok(parent);
    }
    let size = parent.size + declared.len();
    if size > MAX_SCOPE {
        return Err(NotXml);
    }
    Ok(Arc::new(Scope {
        parent: Some(parent),
        declared,
        size,
    }))
}

/// Attributes with their namespaces. Two of one name are refused, whatever their prefixes.
fn attributes(
    scope: &Scope,
    named: Vec<(String, String, String)>,
) -> Result<Vec<Attribute>, NotXml> {
    let mut attributes: Vec<Attribute> = Vec::new();
    for (prefix, local, value) in named {
        let space = match prefix.as_str() {
            "" => "",
            _ => scope.find(&prefix).ok_or(NotXml)?,
        };
        let mut before = attributes.iter();
        if before.any(|known| known.space == space && known.local == local) {
            return Err(NotXml);
        }
        attributes.push(Attribute {
            space: space.to_owned(),
            prefix,
            local,
            value,
        });
    }
    Ok(attributes)
}

/// Prefix and local part of a name.
fn split(name: &str) -> Result<(&str, &str), NotXml> {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let prefixed = name.contains(':');
    if !is_name(local) || (prefixed && !is_name(prefix)) {
        return Err(NotXml);
    }
    Ok((prefix, local))
}

/// Whether a text is a name without a colon. Beyond ASCII it takes more letters than XML does, none
/// of which means anything to XML.
fn is_name(name: &str) -> bool {
    let begins = |letter: char| letter.is_ascii_alphabetic() || letter == '_' || !letter.is_ascii();
    let goes_on = |letter: char| begins(letter) || letter.is_ascii_digit() || "-.".contains(letter);
    name.starts_with(begins) && name.chars().all(goes_on)
}

/// The value of an attribute (XML 1.0, 3.3.3): white space is a space, unless it is referenced.
fn attribute_value(raw: &str) -> Result<String, NotXml> {
    if raw.contains('<') {
        return Err(NotXml);
    }
    let text = line_ends(raw);
    let mut value = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('&') {
        let (name, after) = after.split_once(';').ok_or(NotXml)?;
        value.extend(before.chars().map(blank));
        value.push(referenced(name)?);
        rest = after;
    }
    value.extend(rest.chars().map(blank));
    Ok(value)
}

fn blank(letter: char) -> char {
    match letter {
        '\t' | '\n' => ' ',
        other => other,
    }
}

/// The character that a reference without `&` and `;` stands for.
fn referenced(name: &str) -> Result<char, NotXml> {
    let code = match name {
        "amp" => return Ok('&'),
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "quot" => return Ok('"'),
        "apos" => return Ok('\''),
        _ => name.strip_prefix('#').ok_or(NotXml)?,
    };
    let (digits, base) = match code.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (code, 10),
    };
    let is_number = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(base));
    let number = u32::from_str_radix(digits, base).map_err(|_| NotXml)?;
    let letter = char::from_u32(number).filter(|letter| is_number && is_char(*letter));
    letter.ok_or(NotXml)
}

/// Line ends as XML reads them (XML 1.0, 2.11).
fn line_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// `Char` of XML 1.0, 2.2.
fn is_char(letter: char) -> bool {
    match letter {
        '\t' | '\n' | '\r' => true,
        '\u{FFFE}' | '\u{FFFF}' => false,
        other => other >= ' ',
    }
}

#[cfg(test)]
mod tests;
