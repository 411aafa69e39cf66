//! From the text of a query to its words.

use std::ops::Range;

use crate::fault::CompileError;

/// A word of a query, and the bytes that it stands in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) span: Range<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// A field, a function or a keyword: what it is depends on where it stands.
    Name(String),
    /// A field in backticks.
    Quoted(String),
    Text(String),
    Regex(String),
    Number(f64),
    /// A number with a unit: `5m`.
    Period(i64, String),
    Sign(&'static str),
    End,
}

/// The signs, the longer ones first.
const SIGNS: [&str; 20] = [
    "=~", "!=", "<=", ">=", "=", "<", ">", "|", ",", "(", ")", "[", "]", "+", "-", "*", "/", "^",
    "%", ".",
];

/// The words of `text`, with an end behind the last.
pub(crate) fn words(text: &str) -> Result<Vec<Token>, CompileError> {
    let mut reader = Reader {
        text,
        at: 0,
        words: Vec::new(),
    };
    loop {
        reader.skip_space();
        let start = reader.at;
        let kind = reader.word()?;
        let is_end = kind == Kind::End;
        let span = start..reader.at;
        reader.words.push(Token { kind, span });
        if is_end {
            return Ok(reader.words);
        }
    }
}

/// What an unexpected word is told ("unexpected symbol found").
pub(crate) fn unexpected(text: &str, span: Range<usize>) -> CompileError {
    let before = text.get(..span.start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let start_of_line = before.rfind('\n').map_or(0, |at| at + 1);
    let position = before
        .get(start_of_line..)
        .unwrap_or_default()
        .chars()
        .count();
    let found = match text.get(span.clone()) {
        None | Some("") => "<EOF>",
        Some(found) => found,
    };
    let message = format!("unexpected symbol found {found} at line {line} and position {position}");
    CompileError::new(span, message)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    words: Vec<Token>,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_while(&mut self, is_part: impl Fn(char) -> bool) {
        let rest = self.rest();
        let length = rest.find(|char| !is_part(char)).unwrap_or(rest.len());
        self.at += length;
    }

    fn skip_space(&mut self) {
        loop {
            self.skip_while(char::is_whitespace);
            if self.peek() != Some('#') {
                return;
            }
            self.skip_while(|char| char != '\n');
        }
    }

    fn word(&mut self) -> Result<Kind, CompileError> {
        let Some(first) = self.peek() else {
            return Ok(Kind::End);
        };
        match first {
            '"' | '\'' => self.quoted(first).map(Kind::Text),
            '`' => self.quoted(first).map(Kind::Quoted),
            '/' if self.expects_regex() => self.quoted('/').map(Kind::Regex),
            '0'..='9' => self.number(),
            '.' if self
                .rest()
                .chars()
                .nth(1)
                .is_some_and(|next| next.is_ascii_digit()) =>
            {
                self.number()
            }
            _ if is_name(first) => Ok(Kind::Name(self.name())),
            _ => self.sign(),
        }
    }

    /// A slash begins a regular expression behind `like`, `=~` and the field of `parse`, and is a
    /// sign of arithmetic elsewhere.
    fn expects_regex(&self) -> bool {
        let is = |token: Option<&Token>, word: &str| match token.map(|token| &token.kind) {
            Some(Kind::Name(name)) => name.eq_ignore_ascii_case(word),
            _ => false,
        };
        let mut before = self.words.iter().rev();
        let last = before.next();
        let is_match = matches!(last.map(|last| &last.kind), Some(Kind::Sign("=~")));
        is_match || is(last, "like") || is(last, "parse") || is(before.next(), "parse")
    }

    fn name(&mut self) -> String {
        let start = self.at;
        self.skip_while(|char| is_name(char) || char == '.' || char.is_ascii_digit());
        // A dot at the end belongs to whatever follows.
        let name = self.text.get(start..self.at).unwrap_or_default();
        let bare = name.trim_end_matches('.').to_owned();
        self.at = start + bare.len();
        bare
    }

    /// What stands between two of `quote`. A backslash takes the quote's meaning away, in a regular
    /// expression that alone: everything else there is the expression's own.
    fn quoted(&mut self, quote: char) -> Result<String, CompileError> {
        let start = self.at;
        self.at += quote.len_utf8();
        let mut content = String::new();
        loop {
            let Some(char) = self.peek() else {
                let text = format!("the {quote} has no counterpart");
                return Err(CompileError::new(start..self.at, text));
            };
            self.at += char.len_utf8();
            if char == quote {
                return Ok(content);
            }
            let next = self.peek();
            match (char, next) {
                ('\\', Some(next)) if next == quote => {
                    content.push(next);
                    self.at += next.len_utf8();
                }
                ('\\', Some(next)) if quote == '/' || next == '\\' => {
                    if quote == '/' {
                        content.push(char);
                    }
                    content.push(next);
                    self.at += next.len_utf8();
                }
                ('\\', Some(escape @ ('n' | 't' | 'r'))) if quote != '`' => {
                    content.push(match escape {
                        'n' => '\n',
                        't' => '\t',
                        _ => '\r',
                    });
                    self.at += 1;
                }
                _ => content.push(char),
            }
        }
    }

    fn number(&mut self) -> Result<Kind, CompileError> {
        let start = self.at;
        self.skip_while(|char| char.is_ascii_digit());
        let whole = self.text.get(start..self.at).unwrap_or_default().to_owned();
        if self.peek().is_some_and(char::is_alphabetic) {
            let unit = self.at;
            self.skip_while(char::is_alphanumeric);
            let unit = self.text.get(unit..self.at).unwrap_or_default();
            let count = whole.parse();
            return count
                .map(|count| Kind::Period(count, unit.to_owned()))
                .map_err(|_| unexpected(self.text, start..self.at));
        }
        if self.peek() == Some('.') {
            self.at += 1;
            self.skip_while(|char| char.is_ascii_digit());
        }
        let number = self.text.get(start..self.at).unwrap_or_default().parse();
        let number = number.ok().filter(|number: &f64| number.is_finite());
        number
            .map(Kind::Number)
            .ok_or_else(|| unexpected(self.text, start..self.at))
    }

    fn sign(&mut self) -> Result<Kind, CompileError> {
        let found = SIGNS.iter().find(|sign| self.rest().starts_with(*sign));
        let Some(sign) = found else {
            let length = self.peek().map_or(0, char::len_utf8);
            return Err(unexpected(self.text, self.at..self.at + length));
        };
        self.at += sign.len();
        Ok(Kind::Sign(sign))
    }
}

/// What names of fields begin with; others need backticks.
fn is_name(char: char) -> bool {
    char.is_alphabetic() || char == '@' || char == '_' || char == '$'
}
