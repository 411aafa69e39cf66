//! The query protocol's requests: a form whose keys are paths into the input
//! (`Tags.member.1.Key=team`). Its answers are XML.
//!
//! Nothing is allocated by the number in a path, and a key that stands twice is refused.

use std::borrow::Cow;

use zeroize::Zeroizing;

use crate::coercion::{self, Token};
use crate::fault::Fault;
use crate::limits::{self, MAX_DEPTH};
use crate::shape::{Kind, List, Map, Member, Shape};
use crate::value::Value;

/// Pairs in one form at most; AWS's largest lists take a few hundred.
const MAX_PAIRS: usize = 10_000;

/// Reads a request. `Action`, `Version` and every other key that the shape does not know are
/// left alone.
pub fn decode(shape: &'static Shape, form: &[u8]) -> Result<Value, Fault> {
    let mut reader = Reader {
        pairs: sorted_pairs(form)?,
        path: String::new(),
    };
    reader.members(shape, 0)
}

/// The value of `key`, `Action` for instance, in a form that need not be well formed otherwise.
pub fn find<'a>(form: &'a [u8], key: &str) -> Option<Cow<'a, str>> {
    form.split(|byte| *byte == b'&').find_map(|pair| {
        let (name, value) = split_pair(pair);
        let same = unescape(name).is_ok_and(|name| name == key);
        if same { unescape(value).ok() } else { None }
    })
}

/// A form's pairs in the order of their keys.
type Pairs<'a> = Vec<(Cow<'a, str>, Zeroizing<String>)>;

fn sorted_pairs(form: &[u8]) -> Result<Pairs<'_>, Fault> {
    let mut pairs = Vec::new();
    for pair in form.split(|byte| *byte == b'&') {
        if pair.is_empty() {
            continue;
        }
        if pairs.len() == MAX_PAIRS {
            return Err(coercion::refused("Too many parameters"));
        }
        let (key, value) = split_pair(pair);
        let value = Zeroizing::new(unescape(value)?.into_owned());
        pairs.push((unescape(key)?, value));
    }
    pairs.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
    let twice = pairs
        .windows(2)
        .any(|pair| matches!(pair, [first, second] if first.0 == second.0));
    if twice {
        return Err(limits::duplicate());
    }
    Ok(pairs)
}

pub(crate) fn split_pair(pair: &[u8]) -> (&[u8], &[u8]) {
    let end = pair.iter().position(|byte| *byte == b'=');
    let (key, rest) = pair.split_at(end.unwrap_or(pair.len()));
    (key, rest.split_first().map_or(rest, |(_, value)| value))
}

/// Undoes percent-encoding and `+`.
pub(crate) fn unescape(text: &[u8]) -> Result<Cow<'_, str>, Fault> {
    unescape_as(text, b' ')
}

/// Undoes percent-encoding; `plus` is what a `+` stands for.
pub(crate) fn unescape_as(text: &[u8], plus: u8) -> Result<Cow<'_, str>, Fault> {
    if !text.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        let text = std::str::from_utf8(text).map_err(|_| coercion::malformed())?;
        return Ok(Cow::Borrowed(text));
    }
    // The result is never longer, so this never moves and leaves a copy behind.
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(plus),
            b'%' => {
                let digits = (rest.next().and_then(hex), rest.next().and_then(hex));
                let (Some(high), Some(low)) = digits else {
                    return Err(coercion::malformed());
                };
                bytes.push(high << 4 | low);
            }
            other => bytes.push(*other),
        }
    }
    String::from_utf8(bytes)
        .map(Cow::Owned)
        .map_err(|_| coercion::malformed())
}

fn hex(digit: &u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

struct Reader<'a> {
    pairs: Pairs<'a>,
    /// The path of the value that is read.
    path: String,
}

