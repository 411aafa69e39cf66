//! From the text of a pattern to its branches.

use std::sync::Arc;

use crate::expression;
use crate::json::{Json, Kind};
use crate::pattern::{Branch, Field, Pattern, PatternError};

/// The most ways to match that a pattern with `$or` may have ("Matching using `$or`", EventBridge
/// user guide).
const MAX_BRANCHES: usize = 1000;

/// How deep the objects of a pattern may lie in each other. More than this is nowhere documented, and
/// no event of AWS's needs it.
const MAX_DEPTH: usize = 200;

/// How much of a pattern its faults repeat.
const SHOWN: usize = 500;

/// Names that cannot be those of fields inside `$or`, since they are, or might become, operators.
const RESERVED: &[&str] = &[
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];

/// A fault, and behind which byte of the text it shows. None for one without a place.
pub(crate) struct Fault {
    pub(crate) message: String,
    pub(crate) at: Option<usize>,
}

impl Fault {
    /// What is wrong with a value, at the place where a reader of tokens first sees it: behind the
    /// first character of a text, a list or an object, behind the whole of anything else.
    pub(crate) fn seen(message: impl Into<String>, value: &Json<'_>) -> Self {
        let at = match value.kind {
            Kind::Text(_) | Kind::List(_) | Kind::Object(_) => value.start + 1,
            Kind::Null | Kind::Bool(_) | Kind::Number(_) => value.end,
        };
        Self {
            message: message.into(),
            at: Some(at),
        }
    }

    /// What is wrong with a value as a whole.
    pub(crate) fn behind(message: impl Into<String>, value: &Json<'_>) -> Self {
        Self {
            message: message.into(),
            at: Some(value.end),
        }
    }
}

/// Compiles the text of a pattern.
pub(crate) fn compile(text: &str) -> Result<Pattern, PatternError> {
    let shown = |fault: Fault| PatternError(shown(text, &fault));
    let json = Json::parse(text).map_err(|error| {
        shown(Fault {
            message: error.message,
            at: Some(error.at),
        })
    })?;
    let Kind::Object(members) = &json.kind else {
        return Err(shown(Fault::seen("Filter is not an object", &json)));
    };
    let mut compiler = Compiler::default();
    let branches = vec![Branch::default()];
    let branches = compiler
        .object(branches, (&json, members), false)
        .map_err(shown)?;
    Ok(Pattern { branches })
}

#[derive(Default)]
struct Compiler {
    path: String,
    depth: usize,
}

/// Names and values of an object.
type Members<'j, 't> = [(std::borrow::Cow<'t, str>, Json<'t>)];

impl Compiler {
    /// Adds to all `branches` what an object asks.
    fn object(
        &mut self,
        mut branches: Vec<Branch>,
        (json, members): (&Json<'_>, &Members<'_, '_>),
        in_or: bool,
    ) -> Result<Vec<Branch>, Fault> {
        if members.is_empty() {
            return Err(Fault::behind("Empty objects are not allowed", json));
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("Document nesting depth exceeds {MAX_DEPTH}");
            return Err(Fault::seen(message, json));
        }
        for (name, value) in members {
            if name == "$or" {
                branches = self.alternatives(&branches, value)?;
                continue;
            }
            if in_or && RESERVED.contains(&&**name) {
                let message =
                    format!("{name} is Ruler reserved fieldName which cannot be used inside $or.");
                return Err(Fault::seen(message, value));
            }
            let length = self.path.len();
            if length > 0 {
                self.path.push('.');
            }
            self.path.push_str(name);
            match &value.kind {
                Kind::Object(inner) => branches = self.object(branches, (value, inner), in_or)?,
                Kind::List(items) => self.field(&mut branches, value, items)?,
                Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => {
                    let message = format!("\"{name}\" must be an object or an array");
                    return Err(Fault::seen(message, value));
                }
            }
            self.path.truncate(length);
        }
        self.depth -= 1;
        Ok(branches)
    }

    /// Adds what is asked of one field.
    fn field(
        &self,
        branches: &mut [Branch],
        json: &Json<'_>,
        items: &[Json<'_>],
    ) -> Result<(), Fault> {
        let mut matchers = Vec::with_capacity(items.len());
        for item in items {
            matchers.push(expression::matcher(item)?);
        }
        if matchers.is_empty() {
            return Err(Fault::behind("Empty arrays are not allowed", json));
        }
        let (path, matchers): (Arc<str>, Arc<[_]>) = (self.path.as_str().into(), matchers.into());
        for branch in branches {
            if branch.fields.iter().any(|known| known.path == path) {
                let message = format!("Path `{path}` cannot be allowed multiple times");
                return Err(Fault::behind(message, json));
            }
            branch.fields.push(Field {
                path: Arc::clone(&path),
                matchers: Arc::clone(&matchers),
            });
        }
        Ok(())
    }

    /// Multiplies `branches` by the alternatives of `$or`.
    fn alternatives(&mut self, branches: &[Branch], json: &Json<'_>) -> Result<Vec<Branch>, Fault> {
        let Kind::List(items) = &json.kind else {
            return Err(Fault::seen("It must be an Array followed with $or.", json));
        };
        let mut all = Vec::new();
        for item in items {
            let Kind::Object(members) = &item.kind else {
                let message = "Only JSON object is allowed in array of $or relationship.";
                return Err(Fault::seen(message, item));
            };
            all.extend(self.object(branches.to_vec(), (item, members), true)?);
            if all.len() > MAX_BRANCHES {
                return Err(Fault {
                    message: format!(
                        "The number of $or combinations exceeds the limit of {MAX_BRANCHES}"
                    ),
                    at: None,
                });
            }
        }
        if items.len() < 2 {
            let message = "There must have at least 2 Objects in $or relationship.";
            return Err(Fault::behind(message, json));
        }
        Ok(all)
    }
}

/// The fault with the text that has it, and its line and column.
fn shown(text: &str, fault: &Fault) -> String {
    let Some(at) = fault.at else {
        return fault.message.clone();
    };
    let before = text.get(..at).unwrap_or(text);
    let line = 1 + before.matches('\n').count();
    let column = before.rsplit('\n').next().unwrap_or_default();
    let column = 1 + column.encode_utf16().count();
    let cut = text.char_indices().nth(SHOWN);
    let (start, rest) = text.split_at(cut.map_or(text.len(), |(cut, _)| cut));
    let rest = match rest.chars().count() {
        0 => String::new(),
        left => format!("[truncated {left} chars]"),
    };
    format!(
        "{}\n at [Source: (String)\"{start}\"{rest}; line: {line}, column: {column}]",
        fault.message
    )
}
