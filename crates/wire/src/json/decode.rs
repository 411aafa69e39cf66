//! Reading a JSON body by shape, without a tree of JSON values in between.

use std::cell::Cell;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::coercion::{self, Token};
use crate::fault::Fault;
use crate::limits::{self, Budget, MAX_DEPTH, Seen};
use crate::shape::{Kind, List, Location, Map, Member, Shape, Structure};
use crate::value::Value;

/// Reads a request body; an empty one is an empty structure.
pub fn decode(shape: &'static Shape, body: &[u8]) -> Result<Value, Fault> {
    read(shape, body, |_| true)
}

/// Reads the members of a request that a REST protocol puts in its document. What stands there
/// under the name of another member is none of the request: that member has one place alone.
pub(crate) fn decode_document(shape: &'static Shape, body: &[u8]) -> Result<Value, Fault> {
    read(shape, body, |member| member.location == Location::Document)
}

fn read(shape: &'static Shape, body: &[u8], is_read: IsRead) -> Result<Value, Fault> {
    if body.is_empty() {
        return Ok(coercion::empty(shape));
    }
    let request = Request {
        problem: Cell::new(None),
        budget: Budget::new(),
        is_read,
    };
    let seed = Seed {
        shape,
        depth: 1,
        request: &request,
    };
    // Of a body that is text as a whole, each of its texts need not be found to be one.
    let read = match str::from_utf8(body) {
        Ok(text) => whole(seed, &mut serde_json::Deserializer::from_str(text)),
        Err(_) => whole(seed, &mut serde_json::Deserializer::from_slice(body)),
    };
    match read {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(coercion::malformed()),
        Err(_) => Err(request.problem.take().unwrap_or_else(coercion::malformed)),
    }
}

