//! JSON with places: what patterns and events are read from. Numbers keep their text, objects the
//! order of their members; a key may occur twice, and whoever reads decides what that means.

use std::borrow::Cow;

/// How deep values may lie in each other (EventBridge API reference, PutEvents).
const MAX_DEPTH: usize = 1000;

/// A value and its place in the text.
pub struct Json<'t> {
    /// The value.
    pub kind: Kind<'t>,
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where the text goes on behind it.
    pub end: usize,
}

/// A JSON value.
pub enum Kind<'t> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as it is written.
    Number(&'t str),
    /// A text, unescaped.
    Text(Cow<'t, str>),
    /// A list.
    List(Vec<Json<'t>>),
    /// Names and values, in their order.
    Object(Vec<(Cow<'t, str>, Json<'t>)>),
}

/// A text that is no JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// What is wrong.
    pub message: String,
    /// Behind which byte.
    pub at: usize,
}

impl<'t> Json<'t> {
    /// Reads one value; nothing but white space may follow it.
    pub fn parse(text: &'t str) -> Result<Self, SyntaxError> {
        let mut reader = Reader { text, at: 0 };
        reader.skip_space();
        let value = reader.value()?;
        reader.skip_space();
        match reader.peek() {
            None => Ok(value),
            Some(_) => Err(reader.unexpected("end of input")),
        }
    }

    /// The last member of this name, if the value is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Kind::Object(members) = &self.kind else {
            return None;
        };
        let mut members = members.iter().rev();
        members
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// The text, if the value is one.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::List(_) | Kind::Object(_) => None,
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

/// A value, or the beginning of one that holds others.
enum Opening<'t> {
    Done(Kind<'t>),
    Open(Open<'t>),
}

/// A list or an object that is not at its end yet.
enum Open<'t> {
    List(Vec<Json<'t>>),
    /// The members, and the name of the one that is being read.
    Object(Vec<(Cow<'t, str>, Json<'t>)>, Cow<'t, str>),
}

impl<'t> Reader<'t> {
    /// Reads a value. What is open is kept in a list: depth costs no stack.
    fn value(&mut self) -> Result<Json<'t>, SyntaxError> {
        let mut open: Vec<(usize, Open<'t>)> = Vec::new();
        loop {
            let start = self.at;
            let mut done = match self.opening()? {
                Opening::Done(kind) => self.since(start, kind),
                Opening::Open(container) => {
                    open.push((start, container));
                    if open.len() > MAX_DEPTH {
                        let message = format!("Document nesting depth exceeds {MAX_DEPTH}");
                        return Err(self.fault(message));
                    }
                    continue;
                }
            };
            // The value ends whatever it is the last element of.
            loop {
                let Some((start, container)) = open.pop() else {
                    return Ok(done);
                };
                self.skip_space();
                match self.add(container, done)? {
                    Opening::Done(kind) => done = self.since(start, kind),
                    Opening::Open(container) => {
                        open.push((start, container));
                        break;
                    }
                }
            }
        }
    }

    fn since(&self, start: usize, kind: Kind<'t>) -> Json<'t> {
        let end = self.at;
        Json { kind, start, end }
    }

    /// Reads a scalar or an empty container, or the beginning of another one, up to its first value.
    fn opening(&mut self) -> Result<Opening<'t>, SyntaxError> {
        Ok(Opening::Done(match self.peek() {
            Some(b'{') => {
                self.at += 1;
                self.skip_space();
                if !self.take(b'}') {
                    let name = self.name()?;
                    return Ok(Opening::Open(Open::Object(Vec::new(), name)));
                }
                Kind::Object(Vec::new())
            }
            Some(b'[') => {
                self.at += 1;
                self.skip_space();
                if !self.take(b']') {
                    return Ok(Opening::Open(Open::List(Vec::new())));
                }
                Kind::List(Vec::new())
            }
            Some(b'"') => Kind::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => Kind::Number(self.number()?),
            Some(b't') => self.literal("true", Kind::Bool(true))?,
            Some(b'f') => self.literal("false", Kind::Bool(false))?,
            Some(b'n') => self.literal("null", Kind::Null)?,
            _ => return Err(self.unexpected("a valid value")),
        }))
    }

    /// Adds a value to what it is in, and reads up to the next value or to the end.
    fn add(&mut self, container: Open<'t>, value: Json<'t>) -> Result<Opening<'t>, SyntaxError> {
        match container {
            Open::List(mut items) => {
                items.push(value);
                if self.take(b']') {
                    return Ok(Opening::Done(Kind::List(items)));
                }
                if !self.take(b',') {
                    return Err(self.unexpected("comma to separate Array entries"));
                }
                self.skip_space();
                Ok(Opening::Open(Open::List(items)))
            }
            Open::Object(mut members, name) => {
                members.push((name, value));
                if self.take(b'}') {
                    return Ok(Opening::Done(Kind::Object(members)));
                }
                if !self.take(b',') {
                    return Err(self.unexpected("comma to separate Object entries"));
                }
                self.skip_space();
                let name = self.name()?;
                Ok(Opening::Open(Open::Object(members, name)))
            }
        }
    }

    /// The name of a member, up to its value.
    fn name(&mut self) -> Result<Cow<'t, str>, SyntaxError> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("double-quote to start field name"));
        }
        let name = self.string()?;
        self.skip_space();
        if !self.take(b':') {
            return Err(self.unexpected("a colon to separate field name and value"));
        }
        self.skip_space();
        Ok(name)
    }

    fn string(&mut self) -> Result<Cow<'t, str>, SyntaxError> {
        self.at += 1;
        let start = self.at;
        loop {
            match self.peek() {
                Some(b'"') => {
                    let text = self.text.get(start..self.at).unwrap_or_default();
                    self.at += 1;
                    return Ok(Cow::Borrowed(text));
                }
                Some(b'\\') => return self.escaped(start),
                Some(0..0x20) => return Err(self.control()),
                Some(_) => self.at += 1,
                None => {
                    return Err(self.fault("Unexpected end-of-input in VALUE_STRING".to_owned()));
                }
            }
        }
    }

    /// The rest of a string from its first escape on.
    fn escaped(&mut self, start: usize) -> Result<Cow<'t, str>, SyntaxError> {
        let mut text = self.text.get(start..self.at).unwrap_or_default().to_owned();
        loop {
            let from = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..0x20)) {
                self.at += 1;
            }
            text.push_str(self.text.get(from..self.at).unwrap_or_default());
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(text));
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(_) => return Err(self.control()),
                None => {
                    return Err(self.fault("Unexpected end-of-input in VALUE_STRING".to_owned()));
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        self.at += 1;
        let escape = self.peek();
        self.at += 1;
        Ok(match escape {
            Some(plain @ (b'"' | b'\\' | b'/')) => char::from(plain),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return Err(self.fault("Unrecognized character escape".to_owned())),
        })
    }

    /// `\u` and its digits. Half of a pair stands for no character: U+FFFD takes its place.
    fn unicode(&mut self) -> Result<char, SyntaxError> {
        let first = self.hex()?;
        if let Some(character) = char::from_u32(first) {
            return Ok(character);
        }
        let is_high = first < 0xdc00;
        if is_high && self.text.as_bytes().get(self.at..self.at + 2) == Some(b"\\u") {
            let back = self.at;
            self.at += 2;
            let second = self.hex()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = back;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hex(&mut self) -> Result<u32, SyntaxError> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4);
        let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let digits = digits.and_then(|digits| str::from_utf8(digits).ok());
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let code = code.ok_or_else(|| {
            self.fault("expected a hex-digit for character escape sequence".to_owned())
        })?;
        self.at += 4;
        Ok(code)
    }

    fn number(&mut self) -> Result<&'t str, SyntaxError> {
        let start = self.at;
        self.take(b'-');
        let leading_zero = self.peek() == Some(b'0');
        let whole = self.digits();
        if whole == 0 || leading_zero && whole > 1 {
            return Err(self.fault("Invalid numeric value".to_owned()));
        }
        if self.take(b'.') && self.digits() == 0 {
            return Err(self.fault("Decimal point not followed by a digit".to_owned()));
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            let _sign = self.take(b'+') || self.take(b'-');
            if self.digits() == 0 {
                return Err(self.fault("Exponent indicator not followed by a digit".to_owned()));
            }
        }
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn literal(&mut self, word: &str, kind: Kind<'t>) -> Result<Kind<'t>, SyntaxError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word) {
            let end = rest.find(|next: char| !next.is_alphanumeric());
            let token = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            self.at += token.len();
            return Err(self.fault(format!(
                "Unrecognized token '{token}': was expecting ('true', 'false' or 'null')"
            )));
        }
        self.at += word.len();
        Ok(kind)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn control(&mut self) -> SyntaxError {
        let code = self.peek().unwrap_or_default();
        self.at += 1;
        self.fault(format!(
            "Illegal unquoted character ((CTRL-CHAR, code {code})): has to be escaped using \
             backslash to be included in string value"
        ))
    }

    fn unexpected(&mut self, expected: &str) -> SyntaxError {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(found) = rest.chars().next() else {
            return self.fault("Unexpected end-of-input".to_owned());
        };
        self.at += found.len_utf8();
        let code = u32::from(found);
        self.fault(format!(
            "Unexpected character ('{found}' (code {code})): was expecting {expected}"
        ))
    }

    fn fault(&self, message: String) -> SyntaxError {
        let at = self.at.min(self.text.len());
        SyntaxError { message, at }
    }
}
