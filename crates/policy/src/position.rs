//! Where the statements of a document stand, as AWS's policy simulator counts.
//!
//! A statement of a list begins where the one before it, or the bracket, has ended; a lone one
//! begins behind its brace; both end behind their brace. Lines and columns count from one, columns
//! in characters. (IAM API reference, `Position`; the examples of `aws iam simulate-custom-policy`.)

/// A place in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// From one.
    pub line: u32,
    /// From one.
    pub column: u32,
}

/// From where to where a statement reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Where it begins.
    pub start: Position,
    /// Behind its last character.
    pub end: Position,
}

/// The places of the statements of `text`, in document order. `text` is a document that
/// [`crate::Policy::parse`] accepts; of anything else the result means nothing.
pub fn statement_spans(text: &str) -> Vec<Span> {
    let mut walk = Walk::default();
    for character in text.chars() {
        walk.step(character);
    }
    walk.spans
}

/// What lies between the last character and the next.
struct Walk {
    position: Position,
    depth: usize,
    /// The text being read, with its quotes and escapes.
    text: Option<String>,
    escaped: bool,
    /// The last text of the outermost object, which a colon makes a name.
    last: String,
    within: Within,
    start: Position,
    spans: Vec<Span>,
}

/// Whether the walk is in the `Statement` element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Elsewhere,
    /// Behind `"Statement":`.
    Named,
    List,
    Lone,
}

impl Default for Walk {
    fn default() -> Self {
        let first = Position { line: 1, column: 1 };
        Self {
            position: first,
            depth: 0,
            text: None,
            escaped: false,
            last: String::new(),
            within: Within::Elsewhere,
            start: first,
            spans: Vec::new(),
        }
    }
}

impl Walk {
    fn step(&mut self, character: char) {
        if character == '\n' {
            self.position.line += 1;
            self.position.column = 1;
        } else {
            self.position.column += 1;
        }
        if let Some(text) = &mut self.text {
            text.push(character);
            match character {
                '"' if !self.escaped => self.end_text(),
                '\\' => self.escaped = !self.escaped,
                _ => self.escaped = false,
            }
            return;
        }
        match character {
            '"' => self.text = Some("\"".to_owned()),
            ':' if self.depth == 1 && self.last == "Statement" => self.within = Within::Named,
            '{' | '[' => self.open(character),
            '}' | ']' => self.close(),
            _ => {}
        }
    }

    fn end_text(&mut self) {
        let quoted = self.text.take().unwrap_or_default();
        if self.depth == 1 {
            self.last = serde_json::from_str(&quoted).unwrap_or_default();
        }
    }

    fn open(&mut self, bracket: char) {
        self.depth += 1;
        if self.within == Within::Named {
            self.start = self.position;
            self.within = match bracket {
                '[' => Within::List,
                _ => Within::Lone,
            };
        }
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        let ends = match self.within {
            Within::List => self.depth == 2,
            Within::Lone => self.depth == 1,
            Within::Elsewhere | Within::Named => false,
        };
        if ends {
            let (start, end) = (self.start, self.position);
            self.spans.push(Span { start, end });
            self.start = end;
        }
        if self.depth == 1 {
            self.within = Within::Elsewhere;
            self.last.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(text: &str) -> Vec<[u32; 4]> {
        let spans = statement_spans(text).into_iter();
        spans
            .map(|Span { start, end }| [start.line, start.column, end.line, end.column])
            .collect()
    }

    #[test]
    fn the_examples_of_aws_have_these_places() {
        let lone = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}"#;
        assert_eq!(spans(lone), [[1, 38, 1, 167]]);
        let managed = "{\n    \"Version\": \"2012-10-17\",\n    \"Statement\": [\n        {\n            \
                       \"Effect\": \"Allow\",\n            \"Action\": \"*\",\n            \"Resource\": \"*\"\n        \
                       }\n    ]\n}";
        assert_eq!(spans(managed), [[3, 19, 8, 10]]);
    }

    #[test]
    fn a_statement_begins_where_the_one_before_ended() {
        let text = r#"{"Statement":[{"a":1},{"b":[{}]} , {"c":"}]\"{"}],"Id":"x"}"#;
        let found = spans(text);
        assert_eq!(found, [[1, 15, 1, 22], [1, 22, 1, 33], [1, 33, 1, 49]]);
        let piece = |span: &[u32; 4]| &text[span[1] as usize - 1..span[3] as usize - 1];
        let pieces: Vec<_> = found.iter().map(piece).collect();
        assert_eq!(
            pieces,
            [r#"{"a":1}"#, r#",{"b":[{}]}"#, r#" , {"c":"}]\"{"}"#]
        );
    }

    #[test]
    fn columns_count_characters_and_names_may_be_escaped() {
        assert_eq!(
            spans("{\"Id\":\"\u{e4}\",\"Statement\":[{}]}"),
            [[1, 24, 1, 26]]
        );
        assert_eq!(spans(r#"{"\u0053tatement":[{}]}"#), [[1, 20, 1, 22]]);
        assert_eq!(
            spans(r#"{"Id":"Statement","Statement":[{}]}"#),
            [[1, 32, 1, 34]]
        );
    }
}