/// One value, and nothing behind it.
fn whole<'de, R: serde_json::de::Read<'de>>(
    seed: Seed<'_>,
    deserializer: &mut serde_json::Deserializer<R>,
) -> serde_json::Result<Option<Value>> {
    let value = seed.deserialize(&mut *deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// Whether a member of the request is read from the body.
type IsRead = fn(&Member) -> bool;

/// What is common to all values of one request.
struct Request {
    /// Why reading stopped, if it was not for the JSON itself: the errors of serde carry text
    /// and positions, not faults.
    problem: Cell<Option<Fault>>,
    budget: Budget,
    is_read: IsRead,
}

impl Request {
    fn stop<E: Error>(&self, fault: Fault) -> E {
        self.problem.set(Some(fault));
        E::custom("refused")
    }

    fn check_depth<E: Error>(&self, depth: usize) -> Result<(), E> {
        if depth > MAX_DEPTH {
            return Err(self.stop(limits::too_deep()));
        }
        Ok(())
    }
}

/// Reads one value of a shape; `null` is no value.
#[derive(Clone, Copy)]
struct Seed<'a> {
    shape: &'static Shape,
    /// How deep this value is, if it is a container.
    depth: usize,
    request: &'a Request,
}

impl<'a> Seed<'a> {
    fn inside(self, shape: &'static Shape) -> Self {
        Self {
            shape,
            depth: self.depth + 1,
            ..self
        }
    }

    fn skip(self) -> Skip<'a> {
        Skip {
            depth: self.depth + 1,
            request: self.request,
        }
    }

    fn stop<E: Error>(self, fault: Fault) -> E {
        self.request.stop(fault)
    }

    fn mismatch<E: Error>(self, token: Token) -> E {
        self.stop(coercion::mismatch(token, &self.shape.kind))
    }

    fn some<E: Error>(self, value: Result<Value, Fault>) -> Result<Option<Value>, E> {
        value.map(Some).map_err(|fault| self.stop(fault))
    }

    fn structure<'de, A: MapAccess<'de>>(
        self,
        structure: &'static Structure,
        mut access: A,
    ) -> Result<Value, A::Error> {
        let mut values = Vec::with_capacity(structure.members.len());
        values.resize_with(structure.members.len(), || None);
        let mut seen = Seen::default();
        let is_read = match self.depth {
            1 => self.request.is_read,
            _ => |_: &Member| true,
        };
        let key = MemberKey(structure.members, is_read);
        while let Some(found) = access.next_key_seed(key)? {
            let Some((index, member)) = found else {
                access.next_value_seed(self.skip())?;
                continue;
            };
            if !seen.insert(index) {
                return Err(self.stop(limits::duplicate()));
            }
            let value = access.next_value_seed(self.inside(member.shape))?;
            if let Some(slot) = values.get_mut(index) {
                *slot = value;
            }
        }
        Ok(Value::Structure(values))
    }

    fn map<'de, A: MapAccess<'de>>(
        self,
        map: &'static Map,
        mut access: A,
    ) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = access.next_key::<String>()? {
            let seed = self.inside(map.value);
            // Leaving an entry out would change what the map says.
            let Some(value) = access.next_value_seed(seed)? else {
                return Err(seed.mismatch(Token::Null));
            };
            entries.push((key, value));
        }
        if limits::has_duplicates(&entries) {
            return Err(self.stop(limits::duplicate()));
        }
        Ok(Value::Map(entries))
    }

    fn list<'de, A: SeqAccess<'de>>(
        self,
        list: &'static List,
        mut access: A,
    ) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        let seed = self.inside(list.member);
        while let Some(item) = access.next_element_seed(seed)? {
            let Some(item) = item else {
                return Err(seed.mismatch(Token::Null));
            };
            items.push(item);
        }
        Ok(Value::List(items))
    }

    /// The JSON text itself.
    fn document<'de, D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Option<Value>, D::Error> {
        let text = <&RawValue>::deserialize(deserializer)?.get();
        if text == "null" {
            return Ok(None);
        }
        if self.depth - 1 + nesting(text) > MAX_DEPTH {
            return Err(self.stop(limits::too_deep()));
        }
        Ok(Some(Value::Document(Zeroizing::new(text.to_owned()))))
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        if let Err(fault) = self.request.budget.spend_for(self.shape) {
            return Err(self.stop(fault));
        }
        match self.shape.kind {
            Kind::Document => self.document(deserializer),
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Option<Value>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value of the shape")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        match self.shape.kind {
            Kind::Boolean => Ok(Some(Value::Boolean(value))),
            _ => Err(self.mismatch(Token::boolean(value))),
        }
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        self.some(coercion::integer(i128::from(value), &self.shape.kind))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        self.some(coercion::integer(i128::from(value), &self.shape.kind))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        self.some(coercion::decimal(value, &self.shape.kind))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        self.some(coercion::text(text, self.shape))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<Self::Value, A::Error> {
        self.request.check_depth(self.depth)?;
        match &self.shape.kind {
            Kind::List(list) => self.list(list, access).map(Some),
            _ => Err(self.mismatch(Token::List)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<Self::Value, A::Error> {
        self.request.check_depth(self.depth)?;
        match &self.shape.kind {
            Kind::Structure(structure) => self.structure(structure, access).map(Some),
            Kind::Map(map) => self.map(map, access).map(Some),
            _ => Err(self.mismatch(Token::Map)),
        }
    }
}

/// Reads the name of a member; an unknown one is `None`.
#[derive(Clone, Copy)]
struct MemberKey(&'static [Member], IsRead);

impl<'de> DeserializeSeed<'de> for MemberKey {
    type Value = Option<(usize, &'static Member)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for MemberKey {
    type Value = Option<(usize, &'static Member)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a member")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        let mut members = self.0.iter().enumerate();
        Ok(members.find(|(_, member)| member.wire_name == name && self.1(member)))
    }
}

/// Reads and drops one value. `IgnoredAny` would do, if it minded depth and number.
#[derive(Clone, Copy)]
struct Skip<'a> {
    depth: usize,
    request: &'a Request,
}

impl Skip<'_> {
    fn inside<E: Error>(self) -> Result<Self, E> {
        self.request.check_depth(self.depth)?;
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }
}

impl<'de> DeserializeSeed<'de> for Skip<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if let Err(fault) = self.request.budget.spend(1) {
            return Err(self.request.stop(fault));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Skip<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        while access.next_element_seed(inside)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        while access.next_key::<IgnoredAny>()?.is_some() {
            access.next_value_seed(inside)?;
        }
        Ok(())
    }
}

/// How deeply the containers of a well-formed JSON text are nested.
fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
