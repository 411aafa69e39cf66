//! Writes the lean structs, enums and error constructors of one service.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::model::{Input, Reference, Shape};
use super::{names, tables};

/// The types of `input`.
pub(crate) fn write(input: &Input<'_>) -> String {
    let taken: BTreeSet<&str> = input.reachable(input.inputs()).into_iter().collect();
    let given: BTreeSet<&str> = input.reachable(input.outputs()).into_iter().collect();
    let (requests, responses) = (input.inputs(), input.outputs());
    let called: Vec<_> = input.called().map(|(_, operation)| operation).collect();
    let inputs = called
        .iter()
        .filter_map(|operation| operation.input.as_ref());
    let inputs: Vec<&str> = inputs.map(|input| input.shape.as_str()).collect();
    let outputs = called
        .iter()
        .filter_map(|operation| operation.output.as_ref());
    let written = input.reachable(inputs.iter().copied());
    let read = input.reachable(outputs.map(|output| output.shape.as_str()));
    let mut out = String::new();
    for name in taken.union(&given) {
        let Some(shape) = input.model.shapes.get(*name) else {
            continue;
        };
        let role = Role {
            taken: taken.contains(name),
            request: requests.contains(name),
            response: responses.contains(name),
            reads: taken.contains(name) || read.contains(name),
            writes: given.contains(name) || written.contains(name),
            called: inputs.contains(name),
        };
        if shape.kind == "structure" && !shape.document {
            structure(input, name, shape, &role, &mut out);
        } else if !shape.values.is_empty() {
            enumeration(name, shape, &role, &mut out);
        }
    }
    for name in input.errors() {
        error(name, &mut out);
    }
    out
}

/// Where a shape occurs.
struct Role {
    taken: bool,
    request: bool,
    response: bool,
    /// Whether it is read from values.
    reads: bool,
    /// Whether it is written as a value.
    writes: bool,
    /// Whether it is the request of a call that other services make.
    called: bool,
}

/// How a member is held by its struct.
enum Holding {
    Plain,
    Optional,
    Defaulted,
}

fn structure(input: &Input<'_>, name: &str, shape: &Shape, role: &Role, out: &mut String) {
    let ty = names::type_name(name);
    let mut fields = String::new();
    let mut takes = String::new();
    let mut gives = String::new();
    for member in &shape.members {
        let field = names::snake(&member.name);
        let inner = rust_type(input, member);
        let holding = holding(input, name, shape, member, role);
        let inner_is_boolean = inner == "bool";
        let (held, take, give) = match holding {
            Holding::Plain => (
                inner,
                "members.required()?",
                "Some(self.FIELD.into_value())",
            ),
            Holding::Defaulted => (
                inner,
                "members.or_default()?",
                // What is not set is absent, as it is from a client.
                match inner_is_boolean {
                    true => "self.FIELD.then(|| true.into_value())",
                    false => "(!self.FIELD.is_empty()).then(|| self.FIELD.into_value())",
                },
            ),
            Holding::Optional => (
                format!("Option<{inner}>"),
                "members.take()?",
                "self.FIELD.map(IntoValue::into_value)",
            ),
        };
        let _ = writeln!(fields, "pub {field}: {held},");
        let _ = writeln!(takes, "{field}: {take},");
        let _ = writeln!(gives, "{},", give.replace("FIELD", &field));
    }
    let has_default = role.called
        && !shape
            .required
            .iter()
            .any(|name| is_chosen(input, shape, name));
    let derive = if role.taken && !has_default {
        ""
    } else {
        "#[derive(Default)]\n"
    };
    let _ = write!(
        out,
        "\n/// The structure `{name}`.\n{derive}pub struct {ty} {{\n{fields}}}\n"
    );
    if role.reads {
        let binding = if shape.members.is_empty() {
            "_"
        } else {
            "mut members"
        };
        let _ = write!(
            out,
            "impl FromValue for {ty} {{\nfn from_value(value: Value) -> Option<Self> {{\n\
             let {binding} = Members::of(value)?;\nSome(Self {{\n{takes}}})\n}}\n}}\n",
        );
    }
    if role.writes {
        let _ = write!(
            out,
            "impl IntoValue for {ty} {{\nfn into_value(self) -> Value {{\n\
             Value::Structure(vec![\n{gives}])\n}}\n}}\n",
        );
    }
}

