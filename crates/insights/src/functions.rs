//! The functions of the language ("Boolean, comparison, numeric, datetime, and other functions").

use std::sync::Arc;

use crate::network;
use crate::value::Value;

/// What a function makes of its arguments, whose number has been checked.
pub(crate) type Function = for<'e> fn(&[Value<'e>]) -> Value<'e>;

/// A function, and how many arguments it takes.
pub(crate) struct Entry {
    name: &'static str,
    least: usize,
    most: usize,
    pub(crate) function: Function,
}

/// No function makes a longer text than the longest event: what grows with every step would grow
/// without end.
const MOST_TEXT: usize = 1024 * 1024;
/// No function takes more arguments.
const ANY: usize = 256;

/// The function of this name, however it is capitalized.
pub(crate) fn named(name: &str) -> Option<&'static Entry> {
    let mut all = FUNCTIONS.iter();
    all.find(|entry| entry.name.eq_ignore_ascii_case(name))
}

impl Entry {
    pub(crate) fn takes(&self, arguments: usize) -> bool {
        (self.least..=self.most).contains(&arguments)
    }
}

const fn entry(name: &'static str, least: usize, most: usize, function: Function) -> Entry {
    Entry {
        name,
        least,
        most,
        function,
    }
}

const FUNCTIONS: [Entry; 35] = [
    entry("abs", 1, 1, |given| numeric(given, f64::abs)),
    entry("ceil", 1, 1, |given| numeric(given, f64::ceil)),
    entry("floor", 1, 1, |given| numeric(given, f64::floor)),
    entry("log", 1, 1, |given| numeric(given, f64::ln)),
    entry("sqrt", 1, 1, |given| numeric(given, f64::sqrt)),
    entry("greatest", 1, ANY, |given| folded(given, f64::max)),
    entry("least", 1, ANY, |given| folded(given, f64::min)),
    entry("ispresent", 1, 1, |given| {
        (!nth(given, 0).is_absent()).into()
    }),
    entry("coalesce", 1, ANY, coalesce),
    entry("isempty", 1, 1, |given| with(given, str::is_empty, true)),
    entry("isblank", 1, 1, |given| {
        with(given, |text| text.trim().is_empty(), true)
    }),
    entry("concat", 1, ANY, concat),
    entry("strlen", 1, 1, strlen),
    entry("toupper", 1, 1, |given| textual(given, str::to_uppercase)),
    entry("tolower", 1, 1, |given| textual(given, str::to_lowercase)),
    entry("trim", 1, 2, |given| trimmed(given, true, true)),
    entry("ltrim", 1, 2, |given| trimmed(given, true, false)),
    entry("rtrim", 1, 2, |given| trimmed(given, false, true)),
    entry("substr", 2, 3, substr),
    entry("replace", 3, 3, replace),
    entry("strcontains", 2, 2, |given| {
        both(given, |text, part| text.contains(part))
    }),
    entry("startswith", 2, 2, |given| {
        both(given, |text, part| text.starts_with(part))
    }),
    entry("endswith", 2, 2, |given| {
        both(given, |text, part| text.ends_with(part))
    }),
    entry("tomillis", 1, 1, to_millis),
    entry("frommillis", 1, 1, from_millis),
    entry("jsonparse", 1, 1, json_parse),
    entry("jsonstringify", 1, 1, json_stringify),
    entry("isvalidip", 1, 1, |given| {
        with(
            given,
            |text| network::is_v4(text) || network::is_v6(text),
            false,
        )
    }),
    entry("isvalidipv4", 1, 1, |given| {
        with(given, network::is_v4, false)
    }),
    entry("isvalidipv6", 1, 1, |given| {
        with(given, network::is_v6, false)
    }),
    entry("isipinsubnet", 2, 2, |given| {
        both(given, network::is_within)
    }),
    entry("isipv4insubnet", 2, 2, |given| {
        both(given, |address, block| {
            network::is_v4(address) && network::is_within(address, block)
        })
    }),
    entry("isipv6insubnet", 2, 2, |given| {
        both(given, |address, block| {
            network::is_v6(address) && network::is_within(address, block)
        })
    }),
    entry("if", 2, 3, conditional),
    entry("case", 2, ANY, conditional),
];

fn nth<'v, 'e>(given: &'v [Value<'e>], index: usize) -> &'v Value<'e> {
    given.get(index).unwrap_or(&Value::Absent)
}

/// A number that can be computed with, or nothing.
pub(crate) fn finite<'e>(number: f64) -> Value<'e> {
    match number.is_finite() {
        true => Value::Number(number),
        false => Value::Absent,
    }
}

fn numeric<'e>(given: &[Value<'e>], compute: impl Fn(f64) -> f64) -> Value<'e> {
    nth(given, 0)
        .number()
        .map_or(Value::Absent, |number| finite(compute(number)))
}

fn folded<'e>(given: &[Value<'e>], better: fn(f64, f64) -> f64) -> Value<'e> {
    let numbers = given.iter().filter_map(Value::number);
    numbers.reduce(better).map_or(Value::Absent, Value::Number)
}

