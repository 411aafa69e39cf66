//! Reading a CBOR body by shape.

use std::borrow::Cow;

use minicbor::Decoder;
use minicbor::data::{IanaTag, Type};
use minicbor::decode::Error;
use zeroize::Zeroizing;

use crate::buffer::Buffer;
use crate::coercion::{self, Token};
use crate::fault::Fault;
use crate::limits::{self, Budget, MAX_DEPTH, Seen};
use crate::shape::{Kind, List, Map, Shape, Structure};
use crate::value::Value;

/// Reads a request body; an empty one is an empty structure.
pub fn decode(shape: &'static Shape, body: &[u8]) -> Result<Value, Fault> {
    if body.is_empty() {
        return Ok(coercion::empty(shape));
    }
    let mut reader = Reader {
        decoder: Decoder::new(body),
        budget: Budget::new(),
    };
    let value = reader.value(shape, 1)?;
    if reader.decoder.position() != body.len() {
        return Err(coercion::malformed());
    }
    value.ok_or_else(coercion::malformed)
}

/// What is left of a container: the entries announced, or whatever comes before its end.
enum Left {
    Announced(u64),
    UntilBreak,
}

struct Reader<'b> {
    decoder: Decoder<'b>,
    budget: Budget,
}

impl<'b> Reader<'b> {
    /// Reads one value; `null` and `undefined` are no value.
    fn value(&mut self, shape: &'static Shape, depth: usize) -> Result<Option<Value>, Fault> {
        self.budget.spend_for(shape)?;
        let kind = &shape.kind;
        let found = self.decoder.datatype().map_err(damaged)?;
        let value = match found {
            Type::Null | Type::Undefined => {
                self.decoder.skip().map_err(damaged)?;
                return Ok(None);
            }
            Type::Bool => self.boolean(kind)?,
            Type::F16 | Type::F32 | Type::F64 => self.double(kind)?,
            Type::Bytes | Type::BytesIndef => self.blob(kind)?,
            Type::String | Type::StringIndef => self.text(kind)?,
            Type::Tag => self.timestamp(kind)?,
            Type::Array | Type::ArrayIndef => {
                check_depth(depth)?;
                let Kind::List(list) = kind else {
                    return Err(coercion::mismatch(Token::List, kind));
                };
                self.list(list, depth)?
            }
            Type::Map | Type::MapIndef => {
                check_depth(depth)?;
                match kind {
                    Kind::Structure(structure) => self.structure(structure, depth)?,
                    Kind::Map(map) => self.map(map, depth)?,
                    _ => return Err(coercion::mismatch(Token::Map, kind)),
                }
            }
            _ if is_integer(found) => self.integer(kind)?,
            _ => return Err(coercion::malformed()),
        };
        Ok(Some(value))
    }

    fn boolean(&mut self, kind: &Kind) -> Result<Value, Fault> {
        let value = self.decoder.bool().map_err(damaged)?;
        match kind {
            Kind::Boolean => Ok(Value::Boolean(value)),
            _ => Err(coercion::mismatch(Token::boolean(value), kind)),
        }
    }

    fn integer(&mut self, kind: &Kind) -> Result<Value, Fault> {
        let number = i128::from(self.decoder.int().map_err(damaged)?);
        match kind {
            // A time carries its tag here.
            Kind::Timestamp(_) => Err(coercion::mismatch(Token::Number, kind)),
            _ => coercion::integer(number, kind),
        }
    }

    fn double(&mut self, kind: &Kind) -> Result<Value, Fault> {
        coercion::double(self.any_double()?, kind)
    }

    fn any_double(&mut self) -> Result<f64, Fault> {
        match self.decoder.datatype().map_err(damaged)? {
            Type::F16 => self.decoder.f16().map(f64::from).map_err(damaged),
            Type::F32 => self.decoder.f32().map(f64::from).map_err(damaged),
            _ => self.decoder.f64().map_err(damaged),
        }
    }

    fn timestamp(&mut self, kind: &Kind) -> Result<Value, Fault> {
        let tag = self.decoder.tag().map_err(damaged)?;
        if !matches!(kind, Kind::Timestamp(_)) || tag != IanaTag::Timestamp.tag() {
            return Err(coercion::mismatch(Token::Timestamp, kind));
        }
        match self.decoder.datatype().map_err(damaged)? {
            found if is_integer(found) => {
                let seconds = i128::from(self.decoder.int().map_err(damaged)?);
                coercion::integer(seconds, kind)
            }
            _ => coercion::timestamp(self.any_double()?, Token::Decimal, kind),
        }
    }

    fn blob(&mut self, kind: &Kind) -> Result<Value, Fault> {
        if !matches!(kind, Kind::Blob(_)) {
            return Err(coercion::mismatch(Token::Blob, kind));
        }
        let mut bytes = Buffer::default();
        for chunk in self.decoder.bytes_iter().map_err(damaged)? {
            bytes.extend(chunk.map_err(damaged)?);
        }
        Ok(Value::Blob(bytes.into_bytes()))
    }