impl Reader<'_> {
    /// Runs `read` one step further down the path.
    fn inside<T>(&mut self, step: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(step);
        let value = read(self);
        self.path.truncate(length);
        value
    }

    /// The pairs whose keys lie below the path, each with what its key has beyond it.
    fn below(&self) -> impl Iterator<Item = &str> {
        let prefix = self.path.as_str();
        let start = self.pairs.partition_point(|(key, _)| key.as_ref() < prefix);
        let from = self.pairs.get(start..).unwrap_or_default();
        // Keys such as `Path-x` stand between `Path` and `Path.x`.
        from.iter()
            .take_while(move |(key, _)| key.starts_with(prefix))
            .filter_map(move |(key, _)| key.strip_prefix(prefix)?.strip_prefix('.'))
    }

    fn text(&self) -> Option<&str> {
        let found = self
            .pairs
            .binary_search_by(|(key, _)| key.as_ref().cmp(self.path.as_str()));
        let (_, value) = self.pairs.get(found.ok()?)?;
        Some(value)
    }

    fn members(&mut self, shape: &'static Shape, depth: usize) -> Result<Value, Fault> {
        if depth >= MAX_DEPTH {
            return Err(limits::too_deep());
        }
        let mut values = Vec::with_capacity(shape.members().len());
        for member in shape.members() {
            let value = self.inside(member.wire_name, |reader| reader.member(member, depth));
            values.push(value?);
        }
        Ok(Value::Structure(values))
    }

    fn member(&mut self, member: &'static Member, depth: usize) -> Result<Option<Value>, Fault> {
        match &member.shape.kind {
            Kind::List(list) if member.flattened => self.list(list, true, depth),
            Kind::Map(map) if member.flattened => self.map(map, true, depth),
            _ => self.value(member.shape, depth),
        }
    }

    fn value(&mut self, shape: &'static Shape, depth: usize) -> Result<Option<Value>, Fault> {
        match &shape.kind {
            Kind::List(list) => self.list(list, list.flattened, depth),
            Kind::Map(map) => self.map(map, map.flattened, depth),
            Kind::Structure(_) => {
                if self.below().next().is_none() {
                    return Ok(self.text().map(|_| coercion::empty(shape)));
                }
                self.members(shape, depth + 1).map(Some)
            }
            _ => self
                .text()
                .map(|text| coercion::scalar(text, shape))
                .transpose(),
        }
    }

    fn list(
        &mut self,
        list: &'static List,
        flattened: bool,
        depth: usize,
    ) -> Result<Option<Value>, Fault> {
        // `Tags=` is how an empty list is sent.
        let empty = self.text().map(|_| Value::List(Vec::new()));
        let read = |reader: &mut Self| {
            let mut items = Vec::new();
            for index in reader.indices()? {
                let item = reader.inside(&index, |reader| reader.value(list.member, depth + 1));
                let missing = || coercion::mismatch(Token::Null, &list.member.kind);
                items.push(item?.ok_or_else(missing)?);
            }
            Ok(items)
        };
        let items = if flattened {
            read(self)
        } else {
            self.inside(list.member_name, read)
        };
        match items? {
            items if items.is_empty() => Ok(empty),
            items => Ok(Some(Value::List(items))),
        }
    }

    fn map(
        &mut self,
        map: &'static Map,
        flattened: bool,
        depth: usize,
    ) -> Result<Option<Value>, Fault> {
        let empty = self.text().map(|_| Value::Map(Vec::new()));
        let read = |reader: &mut Self| {
            let mut entries = Vec::new();
            for index in reader.indices()? {
                entries.push(reader.inside(&index, |reader| reader.entry(map, depth))?);
            }
            Ok(entries)
        };
        let entries = if flattened {
            read(self)
        } else {
            self.inside("entry", read)
        };
        let entries = entries?;
        if limits::has_duplicates(&entries) {
            return Err(limits::duplicate());
        }
        if entries.is_empty() {
            return Ok(empty);
        }
        Ok(Some(Value::Map(entries)))
    }

    fn entry(&mut self, map: &'static Map, depth: usize) -> Result<(String, Value), Fault> {
        let key = self.inside(map.key_name, |reader| reader.text().map(str::to_owned));
        let value = self.inside(map.value_name, |reader| reader.value(map.value, depth + 1));
        match (key, value?) {
            (Some(key), Some(value)) => Ok((key, value)),
            (None, _) => Err(coercion::mismatch(Token::Null, &map.key.kind)),
            (_, None) => Err(coercion::mismatch(Token::Null, &map.value.kind)),
        }
    }

    /// The numbers right below the path, in their order: 1 and on without a gap, as every client
    /// counts. AWS fills small gaps with empty members, which its validation then refuses.
    fn indices(&self) -> Result<Vec<String>, Fault> {
        let mut numbers = Vec::new();
        for rest in self.below() {
            let step = rest.split_once('.').map_or(rest, |(step, _)| step);
            let number = index(step)?;
            if numbers.last() != Some(&number) {
                numbers.push(number);
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        for (expected, number) in (1..).zip(&numbers) {
            if *number != expected {
                let skipped = number - expected;
                let text = format!("Excessively sparse input would skip {skipped} list elements");
                return Err(coercion::refused(text));
            }
        }
        Ok(numbers.iter().map(u32::to_string).collect())
    }
}

/// The texts are those AWS answers with.
fn index(step: &str) -> Result<u32, Fault> {
    if step.is_empty() || !step.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(coercion::refused("Start of list found where not expected"));
    }
    if step == "0" {
        return Err(coercion::refused("0 is not a valid index"));
    }
    if step.starts_with('0') {
        return Err(coercion::refused("Value found where not expected"));
    }
    step.parse()
        .map_err(|_| coercion::refused(format!("Index {step} is illegal")))
}
