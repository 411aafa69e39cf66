//! Exclusive XML Canonicalization 1.0: the bytes of an element that a signature is over.

use std::collections::BTreeMap;

use crate::saml::tree::{Attribute, Element, Node};

/// How an element is written.
#[derive(Default)]
pub(crate) struct Form<'a> {
    /// Whether comments are kept.
    pub(crate) comments: bool,
    /// `InclusiveNamespaces PrefixList`: prefixes whose declarations are written wherever they are
    /// in scope; the empty one is the default.
    pub(crate) inclusive: Vec<&'a str>,
    /// An element that is left out with everything in it: the signature that is enveloped.
    pub(crate) without: Option<&'a Element>,
}

/// The canonical form of an element and everything in it.
pub(crate) fn canonical(element: &Element, form: &Form<'_>) -> Vec<u8> {
    let mut out = String::new();
    write(element, form, &BTreeMap::new(), &mut out);
    out.into_bytes()
}

/// The declarations that elements around have written, by prefix.
type Written<'a> = BTreeMap<&'a str, &'a str>;

fn write<'a>(element: &'a Element, form: &Form<'a>, around: &Written<'a>, out: &mut String) {
    let mut written = around.clone();
    out.push('<');
    push_name(&element.prefix, &element.local, out);
    for (prefix, space) in used(element, form) {
        let before = written.insert(prefix, space);
        // Without a default around, taking it back says nothing.
        if before == Some(space) || (before.is_none() && space.is_empty()) {
            continue;
        }
        out.push_str(" xmlns");
        if !prefix.is_empty() {
            out.push(':');
            out.push_str(prefix);
        }
        push_value(space, out);
    }
    let mut attributes: Vec<&Attribute> = element.attributes.iter().collect();
    attributes.sort_by_key(|attribute| (&attribute.space, &attribute.local));
    for attribute in attributes {
        out.push(' ');
        push_name(&attribute.prefix, &attribute.local, out);
        push_value(&attribute.value, out);
    }
    out.push('>');
    for node in &element.nodes {
        match node {
            Node::Element(left) if form.without.is_some_and(|it| std::ptr::eq(it, left)) => {}
            Node::Element(inner) => write(inner, form, &written, out),
            Node::Text(text) => push_text(text, out),
            Node::Comment(text) if form.comments => {
                out.push_str("<!--");
                out.push_str(text);
                out.push_str("-->");
            }
            Node::Comment(_) => {}
        }
    }
    out.push_str("</");
    push_name(&element.prefix, &element.local, out);
    out.push('>');
}

/// The declarations that an element needs, by prefix: those that it visibly uses, and those that
/// are asked for.
fn used<'a>(element: &'a Element, form: &Form<'a>) -> Written<'a> {
    let mut used = BTreeMap::from([(element.prefix.as_str(), element.space.as_str())]);
    for attribute in &element.attributes {
        if !attribute.prefix.is_empty() {
            used.insert(&attribute.prefix, &attribute.space);
        }
    }
    for prefix in &form.inclusive {
        match element.scope.find(prefix) {
            Some(space) => used.insert(prefix, space),
            None if prefix.is_empty() => used.insert("", ""),
            None => None,
        };
    }
    used.remove("xml");
    used
}

fn push_name(prefix: &str, local: &str, out: &mut String) {
    if !prefix.is_empty() {
        out.push_str(prefix);
        out.push(':');
    }
    out.push_str(local);
}

fn push_value(value: &str, out: &mut String) {
    out.push_str("=\"");
    for letter in value.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#x9;"),
            '\n' => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            other => out.push(other),
        }
    }
    out.push('"');
}