/// Whether the member `name` has to be chosen: no value of its type stands for nothing.
fn is_chosen(input: &Input<'_>, shape: &Shape, name: &str) -> bool {
    let member = shape.members.iter().find(|member| member.name == name);
    let target = member.and_then(|member| input.model.shapes.get(&member.shape));
    target.is_some_and(|target| target.kind == "structure" || !target.values.is_empty())
}

fn holding(
    input: &Input<'_>,
    owner: &str,
    shape: &Shape,
    member: &Reference,
    role: &Role,
) -> Holding {
    if !role.taken || role.response {
        return Holding::Optional;
    }
    if shape.required.contains(&member.name) {
        return Holding::Plain;
    }
    let kind = input
        .model
        .shapes
        .get(&member.shape)
        .map_or("", |target| target.kind.as_str());
    let boxed = input
        .overrides
        .boxed
        .contains(&format!("{owner}.{}", member.name));
    match kind {
        "boolean" if role.request && !boxed => Holding::Defaulted,
        "list" | "map" if role.request && !boxed => Holding::Defaulted,
        _ => Holding::Optional,
    }
}

fn rust_type(input: &Input<'_>, reference: &Reference) -> String {
    let name = &reference.shape;
    let Some(shape) = input.model.shapes.get(name) else {
        return "String".to_owned();
    };
    let inner = |inner: &Option<Reference>| {
        inner
            .as_ref()
            .map_or("String".to_owned(), |inner| rust_type(input, inner))
    };
    match shape.kind.as_str() {
        "boolean" => "bool".to_owned(),
        "integer" => "i32".to_owned(),
        "long" => "i64".to_owned(),
        "float" | "double" => "f64".to_owned(),
        "timestamp" => "Timestamp".to_owned(),
        "blob" => "Zeroizing<Vec<u8>>".to_owned(),
        "string" if !shape.values.is_empty() => names::type_name(name),
        "string" if shape.sensitive => "Zeroizing<String>".to_owned(),
        "string" => "String".to_owned(),
        "list" => format!("Vec<{}>", inner(&shape.member)),
        "map" => format!("Entries<{}>", inner(&shape.value)),
        _ => names::type_name(name),
    }
}

fn enumeration(name: &str, shape: &Shape, role: &Role, out: &mut String) {
    let ty = names::type_name(name);
    let mut variants = String::new();
    let mut texts = String::new();
    let mut parses = String::new();
    for value in &shape.values {
        let variant = names::variant(value);
        let _ = writeln!(variants, "/// `{value}`\n{variant},");
        let _ = writeln!(texts, "Self::{variant} => {value:?},");
        let _ = writeln!(parses, "{value:?} => Self::{variant},");
    }
    let _ = write!(
        out,
        "\n/// The enum `{name}`.\n#[derive(Clone, Copy, Debug, PartialEq, Eq)]\npub enum {ty} {{\n{variants}}}\n\
         impl {ty} {{\n/// As AWS writes it.\npub const fn as_str(self) -> &'static str {{\nmatch self {{\n{texts}}}\n}}\n\
         /// Reads AWS's spelling.\npub fn parse(text: &str) -> Option<Self> {{\nSome(match text {{\n{parses}_ => return None,\n}})\n}}\n}}\n",
    );
    if role.reads {
        let _ = write!(
            out,
            "impl FromValue for {ty} {{\nfn from_value(value: Value) -> Option<Self> {{\nSelf::parse(value.as_str()?)\n}}\n}}\n",
        );
    }
    if role.writes {
        let _ = write!(
            out,
            "impl IntoValue for {ty} {{\nfn into_value(self) -> Value {{\nValue::string(self.as_str())\n}}\n}}\n",
        );
    }
}

fn error(name: &str, out: &mut String) {
    let ty = names::type_name(name);
    let table = tables::error_static(name);
    let _ = write!(
        out,
        "\n/// The error `{name}`.\npub struct {ty};\n#[expect(clippy::new_ret_no_self, reason = \"the type only names the error\")]\nimpl {ty} {{\n\
         /// The table.\npub const SHAPE: &'static wire::shape::ErrorShape = &{table};\n\
         /// The error with a text.\npub fn new(message: impl Into<String>) -> Fault {{\nFault::modeled(Self::SHAPE, Some(message.into()))\n}}\n\
         /// The error without a text.\npub fn bare() -> Fault {{\nFault::modeled(Self::SHAPE, None)\n}}\n}}\n",
    );
}
