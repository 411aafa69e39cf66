//! One shape that holds every kind, itself included.

use wire::shape::{Kind, List, Map, Member, Range, Shape, Structure, Text, TimestampFormat};
use wire::{Fault, Value};

const TEXT: Kind = Kind::String(Text {
    length: Range::ANY,
    pattern: None,
    values: &[],
});
const BOUNDED: Range = Range {
    min: Some(1),
    max: Some(50),
};

const fn plain(name: &'static str, kind: Kind) -> Shape {
    Shape {
        name,
        kind,
        sensitive: false,
    }
}

const fn list(member: &'static Shape) -> Kind {
    Kind::List(List {
        member,
        member_name: "member",
        flattened: false,
        length: Range::ANY,
    })
}

const fn map(value: &'static Shape) -> Kind {
    Kind::Map(Map {
        key: &STRING,
        value,
        key_name: "key",
        value_name: "value",
        flattened: false,
        length: Range::ANY,
    })
}

pub(crate) static STRING: Shape = plain("String", TEXT);
static BOOLEAN: Shape = plain("Boolean", Kind::Boolean);
static INTEGER: Shape = plain("Integer", Kind::Integer(Range::ANY));
static LIMIT: Shape = plain("Limit", Kind::Integer(BOUNDED));
static LONG: Shape = plain("Long", Kind::Long(Range::ANY));
static FLOAT: Shape = plain("Float", Kind::Float(Range::ANY));
static DOUBLE: Shape = plain("Double", Kind::Double(Range::ANY));
static BLOB: Shape = plain("Blob", Kind::Blob(Range::ANY));
static TIME: Shape = plain("Time", Kind::Timestamp(TimestampFormat::Default));
static DATE: Shape = plain("Date", Kind::Timestamp(TimestampFormat::Rfc822));
static STRINGS: Shape = plain("Strings", list(&STRING));
static LISTS: Shape = plain("Lists", list(&STRINGS));
static NODES: Shape = plain("Nodes", list(&NODE));
static STRING_MAP: Shape = plain("StringMap", map(&STRING));
static NODE_MAP: Shape = plain("NodeMap", map(&NODE));
static DOCUMENT: Shape = plain("Document", Kind::Document);

static MEMBERS: [Member; 18] = [
    Member::new("Boolean", &BOOLEAN),
    Member::new("Integer", &INTEGER),
    Member::new("Limit", &LIMIT),
    Member::new("Long", &LONG),
    Member::new("Float", &FLOAT),
    Member::new("Double", &DOUBLE),
    Member::new("String", &STRING),
    Member::new("Blob", &BLOB),
    Member::new("Time", &TIME),
    Member::new("Date", &DATE),
    Member::new("Strings", &STRINGS),
    Member {
        flattened: true,
        ..Member::new("Flat", &STRINGS)
    },
    Member::new("Lists", &LISTS),
    Member::new("Nodes", &NODES),
    Member::new("Map", &STRING_MAP),
    Member {
        flattened: true,
        ..Member::new("NodeMap", &NODE_MAP)
    },
    Member::new("Child", &NODE),
    Member::new("Document", &DOCUMENT),
];

/// The structure with all of them.
pub(crate) static NODE: Shape = plain(
    "Node",
    Kind::Structure(Structure {
        members: &MEMBERS,
        union: false,
    }),
);

/// The members in the order of [`NODE`].
pub(crate) fn node(members: &[(&str, Value)]) -> Value {
    let value = |name| members.iter().find(|(one, _)| *one == name);
    let values = MEMBERS
        .iter()
        .map(|member| value(member.name).map(|(_, value)| value.clone()));
    Value::Structure(values.collect())
}

/// The member called `name`.
pub(crate) fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let index = MEMBERS
        .iter()
        .position(|member| member.name == name)
        .unwrap();
    value.member(index)
}

/// The text of a refusal; an empty one where AWS says nothing but the code.
pub(crate) fn refusal(read: Result<Value, Fault>) -> String {
    match read {
        Ok(_) => panic!("it was read"),
        Err(fault) => {
            assert_eq!(fault.as_common(), Some(wire::Common::Serialization));
            fault.message().unwrap_or_default().to_owned()
        }
    }
}