fn textual<'e>(given: &[Value<'e>], make: impl Fn(&str) -> String) -> Value<'e> {
    let text = nth(given, 0).text();
    text.map_or(Value::Absent, |text| Value::owned(make(&text)))
}

/// Whether something holds of a text; `absent` where there is none.
fn with<'e>(given: &[Value<'e>], holds: impl Fn(&str) -> bool, absent: bool) -> Value<'e> {
    nth(given, 0)
        .text()
        .map_or(absent, |text| holds(&text))
        .into()
}

/// Whether something holds of two texts, which it does not where one is absent.
fn both<'e>(given: &[Value<'e>], holds: impl Fn(&str, &str) -> bool) -> Value<'e> {
    let texts = nth(given, 0).text().zip(nth(given, 1).text());
    texts.is_some_and(|(one, two)| holds(&one, &two)).into()
}

fn coalesce<'e>(given: &[Value<'e>]) -> Value<'e> {
    let mut present = given.iter().filter(|value| !value.is_absent());
    present.next().cloned().unwrap_or(Value::Absent)
}

fn concat<'e>(given: &[Value<'e>]) -> Value<'e> {
    let texts: Vec<_> = given.iter().filter_map(Value::text).collect();
    let length: usize = texts.iter().map(|text| text.len()).sum();
    match length <= MOST_TEXT {
        true => Value::owned(texts.concat()),
        false => Value::Absent,
    }
}

fn strlen<'e>(given: &[Value<'e>]) -> Value<'e> {
    let count = nth(given, 0).text().map(|text| text.chars().count());
    #[expect(clippy::cast_precision_loss, reason = "no text has 2^53 characters")]
    count.map_or(Value::Absent, |count| Value::Number(count as f64))
}

/// White space, or the characters that the second argument names, are taken from the ends.
fn trimmed<'e>(given: &[Value<'e>], left: bool, right: bool) -> Value<'e> {
    let named = nth(given, 1).text();
    let goes = |char: char| match &named {
        Some(named) => named.contains(char),
        None => char.is_whitespace(),
    };
    textual(given, |text| {
        let text = if left {
            text.trim_start_matches(goes)
        } else {
            text
        };
        let text = if right {
            text.trim_end_matches(goes)
        } else {
            text
        };
        text.to_owned()
    })
}

fn substr<'e>(given: &[Value<'e>]) -> Value<'e> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "what is below zero begins at zero, what is too large ends with the text"
    )]
    let whole = |value: &Value<'_>| value.number().map(|number| number.max(0.0) as usize);
    let Some(start) = whole(nth(given, 1)) else {
        return Value::Absent;
    };
    let length = whole(nth(given, 2)).unwrap_or(usize::MAX);
    textual(given, |text| {
        text.chars().skip(start).take(length).collect()
    })
}

fn replace<'e>(given: &[Value<'e>]) -> Value<'e> {
    let (from, to) = (nth(given, 1).text(), nth(given, 2).text());
    match from.zip(to) {
        Some((from, to)) if !from.is_empty() => {
            let is_small = nth(given, 0).text().is_some_and(|text| {
                text.len() + text.matches(&*from).count() * to.len() <= MOST_TEXT
            });
            match is_small {
                true => textual(given, |text| text.replace(&*from, &to)),
                false => Value::Absent,
            }
        }
        _ => nth(given, 0).clone(),
    }
}

fn to_millis<'e>(given: &[Value<'e>]) -> Value<'e> {
    #[expect(clippy::cast_precision_loss, reason = "times have 48 bits")]
    let number = |millis: i64| Value::Number(millis as f64);
    nth(given, 0).millis().map_or(Value::Absent, number)
}

fn from_millis<'e>(given: &[Value<'e>]) -> Value<'e> {
    nth(given, 0).millis().map_or(Value::Absent, Value::Time)
}

fn json_parse<'e>(given: &[Value<'e>]) -> Value<'e> {
    let text = nth(given, 0).text();
    let parsed = text.and_then(|text| serde_json::from_str(&text).ok());
    parsed.map_or(Value::Absent, |json| Value::Json(Arc::new(json)))
}

fn json_stringify<'e>(given: &[Value<'e>]) -> Value<'e> {
    match nth(given, 0) {
        Value::Json(json) => Value::owned(json.to_string()),
        Value::Absent => Value::Absent,
        other => textual(std::slice::from_ref(other), |text| {
            serde_json::Value::from(text).to_string()
        }),
    }
}

/// Conditions, each with the value that it leads to, and the value where none holds.
fn conditional<'e>(given: &[Value<'e>]) -> Value<'e> {
    let mut rest = given;
    loop {
        match rest {
            [] => return Value::Absent,
            [otherwise] => return otherwise.clone(),
            [condition, value, others @ ..] => {
                if condition.is_true() {
                    return value.clone();
                }
                rest = others;
            }
        }
    }
}
