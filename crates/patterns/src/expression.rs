//! One element of a field's list: a value, or an operator with its operand.

use crate::addresses::Block;
use crate::compile::Fault;
use crate::json::{Json, Kind};
use crate::matcher::{Bound, Fold, Matcher};
use crate::number::Number;
use crate::wildcard::Wildcard;

const ONLY_ONE_KEY: &str = "Only one key allowed in match expression";
const TOO_MANY: &str = "Too many elements in numeric expression";

/// What the element asks of a value.
pub(crate) fn matcher(item: &Json<'_>) -> Result<Matcher, Fault> {
    Ok(match &item.kind {
        Kind::Object(_) => expression(item)?,
        Kind::Text(text) => exactly(text),
        Kind::Number(text) => Matcher::Plain((*text).into(), Number::parse(text)),
        Kind::Null => Matcher::Plain("null".into(), None),
        Kind::Bool(true) => Matcher::Plain("true".into(), None),
        Kind::Bool(false) => Matcher::Plain("false".into(), None),
        Kind::List(_) => {
            let message = "Match value must be String, number, true, false, or null";
            return Err(Fault::seen(message, item));
        }
    })
}

/// A text; of an address, any way to write it.
fn exactly(text: &str) -> Matcher {
    match Block::single(text) {
        Some(address) => Matcher::Address(address),
        None => Matcher::Exactly(text.into()),
    }
}

fn expression(item: &Json<'_>) -> Result<Matcher, Fault> {
    let (operator, operand) = only_member(item, "Match expression name not found", ONLY_ONE_KEY)?;
    match operator {
        "exactly" => Ok(Matcher::Exactly(text(operand, "exact")?.into())),
        "prefix" | "suffix" => affix(operator, operand),
        "equals-ignore-case" => Ok(Matcher::IgnoringCase(
            text(operand, "equals-ignore-case")?.into(),
        )),
        "wildcard" => wildcard(operand),
        "numeric" => numeric(operand),
        "anything-but" => anything_but(operand),
        "exists" => match operand.kind {
            Kind::Bool(true) => Ok(Matcher::Present),
            Kind::Bool(false) => Ok(Matcher::Absent),
            _ => Err(Fault::seen(
                "exists match pattern must be either true or false.",
                operand,
            )),
        },
        // The word is AWS's own.
        "cidr" => Block::cidr(text(operand, "prefix")?)
            .map(Matcher::Address)
            .map_err(|message| Fault { message, at: None }),
        other => Err(Fault::seen(
            format!("Unrecognized match type {other}"),
            operand,
        )),
    }
}

/// `prefix` and `suffix`, also in either case.
fn affix(operator: &str, operand: &Json<'_>) -> Result<Matcher, Fault> {
    let make = |fold, text: &str| match operator {
        "prefix" => Matcher::Prefix(fold, text.into()),
        _ => Matcher::Suffix(fold, text.into()),
    };
    if !matches!(operand.kind, Kind::Object(_)) {
        return Ok(make(Fold::Exact, text(operand, operator)?));
    }
    let name = match operator {
        "prefix" => "Prefix",
        _ => "Suffix",
    };
    let missing = format!("{name} expression name not found");
    let (inner, operand) = only_member(operand, &missing, ONLY_ONE_KEY)?;
    if inner != "equals-ignore-case" {
        let message = format!("Unsupported {operator} pattern: {inner}");
        return Err(Fault::seen(message, operand));
    }
    Ok(make(Fold::Either, text(operand, inner)?))
}

fn wildcard(operand: &Json<'_>) -> Result<Matcher, Fault> {
    let text = text(operand, "wildcard")?;
    let wildcard = Wildcard::parse(text).map_err(|message| Fault::behind(message, operand))?;
    Ok(Matcher::Wildcard(wildcard))
}

fn anything_but(operand: &Json<'_>) -> Result<Matcher, Fault> {
    let others = match &operand.kind {
        Kind::Object(_) => {
            let missing = "Anything-But expression name not found";
            let (operator, inner) = only_member(operand, missing, TOO_MANY)?;
            anything_but_those(operator, inner)?
        }
        Kind::List(items) => {
            let mut others = Vec::with_capacity(items.len());
            for item in items {
                others.push(plain_other(item)?);
            }
            let texts = items.iter().filter(|item| item.text().is_some()).count();
            if items.is_empty() || texts != 0 && texts != items.len() {
                let message = "Inside anything but list, either all values are number or string, \
                               mixed type is not supported";
                return Err(Fault::behind(message, operand));
            }
            others
        }
        Kind::Text(_) | Kind::Number(_) => vec![plain_other(operand)?],
        Kind::Null | Kind::Bool(_) => return Err(no_single_value(operand)),
    };
    Ok(Matcher::AnythingBut(others.into()))
}

/// A text or a number that `anything-but` excludes.
fn plain_other(item: &Json<'_>) -> Result<Matcher, Fault> {
    match &item.kind {
        Kind::Text(text) => Ok(Matcher::Exactly(text.as_ref().into())),
        Kind::Number(written) => match Number::parse(written) {
            Some(number) => Ok(Matcher::Plain((*written).into(), Some(number))),
            None => Err(out_of_range(item)),
        },
        Kind::Null | Kind::Bool(_) | Kind::List(_) | Kind::Object(_) => {
            let message = "Inside anything but list, start|null|boolean is not supported.";
            Err(Fault::seen(message, item))
        }
    }
}

