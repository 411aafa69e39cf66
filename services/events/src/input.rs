//! What a target gets of an event: all of it, a part, a constant, or a template that parts of it are
//! put into ("Amazon EventBridge input transformation", EventBridge user guide).

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use api::events::{InputTransformer, Target};
use patterns::Json;
use platform::{Error, Result};
use serde::{Deserialize, Serialize};
use wire::json::Writer;
use wire::{Entries, Fault};

use crate::json_path::JsonPath;
use crate::refusals::invalid;

/// The most bytes that a template becomes. The quota of events is 1 MiB too.
const MOST_BYTES: usize = 1 << 20;

/// What a target gets.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Input {
    /// The event.
    #[default]
    Event,
    /// This JSON text.
    Constant(String),
    /// The part that a path leads to.
    Path(String),
    /// A text with variables, each after the path that gives its value.
    Template {
        paths: Vec<(String, String)>,
        template: String,
    },
}

/// An event and the rule that matched it.
pub(crate) struct Matched<'a> {
    /// The event's JSON text.
    pub(crate) event: &'a str,
    /// The ARN of the rule.
    pub(crate) rule_arn: &'a str,
    /// Its name.
    pub(crate) rule_name: &'a str,
    /// When the event was taken, in ISO 8601.
    pub(crate) ingested: &'a str,
}

/// The variables that every template has.
const PREDEFINED: [&str; 5] = [
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event.ingestion-time",
    "aws.events.event",
    "aws.events.event.json",
];

impl Input {
    /// What a request asks for, checked.
    pub(crate) fn of(target: &Target) -> Result<Self, Fault> {
        let id = &target.id;
        let given = [
            target.input.is_some(),
            target.input_path.is_some(),
            target.input_transformer.is_some(),
        ];
        if given.iter().filter(|is_given| **is_given).count() > 1 {
            return Err(invalid(format!(
                "Only one of Input, InputPath, or InputTransformer must be provided for target {id}."
            )));
        }
        if let Some(text) = &target.input {
            return match Json::parse(text) {
                Ok(_) => Ok(Self::Constant(text.clone())),
                Err(_) => Err(invalid(format!(
                    "JSON syntax error in input for target {id}: Input for target {id} is not a valid JSON text."
                ))),
            };
        }
        if let Some(path) = &target.input_path {
            return match JsonPath::parse(path) {
                Some(_) => Ok(Self::Path(path.clone())),
                None => Err(invalid(format!("Invalid InputPath for target {id}."))),
            };
        }
        let transformer = target.input_transformer.as_ref();
        transformer.map_or(Ok(Self::Event), |transformer| {
            Self::template(id, transformer)
        })
    }

    fn template(id: &str, transformer: &InputTransformer) -> Result<Self, Fault> {
        let given = transformer.input_paths_map.as_ref();
        let paths = given.map(|given| given.0.clone()).unwrap_or_default();
        for (name, path) in &paths {
            if name.to_lowercase().starts_with("aws.") || name.to_lowercase().starts_with("aws:") {
                return Err(invalid(format!(
                    "InputTransformer for target {id} has a key in InputPathsMap that begins with a reserved prefix."
                )));
            }
            if JsonPath::parse(path).is_none() {
                return Err(invalid(format!("Invalid InputPath for target {id}.")));
            }
        }
        let template = &transformer.input_template;
        for piece in pieces(template) {
            let Piece::Variable { name, .. } = piece else {
                continue;
            };
            if !PREDEFINED.contains(&name) && !paths.iter().any(|(known, _)| known == name) {
                return Err(invalid(format!(
                    "InputTemplate for target {id} contains invalid placeholder {name}."
                )));
            }
        }
        if !is_made_of_json(template) {
            return Err(invalid(format!("Invalid InputTemplate for target {id}.")));
        }
        Ok(Self::Template {
            paths,
            template: template.clone(),
        })
    }

    /// The members of a target that say this.
    pub(crate) fn show(&self, target: &mut Target) {
        match self {
            Self::Event => {}
            Self::Constant(text) => target.input = Some(text.clone()),
            Self::Path(path) => target.input_path = Some(path.clone()),
            Self::Template { paths, template } => {
                target.input_transformer = Some(InputTransformer {
                    input_paths_map: (!paths.is_empty()).then(|| Entries(paths.clone())),
                    input_template: template.clone(),
                });
            }
        }
    }

    /// What the target gets of an event.
    pub(crate) fn of_event(&self, matched: &Matched<'_>) -> Result<String> {
        match self {
            Self::Event => Ok(matched.event.to_owned()),
            Self::Constant(text) => Ok(text.clone()),
            Self::Path(path) => {
                let event = Json::parse(matched.event).map_err(Error::internal)?;
                let found = JsonPath::parse(path).and_then(|path| path.find(&event, matched.event));
                Ok(found.unwrap_or_else(|| "null".to_owned()))
            }
            Self::Template { paths, template } => {
                let event = Json::parse(matched.event).map_err(Error::internal)?;
                let values = Values {
                    matched,
                    event,
                    paths,
                };
                values.fill(template)
            }
        }
    }
}

