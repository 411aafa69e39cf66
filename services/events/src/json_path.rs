//! Paths into events, as far as EventBridge takes them: names, indices, wildcards ("Amazon EventBridge
//! input transformation", EventBridge user guide).

use patterns::{Json, Kind};

/// The most steps of a path: it has at most 256 characters.
const MOST_STEPS: usize = 128;

/// A path that was read.
pub(crate) struct JsonPath<'p>(Vec<Step<'p>>);

enum Step<'p> {
    Name(&'p str),
    Index(usize),
    Every,
}

impl<'p> JsonPath<'p> {
    /// Reads `$.detail.items[0].name`, `$.detail['name']` or `$.detail.*`; none for what is no path.
    pub(crate) fn parse(text: &'p str) -> Option<Self> {
        let mut rest = text.strip_prefix('$')?;
        let mut steps = Vec::new();
        while let Some(first) = rest.chars().next() {
            let (step, after) = match first {
                '.' => name(rest.get(1..)?)?,
                '[' => bracket(rest.get(1..)?)?,
                _ => return None,
            };
            steps.push(step);
            rest = after;
        }
        (steps.len() <= MOST_STEPS).then_some(Self(steps))
    }

    /// The JSON text that the path leads to in `event`, which was read from `text`. With a wildcard it
    /// is the list of all that it leads to. None where it leads nowhere.
    pub(crate) fn find(&self, event: &Json<'_>, text: &str) -> Option<String> {
        let mut found = vec![event];
        let mut is_list = false;
        for step in &self.0 {
            is_list |= matches!(step, Step::Every);
            found = found.into_iter().flat_map(|at| step.follow(at)).collect();
        }
        let mut texts = found.iter().filter_map(|at| text.get(at.start..at.end));
        match is_list {
            true => Some(format!("[{}]", texts.collect::<Vec<_>>().join(","))),
            false => texts.next().map(str::to_owned),
        }
    }
}

impl Step<'_> {
    fn follow<'e, 't>(&self, at: &'e Json<'t>) -> Vec<&'e Json<'t>> {
        match (self, &at.kind) {
            (Step::Name(name), _) => at.get(name).into_iter().collect(),
            (Step::Index(index), Kind::List(items)) => items.get(*index).into_iter().collect(),
            (Step::Every, Kind::List(items)) => items.iter().collect(),
            (Step::Every, Kind::Object(members)) => members.iter().map(|(_, at)| at).collect(),
            _ => Vec::new(),
        }
    }
}

/// The step that begins behind a dot.
fn name(rest: &str) -> Option<(Step<'_>, &str)> {
    let is_end = |letter: char| {
        matches!(
            letter,
            '.' | '[' | ']' | '(' | ')' | '?' | '*' | '@' | '\'' | '"'
        ) || letter.is_whitespace()
            || letter.is_control()
    };
    if let Some(after) = rest.strip_prefix('*') {
        return Some((Step::Every, after));
    }
    let (name, after) = rest.split_at(rest.find(is_end).unwrap_or(rest.len()));
    (!name.is_empty()).then_some((Step::Name(name), after))
}

/// The step that begins behind a bracket.
fn bracket(rest: &str) -> Option<(Step<'_>, &str)> {
    for quote in ["'", "\""] {
        if let Some(quoted) = rest.strip_prefix(quote) {
            let (name, after) = quoted.split_once(quote)?;
            return Some((Step::Name(name), after.strip_prefix(']')?));
        }
    }
    let (inner, after) = rest.split_once(']')?;
    match inner {
        "*" => Some((Step::Every, after)),
        _ if inner.bytes().all(|digit| digit.is_ascii_digit()) => {
            Some((Step::Index(inner.parse().ok()?), after))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = r#"{"detail-type": "a \"b\"", "detail": {"n": 1.50, "x/y": [ {"k": 1},
        {"k": [2, 3]}, {} ], "é z": null}, "resources": []}"#;

    fn find(path: &str) -> Option<String> {
        let event = Json::parse(EVENT).expect("JSON");
        JsonPath::parse(path)?.find(&event, EVENT)
    }

    #[test]
    fn paths_lead_to_the_text_as_it_is_written() {
        for (path, expected) in [
            ("$.detail-type", Some(r#""a \"b\"""#)),
            ("$.detail.n", Some("1.50")),
            ("$.detail.x/y[1].k", Some("[2, 3]")),
            ("$.detail['x/y'][1]['k'][0]", Some("2")),
            ("$.detail[\"é z\"]", Some("null")),
            ("$.detail.x/y[*].k", Some("[1,[2, 3]]")),
            ("$.detail.x/y[0].*", Some("[1]")),
            ("$.resources", Some("[]")),
            ("$.resources[*]", Some("[]")),
            ("$.resources[0]", None),
            ("$.detail.absent.deeper", None),
            ("$.detail.n[0]", None),
            ("$", Some(EVENT)),
        ] {
            assert_eq!(find(path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for path in [
            "",
            "detail",
            "$detail",
            "$.",
            "$..a",
            "$.a.",
            "$.a[",
            "$.a[]",
            "$.a[-1]",
            "$.a[1:2]",
            "$.a[?(@.b)]",
            "$.a['b",
            "$.a['b'",
            "$.a b",
            "$.a[1,2]",
            "$.a[99999999999999999999]",
            "$.length()",
            "$.@",
        ] {
            assert!(JsonPath::parse(path).is_none(), "{path}");
        }
        assert!(JsonPath::parse(&format!("${}", ".a".repeat(129))).is_none());
    }
}