fn push_text(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#xD;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::saml::tree::parse;

    fn root(text: &str) -> Element {
        parse(text).unwrap_or_else(|_| panic!("{text}"))
    }

    fn first(element: &Element) -> &Element {
        element.children().next().expect("an element")
    }

    fn written(element: &Element, form: &Form<'_>) -> String {
        String::from_utf8(canonical(element, form)).expect("text")
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(written(&root(text), &Form::default()), expected);
    }

    /// Exclusive XML Canonicalization 1.0, section 2.2: the same element around which other
    /// namespaces are declared.
    #[test]
    fn an_element_is_the_same_in_both_contexts_of_the_specification() {
        let expected = "<n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\">\n  <n3:stuff xmlns:n3=\"ftp://example.org\"></n3:stuff>\n</n1:elem2>";
        for around in [
            "<n0:local xmlns:n0=\"foo:bar\" xmlns:n3=\"ftp://example.org\">{}</n0:local>",
            "<n2:pdu xmlns:n1=\"http://example.com\" xmlns:n2=\"http://foo.example\" xmlns:n4=\"http://foo.example\" xml:lang=\"fr\" xml:space=\"retain\">{}</n2:pdu>",
        ] {
            let inner = "<n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\">\n  <n3:stuff xmlns:n3=\"ftp://example.org\"/>\n</n1:elem2>";
            let root = root(&around.replace("{}", inner));
            assert_eq!(written(first(&root), &Form::default()), expected);
        }
    }

    /// The same specification, section 2.1: what `PrefixList` names is written where it is in
    /// scope.
    #[test]
    fn named_prefixes_are_written_where_they_are_in_scope() {
        let root = root(
            "<a xmlns=\"u:0\" xmlns:x=\"u:1\" xmlns:y=\"u:2\"><y:b><x:c y:d=\"1\"/></y:b></a>",
        );
        let form = |inclusive| Form {
            inclusive,
            ..Form::default()
        };
        let plain = "<y:b xmlns:y=\"u:2\"><x:c xmlns:x=\"u:1\" y:d=\"1\"></x:c></y:b>";
        assert_eq!(written(first(&root), &form(vec![])), plain);
        assert_eq!(written(first(&root), &form(vec!["none", "xml"])), plain);
        assert_eq!(
            written(first(&root), &form(vec!["x", ""])),
            "<y:b xmlns=\"u:0\" xmlns:x=\"u:1\" xmlns:y=\"u:2\"><x:c y:d=\"1\"></x:c></y:b>"
        );
    }

    #[test]
    fn defaults_are_declared_and_taken_back_where_they_are_used() {
        check(
            "<a xmlns=\"u:1\"><b xmlns=\"\"><c/></b><d/></a>",
            "<a xmlns=\"u:1\"><b xmlns=\"\"><c></c></b><d></d></a>",
        );
        check(
            "<p:a xmlns:p=\"u:1\" xmlns=\"u:2\"><b><p:c xmlns=\"\"/></b></p:a>",
            "<p:a xmlns:p=\"u:1\"><b xmlns=\"u:2\"><p:c></p:c></b></p:a>",
        );
        check("<a xmlns=\"\"><b/></a>", "<a><b></b></a>");
        check(
            "<p:a xmlns:p=\"u:1\"><p:b xmlns:p=\"u:2\"/><p:c/></p:a>",
            "<p:a xmlns:p=\"u:1\"><p:b xmlns:p=\"u:2\"></p:b><p:c></p:c></p:a>",
        );
    }

    /// Canonical XML 1.0, section 3.3: start and end tags.
    #[test]
    fn attributes_are_in_order_of_their_namespaces() {
        check(
            "<e5 a:attr=\"out\" b:attr=\"sorted\" attr2=\"all\" attr=\"I'm\" xmlns:b=\"http://www.ietf.org\" xmlns:a=\"http://www.w3.org\" xmlns=\"http://example.org\"/>",
            "<e5 xmlns=\"http://example.org\" xmlns:a=\"http://www.w3.org\" xmlns:b=\"http://www.ietf.org\" attr=\"I'm\" attr2=\"all\" b:attr=\"sorted\" a:attr=\"out\"></e5>",
        );
    }

    /// Canonical XML 1.0, section 3.4: character modifications and character references.
    #[test]
    fn characters_are_written_as_canonical_xml_does() {
        check(
            "<doc><text>First line&#x0d;&#10;Second line</text><value>&#x32;</value><compute><![CDATA[value>\"0\" && value<\"10\" ?\"valid\":\"error\"]]></compute><compute expr='value>\"0\" &amp;&amp; value&lt;\"10\" ?\"valid\":\"error\"'>valid</compute><norm attr=' &apos;   &#x20;&#13;&#xa;&#9;   &apos; '/></doc>",
            "<doc><text>First line&#xD;\nSecond line</text><value>2</value><compute>value&gt;\"0\" &amp;&amp; value&lt;\"10\" ?\"valid\":\"error\"</compute><compute expr=\"value>&quot;0&quot; &amp;&amp; value&lt;&quot;10&quot; ?&quot;valid&quot;:&quot;error&quot;\">valid</compute><norm attr=\" '    &#xD;&#xA;&#x9;   ' \"></norm></doc>",
        );
    }

    #[test]
    fn comments_and_the_enveloped_element_are_left_out() {
        let root = root("<a>x<!--y--><s>z</s><s/></a>");
        let kept = Form {
            comments: true,
            without: Some(first(&root)),
            ..Form::default()
        };
        assert_eq!(written(&root, &kept), "<a>x<!--y--><s></s></a>");
        let plain = Form::default();
        assert_eq!(written(&root, &plain), "<a>x<s>z</s><s></s></a>");
    }

    proptest! {
        /// What is canonical stays as it is.
        #[test]
        fn canonical_form_is_a_fixed_point(
            text in "[ -~\n\r\t]{0,20}",
            value in "[ -~\n\r\t]{0,20}",
        ) {
            let mut document = String::from("<p:a xmlns:p=\"u\" b");
            push_value(&value, &mut document);
            document.push('>');
            push_text(&text, &mut document);
            document.push_str("</p:a>");
            let once = written(&root(&document), &Form::default());
            prop_assert_eq!(&once, &document);
            let twice = written(&root(&once), &Form::default());
            prop_assert_eq!(twice, once);
        }
    }
}
