//! What is read of XML, and what is not.

use super::*;

fn of(text: &str) -> Element {
    parse(text).unwrap_or_else(|_| panic!("{text}"))
}

#[test]
fn names_have_the_namespaces_that_are_in_scope() {
    let root =
        of(r#"<a xmlns="u:1" xmlns:p="u:2" p:x="1" y="2"><p:b xmlns:p="u:3"/><c xmlns=""/></a>"#);
    assert_eq!(root.space, "u:1");
    assert_eq!(root.attribute("y"), Some("2"));
    assert_eq!(root.attribute("x"), None);
    let spaces: Vec<_> = root.children().map(|child| child.space.as_str()).collect();
    assert_eq!(spaces, ["u:3", ""]);
    assert_eq!(root.scope.find("p"), Some("u:2"));
}

#[test]
fn text_is_read_over_comments_and_without_references() {
    let root = of("<a>adm<!-- x -->in&#64;<![CDATA[<&>]]>&lt;\r\n&#xD;</a>");
    assert_eq!(root.text().as_deref(), Some("admin@<&><\n\r"));
    let attribute = of("<a b='\t1\r\n&#9;&amp;'/>");
    assert_eq!(attribute.attribute("b"), Some(" 1 \t&"));
    assert_eq!(of("<a>x<b/></a>").text(), None);
}

#[test]
fn only_one_element_of_a_name_is_the_only_one() {
    assert!(of("<a><b/><c/></a>").only("", "b").is_some());
    assert!(of("<a><b/><b/></a>").only("", "b").is_none());
    assert!(of("<a><c><b/></c></a>").only("", "b").is_none());
}

#[test]
fn what_is_not_plain_xml_is_refused() {
    let deep = format!("{}{}", "<a>".repeat(DEPTH + 1), "</a>".repeat(DEPTH + 1));
    let many: String = (0..=MAX_ATTRIBUTES).map(|n| format!(" a{n}=''")).collect();
    let long = format!("<a>{}</a>", " ".repeat(MAX_BYTES));
    let spaces = |from: usize| -> String {
        let declare = |n| format!(" xmlns:a{n}='u'");
        (from..from + 22).map(declare).collect()
    };
    let wide = format!(
        "<a{}><a{}><a{}/></a></a>",
        spaces(0),
        spaces(22),
        spaces(44)
    );
    for text in [
        "",
        "a",
        "<a>",
        "</a>",
        "<a></b>",
        "<a/><a/>",
        "<a/>x",
        "x<a/>",
        "<a/><![CDATA[x]]>",
        "<!DOCTYPE a><a/>",
        r#"<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>"#,
        r#"<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>"#,
        "<a>&x;</a>",
        "<a b='&x;'/>",
        "<a b='&amp'/>",
        "<a>& </a>",
        "<a>&#0;</a>",
        "<a>&#xD800;</a>",
        "<a>&#+65;</a>",
        "<a>&#;</a>",
        "<a>\u{1}</a>",
        "<a>]]></a>",
        "<?php x?><a/>",
        "<a><?x y?></a>",
        "<a/><?xml version='1.0'?>",
        "<a b='<'/>",
        "<a b='1' b='2'/>",
        "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>",
        "<a b/>",
        "<a b=1/>",
        "<p:a/>",
        "<a p:b='1'/>",
        "<a xmlns:p=''/>",
        "<a xmlns:xml='u'/>",
        "<a xmlns:xmlns='u'/>",
        "<a xmlns='http://www.w3.org/2000/xmlns/'/>",
        "<xmlns:a/>",
        "<a:b:c xmlns:a='u'/>",
        "<1/>",
        "<a=b/>",
        "<a \"b='1'/>",
        "<a><!-- -- --></a>",
        &deep,
        &format!("<a{many}/>"),
        &long,
        &wide,
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
    let kept = format!(
        "<?xml version='1.0' encoding='UTF-8'?>\n<!-- x -->{}",
        "<a/>"
    );
    assert!(parse(&kept).is_ok());
}
