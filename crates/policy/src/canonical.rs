//! The form in which Amazon SNS and Amazon SQS keep policies and show them: the elements in the order
//! of the grammar, no space between them, statements in a list, and a value instead of a list of one.

use crate::json::Json;

/// The elements of a policy and of its statements, in the order in which they are shown.
const DOCUMENT: &[&str] = &["Version", "Id", "Statement"];
const STATEMENT: &[&str] = &[
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// A document that [`Policy::parse`](crate::Policy::parse) accepted, in that form. What is no JSON
/// object stays as it is.
pub fn canonical(document: &str) -> String {
    let Ok(Json::Object(mut elements)) = Json::parse(document) else {
        return document.to_owned();
    };
    sort(&mut elements, DOCUMENT);
    for (name, element) in &mut elements {
        if name == "Statement" {
            *element = Json::List(statements(std::mem::replace(element, Json::Null)));
        }
    }
    serde_json::to_string(&Json::Object(elements)).unwrap_or_else(|_| document.to_owned())
}

fn statements(element: Json) -> Vec<Json> {
    let list = match element {
        Json::List(list) => list,
        single => vec![single],
    };
    list.into_iter().map(statement).collect()
}

fn statement(statement: Json) -> Json {
    let Json::Object(mut elements) = statement else {
        return statement;
    };
    sort(&mut elements, STATEMENT);
    let unwrapped = elements
        .into_iter()
        .map(|(name, value)| (name, unwrapped(value)));
    Json::Object(unwrapped.collect())
}

/// Members in this order, and others behind them as they came.
fn sort(members: &mut [(String, Json)], order: &[&str]) {
    let place = |name: &str| order.iter().position(|known| *known == name);
    members.sort_by_key(|(name, _)| place(name).unwrap_or(order.len()));
}

/// The same with values instead of lists of one.
fn unwrapped(value: Json) -> Json {
    match value {
        Json::List(mut list) if list.len() == 1 => list.pop().unwrap_or(Json::Null),
        Json::Object(members) => {
            let members = members.into_iter();
            Json::Object(members.map(|(name, it)| (name, unwrapped(it))).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Policy, PolicyKind};

    #[test]
    fn elements_come_in_the_order_of_the_grammar() {
        let shown = canonical(
            r#"{ "Statement": { "Resource": ["arn:aws:sns:us-east-1:111122223333:t"],
                "Condition": {"StringEquals": {"aws:SourceAccount": ["1", "2"], "a:b": ["\"é"], "n": [1, 2.5, true]}},
                "Principal": {"AWS": ["111122223333"], "Service": ["a", "b"]},
                "Action": ["SNS:Subscribe"], "Effect": "Allow", "Sid": "s" },
                "Id": "i", "Version": "2012-10-17" }"#,
        );
        let expected = r#"{"Version":"2012-10-17","Id":"i","Statement":[{"Sid":"s","Effect":"Allow","Principal":{"AWS":"111122223333","Service":["a","b"]},"Action":"SNS:Subscribe","Resource":"arn:aws:sns:us-east-1:111122223333:t","Condition":{"StringEquals":{"aws:SourceAccount":["1","2"],"a:b":"\"é","n":[1,2.5,true]}}}]}"#;
        assert_eq!(shown, expected);
        assert_eq!(canonical(expected), expected);
    }

    #[test]
    fn what_is_no_object_stays() {
        for text in ["", "[1]", "{"] {
            assert_eq!(canonical(text), text);
        }
    }

    proptest! {
        /// The form says what the document said: both are compiled to the same policy.
        #[test]
        fn the_meaning_stays(
            actions in proptest::collection::vec("[a-z]{1,3}:[A-Z*]{1,4}", 1..4),
            accounts in proptest::collection::vec("[0-9]{12}", 1..3),
            values in proptest::collection::vec("[a-z\"é\\\\]{0,4}", 1..3),
            deny in any::<bool>(),
            is_single in any::<bool>(),
        ) {
            let statement = serde_json::json!({
                "Effect": if deny { "Deny" } else { "Allow" },
                "Principal": { "AWS": accounts },
                "Action": actions,
                "Resource": ["*"],
                "Condition": { "StringLike": { "aws:PrincipalArn": values } },
            });
            let document = match is_single {
                true => serde_json::json!({ "Version": "2012-10-17", "Statement": statement }),
                false => serde_json::json!({ "Version": "2012-10-17", "Statement": [statement, statement] }),
            };
            let document = document.to_string();
            let shown = canonical(&document);
            let read = |text: &str| Policy::parse(text, PolicyKind::Resource).map(|it| format!("{:?}", it.statements()));
            prop_assert_eq!(read(&document).is_ok(), true);
            prop_assert_eq!(read(&document), read(&shown));
            prop_assert_eq!(canonical(&shown), shown);
        }
    }
}
