//! Documents of new policies, and what AWS is on record to have said of each.

use policy::{Policy, PolicyKind, Version};

const LEGACY: &str = "The policy failed legacy parsing";
const SYNTAX: &str = "Syntax errors in policy.";
const OLD: &str = "Policy document must be version 2012-10-17 or greater.";
const BUCKET: &str = r#""Resource":"arn:aws:s3:::example_bucket""#;

/// A document whose one statement allows `s3:ListBucket`, with more elements.
fn allowing(rest: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:ListBucket",{rest}}}}}"#
    )
}

fn on(resource: &str) -> String {
    allowing(&format!(r#""Resource":"{resource}""#))
}

fn under(condition: &str) -> String {
    allowing(&format!(r#"{BUCKET},"Condition":{condition}"#))
}

fn dated(date: &str) -> String {
    under(&format!(r#"{{"DateLessThanEquals":{{"a":"{date}"}}}}"#))
}

fn without(element: &str, document: &str) -> String {
    let kept = document.replace(element, "");
    assert_ne!(kept, document);
    kept
}

fn said(document: &str) -> String {
    let parsed = Policy::parse_new(document, PolicyKind::Identity, Version::V2012);
    parsed.map_or_else(|refused| refused.to_string(), |_| "nothing".to_owned())
}

#[test]
fn aws_takes_what_looks_odd() {
    let spaced = allowing(BUCKET).replace("s3:ListBucket", "iam: asdf safdsf af ");
    for document in [
        spaced,
        under(r#"{"DateGreaterThan":{}}"#),
        under(r#"{"DateGreaterThan":{"a":[]}}"#),
        under(r#"{"x":{},"y":{}}"#),
        under(r#"{"StringEqualsIfExists":{"a":"asf"}}"#),
        dated("01T"),
        dated("2019-07-01T13:20:15Z"),
        dated("2016-12-13T21:20:37.593194+00:00"),
        dated("2016-12-13t2:00:00.593194+23"),
        dated("-292275054"),
    ] {
        assert_eq!(said(&document), "nothing", "{document}");
    }
}

#[test]
fn resources_are_shown_as_arns_of_six_segments() {
    for (resource, partition, shown) in [
        ("a:bsdfdsafsad", "bsdfdsafsad", "arn:bsdfdsafsad:*:*:*:*"),
        ("a:b:cadfsdf", "b", "arn:b:cadfsdf:*:*:*"),
        ("a:b:c:d:e:f:g:h", "b", "arn:b:c:d:e:f:g:h"),
        ("aws:s3:::example_bucket", "s3", "arn:s3:::example_bucket:*"),
    ] {
        let expected = format!("Partition \"{partition}\" is not valid for resource \"{shown}\".");
        assert_eq!(said(&on(resource)), expected, "{resource}");
    }
    let two = r#""Resource":["arn:error:s3:::example_bucket","arn:error:s3::example_bucket"]"#;
    let expected =
        "Partition \"error\" is not valid for resource \"arn:error:s3:::example_bucket\".";
    assert_eq!(said(&allowing(two)), expected);
    let short = "Resource vendor must be fully qualified and cannot contain regexes.";
    assert_eq!(said(&on("arn:aws")), short);
}

#[test]
fn the_older_parser_reads_less() {
    let cut = on("arn:aws:s3::example_bucket");
    let no_action = |document: &str| without(r#""Action":"s3:ListBucket","#, document);
    for document in [
        cut.replace("Resource", "NotResource"),
        no_action(&cut),
        no_action(&dated("sdfdsf")),
        dated("sdfdsf"),
        dated("234-13"),
        dated("2016-12-13t2:00:00.593194+1"),
        dated("2016-12-13t2:00:00.1999999999+10:59"),
        dated("9223372036854775808"),
        dated("sdfdsf").replace("arn:aws:", "arn:error:"),
        on("arn:aws::::example_bucket"),
        on("arn:aws::fdsasf"),
    ] {
        assert_eq!(said(&document), LEGACY, "{document}");
    }
    // What is kept from before is read as it was.
    assert!(Policy::parse(&cut, PolicyKind::Identity).is_ok());
}

#[test]
fn a_document_is_read_in_passes() {
    let of_object = under(r#"{"DateGreaterThan":{"a":{}}}"#);
    assert_eq!(said(&of_object), SYNTAX);
    let no_action = without(r#""Action":"s3:ListBucket","#, &of_object);
    assert_eq!(said(&no_action), SYNTAX);

    let twice = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"sdf","Effect":"Allow","Action":"s3:ListBucket",{BUCKET}}},
        {{"Sid":"sdf","Effect":"Allow"}}]}}"#
    );
    let unique = "Statement IDs (SID) in a single policy must be unique.";
    assert_eq!(said(&twice), unique);

    let version = r#""Version":"2012-10-17","#;
    for document in [
        twice,
        dated("sdfdsf"),
        allowing(BUCKET).replace("Allow", "denY"),
        allowing(BUCKET),
    ] {
        assert_eq!(said(&without(version, &document)), OLD, "{document}");
    }
    assert_eq!(said(&without(version, &of_object)), SYNTAX);
}