    fn text(&mut self, kind: &Kind) -> Result<Value, Fault> {
        if !matches!(kind, Kind::String(_)) {
            return Err(coercion::mismatch(Token::String, kind));
        }
        let text = self.any_text()?;
        Ok(Value::String(Zeroizing::new(text.into_owned())))
    }

    fn any_text(&mut self) -> Result<Cow<'b, str>, Fault> {
        match self.decoder.datatype().map_err(damaged)? {
            Type::String => self.decoder.str().map(Cow::Borrowed).map_err(damaged),
            _ => {
                let chunks = self.decoder.str_iter().map_err(damaged)?;
                let whole: Result<String, Error> = chunks.collect();
                whole.map(Cow::Owned).map_err(damaged)
            }
        }
    }

    fn list(&mut self, list: &'static List, depth: usize) -> Result<Value, Fault> {
        let mut left = left(self.decoder.array())?;
        let mut items = Vec::new();
        while self.has_next(&mut left)? {
            let item = self.value(list.member, depth + 1)?;
            items.push(item.ok_or_else(|| coercion::mismatch(Token::Null, &list.member.kind))?);
        }
        Ok(Value::List(items))
    }

    fn map(&mut self, map: &'static Map, depth: usize) -> Result<Value, Fault> {
        let mut left = left(self.decoder.map())?;
        let mut entries = Vec::new();
        while self.has_next(&mut left)? {
            let key = self.any_text()?.into_owned();
            let value = self.value(map.value, depth + 1)?;
            // Leaving an entry out would change what the map says.
            let value = value.ok_or_else(|| coercion::mismatch(Token::Null, &map.value.kind))?;
            entries.push((key, value));
        }
        if limits::has_duplicates(&entries) {
            return Err(limits::duplicate());
        }
        Ok(Value::Map(entries))
    }

    fn structure(&mut self, structure: &'static Structure, depth: usize) -> Result<Value, Fault> {
        let mut left = left(self.decoder.map())?;
        let mut values = vec![None; structure.members.len()];
        let mut seen = Seen::default();
        while self.has_next(&mut left)? {
            let name = self.any_text()?;
            let mut members = structure.members.iter().enumerate();
            let Some((index, member)) = members.find(|(_, member)| member.name == name) else {
                self.skip(depth + 1)?;
                continue;
            };
            if !seen.insert(index) {
                return Err(limits::duplicate());
            }
            let value = self.value(member.shape, depth + 1)?;
            if let Some(slot) = values.get_mut(index) {
                *slot = value;
            }
        }
        Ok(Value::Structure(values))
    }

    /// Whether a further entry comes. Each one takes a byte at least, so an announced length
    /// beyond the body ends in an error after as many rounds as the body has bytes.
    fn has_next(&mut self, left: &mut Left) -> Result<bool, Fault> {
        match left {
            Left::Announced(0) => Ok(false),
            Left::Announced(count) => {
                *count -= 1;
                Ok(true)
            }
            Left::UntilBreak => {
                let ends = self.decoder.datatype().map_err(damaged)? == Type::Break;
                if ends {
                    self.decoder.set_position(self.decoder.position() + 1);
                }
                Ok(!ends)
            }
        }
    }

    /// Reads and drops one value of whatever kind.
    fn skip(&mut self, depth: usize) -> Result<(), Fault> {
        self.budget.spend(1)?;
        match self.decoder.datatype().map_err(damaged)? {
            Type::Array | Type::ArrayIndef => {
                check_depth(depth)?;
                let mut left = left(self.decoder.array())?;
                while self.has_next(&mut left)? {
                    self.skip(depth + 1)?;
                }
                Ok(())
            }
            Type::Map | Type::MapIndef => {
                check_depth(depth)?;
                let mut left = left(self.decoder.map())?;
                while self.has_next(&mut left)? {
                    self.skip(depth + 1)?;
                    self.skip(depth + 1)?;
                }
                Ok(())
            }
            Type::Tag => {
                check_depth(depth)?;
                self.decoder.tag().map_err(damaged)?;
                self.skip(depth + 1)
            }
            Type::String | Type::StringIndef => self.any_text().map(drop),
            Type::Break => Err(coercion::malformed()),
            _ => self.decoder.skip().map_err(damaged),
        }
    }
}

fn left(length: Result<Option<u64>, Error>) -> Result<Left, Fault> {
    Ok(match length.map_err(damaged)? {
        Some(count) => Left::Announced(count),
        None => Left::UntilBreak,
    })
}

fn check_depth(depth: usize) -> Result<(), Fault> {
    if depth > MAX_DEPTH {
        return Err(limits::too_deep());
    }
    Ok(())
}

fn is_integer(found: Type) -> bool {
    matches!(
        found,
        Type::U8
            | Type::U16
            | Type::U32
            | Type::U64
            | Type::I8
            | Type::I16
            | Type::I32
            | Type::I64
            | Type::Int
    )
}

fn damaged(_: Error) -> Fault {
    coercion::malformed()
}