/// A piece of a template.
enum Piece<'t> {
    Text(&'t str),
    Variable { name: &'t str, is_quoted: bool },
}

/// The pieces of a template. What stands between `<` and `>` is a variable; neither can be escaped.
fn pieces(template: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut rest, mut is_quoted) = (Vec::new(), template, false);
    while let Some((before, after)) = rest.split_once('<') {
        let Some((name, behind)) = after.split_once('>') else {
            break;
        };
        is_quoted = ends_quoted(before, is_quoted);
        pieces.push(Piece::Text(before));
        pieces.push(Piece::Variable { name, is_quoted });
        rest = behind;
    }
    pieces.push(Piece::Text(rest));
    pieces
}

/// Whether a string is open behind `text`.
fn ends_quoted(text: &str, mut is_quoted: bool) -> bool {
    let mut is_escaped = false;
    for letter in text.chars() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ => {}
        }
    }
    is_quoted
}

/// Whether the template with any values is JSON, or lines of JSON texts.
fn is_made_of_json(template: &str) -> bool {
    let filled = pieces(template).into_iter().map(|piece| match piece {
        Piece::Text(text) => text,
        Piece::Variable { is_quoted, .. } if is_quoted => "",
        Piece::Variable { .. } => "\"\"",
    });
    let filled: String = filled.collect();
    Json::parse(&filled).is_ok()
        || filled
            .lines()
            .filter(|line| !line.trim().is_empty())
            .all(|line| Json::parse(line).is_ok_and(|json| json.text().is_some()))
}

/// The values of a template's variables.
struct Values<'a> {
    matched: &'a Matched<'a>,
    event: Json<'a>,
    paths: &'a [(String, String)],
}

impl Values<'_> {
    fn fill(&self, template: &str) -> Result<String> {
        let values = self.all(template)?;
        let mut filled = String::new();
        for piece in pieces(template) {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Variable { name, is_quoted } => {
                    let value = values.get(name).and_then(Option::as_deref);
                    filled.push_str(&shown(value, is_quoted)?);
                }
            }
            if filled.len() > MOST_BYTES {
                return Err(invalid("The transformed event is larger than 1 MiB.").into());
            }
        }
        Ok(filled)
    }

    /// The values of all variables of a template. However often one stands there, its path is
    /// followed once: an event has up to half a million values.
    fn all<'t>(&self, template: &'t str) -> Result<HashMap<&'t str, Option<String>>> {
        let mut values = HashMap::new();
        for piece in pieces(template) {
            if let Piece::Variable { name, .. } = piece
                && let Entry::Vacant(new) = values.entry(name)
            {
                new.insert(self.value(name)?);
            }
        }
        Ok(values)
    }

    /// The JSON text of a variable; none where its path leads nowhere.
    fn value(&self, name: &str) -> Result<Option<String>> {
        let matched = self.matched;
        Ok(match name {
            "aws.events.rule-arn" => Some(quoted(matched.rule_arn)?),
            "aws.events.rule-name" => Some(quoted(matched.rule_name)?),
            "aws.events.event.ingestion-time" => Some(quoted(matched.ingested)?),
            "aws.events.event.json" => Some(matched.event.to_owned()),
            "aws.events.event" => Some(self.without_detail()?),
            _ => {
                let path = self.paths.iter().find(|(known, _)| known == name);
                let path = path.and_then(|(_, path)| JsonPath::parse(path));
                path.and_then(|path| path.find(&self.event, matched.event))
            }
        })
    }

    fn without_detail(&self) -> Result<String> {
        let mut out = Writer::new();
        out.begin_object();
        if let patterns::Kind::Object(members) = &self.event.kind {
            for (name, value) in members.iter().filter(|(name, _)| name != "detail") {
                out.key(name);
                out.raw(
                    self.matched
                        .event
                        .get(value.start..value.end)
                        .unwrap_or("null"),
                );
            }
        }
        out.end_object();
        text(out)
    }
}

/// A value where it stands: a string gives its characters to a string, and anything else its text,
/// escaped, so that what comes out is what the template looks like.
fn shown(value: Option<&str>, is_quoted: bool) -> Result<String> {
    let Some(value) = value else {
        return Ok(if is_quoted { "" } else { "\"\"" }.to_owned());
    };
    if !is_quoted {
        return Ok(value.to_owned());
    }
    let inner = |quoted: &str| {
        let inner = quoted
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        inner.map(str::to_owned)
    };
    match inner(value) {
        Some(inner) => Ok(inner),
        None => Ok(inner(&quoted(value)?).unwrap_or_default()),
    }
}

fn quoted(value: &str) -> Result<String> {
    let mut out = Writer::new();
    out.string(value);
    text(out)
}

fn text(out: Writer) -> Result<String> {
    String::from_utf8(out.finish().to_vec()).map_err(Error::internal)
}

#[cfg(test)]
mod tests;
