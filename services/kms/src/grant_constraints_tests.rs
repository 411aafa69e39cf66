//! Constraints: what they accept, and when one is as strict as another.

use proptest::prelude::*;

use super::*;

fn pairs(pairs: &[(&str, &str)]) -> Pairs {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

fn terms(subset: Option<&[(&str, &str)]>, equals: Option<&[(&str, &str)]>) -> Terms {
    Terms {
        operations: vec!["CreateGrant".to_owned(), "Decrypt".to_owned()],
        subset: subset.map(pairs),
        equals: equals.map(pairs),
        source_arn: None,
    }
}

#[test]
fn keys_of_constraints_do_not_distinguish_case_and_values_do() {
    let subset = terms(Some(&[("Department", "IT")]), None);
    assert!(subset.accept_context(&pairs(&[("department", "IT"), ("x", "y")])));
    assert!(!subset.accept_context(&pairs(&[("Department", "it")])));
    assert!(!subset.accept_context(&[]));
    let equals = terms(None, Some(&[("Department", "IT")]));
    assert!(equals.accept_context(&pairs(&[("DEPARTMENT", "IT")])));
    assert!(!equals.accept_context(&pairs(&[("Department", "IT"), ("x", "y")])));
    assert!(!equals.accept_context(&pairs(&[("Department", "IT"), ("department", "IT")])));
    assert!(terms(None, None).accept_context(&pairs(&[("any", "thing")])));
    assert!(terms(None, Some(&[])).accept_context(&[]));
    assert!(!terms(None, Some(&[])).accept_context(&pairs(&[("a", "b")])));
}

#[test]
fn grants_made_from_grants_stay_within_them() {
    let parent = terms(Some(&[("a", "1")]), None);
    for (child, is_within) in [
        (terms(Some(&[("A", "1")]), None), true),
        (terms(Some(&[("a", "1"), ("b", "2")]), None), true),
        (terms(None, Some(&[("a", "1"), ("b", "2")])), true),
        (terms(Some(&[("a", "2")]), None), false),
        (terms(None, Some(&[])), false),
        (terms(None, None), false),
    ] {
        assert_eq!(child.are_within(&parent), is_within, "{child:?}");
    }
    let parent = terms(None, Some(&[("a", "1")]));
    for (child, is_within) in [
        (terms(None, Some(&[("A", "1")])), true),
        (terms(Some(&[("a", "1")]), None), false),
        (terms(None, Some(&[("a", "1"), ("b", "2")])), false),
    ] {
        assert_eq!(child.are_within(&parent), is_within, "{child:?}");
    }
    let mut more = terms(None, None);
    more.operations.push("Encrypt".to_owned());
    assert!(!more.are_within(&terms(None, None)) && terms(None, None).are_within(&more));
    let mut bound = terms(None, None);
    bound.source_arn = Some("arn:aws:s3::111122223333:x".to_owned());
    assert!(!terms(None, None).are_within(&bound) && bound.are_within(&bound.clone()));
}

#[test]
fn a_constraint_has_its_limits() {
    let read = |subset: Pairs| {
        let constraints = GrantConstraints {
            encryption_context_subset: Some(Entries(subset)),
            encryption_context_equals: None,
            source_arn: None,
        };
        Terms::new(&[GrantOperation::Decrypt], Some(&constraints))
    };
    let numbered = |count: usize| {
        (0..count)
            .map(|n| (n.to_string(), "v".to_owned()))
            .collect()
    };
    assert!(read(numbered(8)).is_ok() && read(numbered(9)).is_err());
    let long = |length: usize| vec![("k".to_owned(), "é".repeat(length - 1))];
    assert!(read(long(384)).is_ok() && read(long(385)).is_err());
    assert!(Terms::new(&[], None).is_err());
}

fn some_pairs() -> impl Strategy<Value = Pairs> {
    proptest::collection::vec(("[aAbB]", "[12]"), 0..4).prop_map(|pairs| {
        let mut pairs: Pairs = pairs;
        pairs.sort();
        pairs.dedup_by(|one, two| one.0 == two.0);
        pairs
    })
}

fn some_terms() -> impl Strategy<Value = Terms> {
    let constraint = || proptest::option::of(some_pairs());
    (constraint(), constraint()).prop_map(|(subset, equals)| Terms {
        operations: vec!["Decrypt".to_owned()],
        subset,
        equals,
        source_arn: None,
    })
}

proptest! {
    /// What is within a grant never accepts a call that the grant does not.
    #[test]
    fn what_is_within_accepts_no_more(
        parent in some_terms(), child in some_terms(), context in some_pairs(),
    ) {
        if child.are_within(&parent) && child.accept_context(&context) {
            prop_assert!(parent.accept_context(&context));
        }
    }

    #[test]
    fn everything_is_within_itself_and_so_is_what_is_within_that(
        one in some_terms(), two in some_terms(), three in some_terms(),
    ) {
        prop_assert!(one.are_within(&one));
        if one.are_within(&two) && two.are_within(&three) {
            prop_assert!(one.are_within(&three));
        }
    }
}