/// The operators that `anything-but` takes, with one operand or a list of them.
fn anything_but_those(operator: &str, operand: &Json<'_>) -> Result<Vec<Matcher>, Fault> {
    if !matches!(
        operator,
        "equals-ignore-case" | "prefix" | "suffix" | "wildcard"
    ) {
        let message = format!("Unsupported anything-but pattern: {operator}");
        return Err(Fault::seen(message, operand));
    }
    let items = match &operand.kind {
        Kind::List(items) => items.as_slice(),
        Kind::Text(_) | Kind::Number(_) => std::slice::from_ref(operand),
        Kind::Null | Kind::Bool(_) | Kind::Object(_) => return Err(no_single_value(operand)),
    };
    let matchers = items.iter().map(|item| {
        let Some(text) = item.text() else {
            let message = match operator {
                "equals-ignore-case" => {
                    "Inside anything-but/equals-ignore-case list, number|start|null|boolean is \
                     not supported."
                }
                "wildcard" => "wildcard match pattern must be a string",
                _ => "prefix/suffix match pattern must be a string",
            };
            return Err(Fault::seen(message, item));
        };
        match operator {
            "equals-ignore-case" => Ok(Matcher::IgnoringCase(text.into())),
            "wildcard" => wildcard(item),
            _ if text.is_empty() => Err(Fault::behind("Null prefix/suffix not allowed", item)),
            _ => affix(operator, item),
        }
    });
    matchers.collect()
}

fn numeric(operand: &Json<'_>) -> Result<Matcher, Fault> {
    let Kind::List(items) = &operand.kind else {
        return Err(Fault::seen("Value of numeric must be an array.", operand));
    };
    let mut items = items.iter();
    let Some(first) = items.next() else {
        return Err(Fault::behind("Invalid member in numeric match: ]", operand));
    };
    let Kind::Text(operator) = &first.kind else {
        let message = format!("Invalid member in numeric match: {}", token(first));
        return Err(Fault::seen(message, first));
    };
    let known = ["=", "<", "<=", ">", ">="];
    if !known.contains(&&**operator) {
        let message = format!("Unrecognized numeric range operator: {operator}");
        return Err(Fault::behind(message, first));
    }
    let name = if operator == "=" { "equals" } else { operator };
    let number = operand_number(name, items.next(), operand)?;
    let low = match &**operator {
        "<" => (Bound::Open, Bound::Without(number)),
        "<=" => (Bound::Open, Bound::With(number)),
        "=" => (Bound::With(number), Bound::With(number)),
        ">" => return above(Bound::Without(number), number, items.as_slice(), operand),
        _ => return above(Bound::With(number), number, items.as_slice(), operand),
    };
    match items.next() {
        None => Ok(Matcher::Within(low.0, low.1)),
        Some(more) => Err(Fault::seen(TOO_MANY, more)),
    }
}

/// The rest of a range that has a lower bound.
fn above(
    low: Bound,
    bottom: Number,
    rest: &[Json<'_>],
    operand: &Json<'_>,
) -> Result<Matcher, Fault> {
    let mut rest = rest.iter();
    let Some(operator) = rest.next() else {
        return Ok(Matcher::Within(low, Bound::Open));
    };
    let Kind::Text(name) = &operator.kind else {
        let message = format!("Bad value in numeric range: {}", token(operator));
        return Err(Fault::seen(message, operator));
    };
    if !matches!(&**name, "<" | "<=") {
        let message = format!("Bad numeric range operator: {name}");
        return Err(Fault::behind(message, operator));
    }
    let top = operand_number(name, rest.next(), operand)?;
    if let Some(more) = rest.next() {
        return Err(Fault::seen(
            "Too many terms in numeric range expression",
            more,
        ));
    }
    if bottom >= top {
        return Err(Fault::behind("Bottom must be less than top", operand));
    }
    let high = match &**name {
        "<" => Bound::Without(top),
        _ => Bound::With(top),
    };
    Ok(Matcher::Within(low, high))
}

fn operand_number(
    operator: &str,
    item: Option<&Json<'_>>,
    list: &Json<'_>,
) -> Result<Number, Fault> {
    let message = format!("Value of {operator} must be numeric");
    let Some(item) = item else {
        return Err(Fault::behind(message, list));
    };
    let Kind::Number(written) = item.kind else {
        return Err(Fault::seen(message, item));
    };
    Number::parse(written).ok_or_else(|| out_of_range(item))
}

fn out_of_range(item: &Json<'_>) -> Fault {
    Fault::behind("Value must be between -5.0E9 and 5.0E9, inclusive", item)
}

fn no_single_value(operand: &Json<'_>) -> Fault {
    let message = "Value of anything-but must be an array or single string/number value.";
    Fault::seen(message, operand)
}

/// The member of an object that has one.
fn only_member<'j>(
    json: &'j Json<'_>,
    missing: &str,
    more: &str,
) -> Result<(&'j str, &'j Json<'j>), Fault> {
    let Kind::Object(members) = &json.kind else {
        return Err(Fault::seen(missing, json));
    };
    match members.as_slice() {
        [] => Err(Fault::behind(missing, json)),
        [(name, value)] => Ok((name, value)),
        [_, (_, second), ..] => Err(Fault::seen(more, second)),
    }
}

/// The text that an operator needs; `shown` is how its fault names the operator.
fn text<'j>(operand: &'j Json<'_>, shown: &str) -> Result<&'j str, Fault> {
    operand
        .text()
        .ok_or_else(|| Fault::seen(format!("{shown} match pattern must be a string"), operand))
}

/// How a fault names a value that is no text.
fn token(json: &Json<'_>) -> String {
    match &json.kind {
        Kind::Null => "null".to_owned(),
        Kind::Bool(value) => value.to_string(),
        Kind::Number(text) => (*text).to_owned(),
        Kind::Text(text) => text.to_string(),
        Kind::List(_) => "[".to_owned(),
        Kind::Object(_) => "{".to_owned(),
    }
}
