//! Reads the leaves of a JSON object in one pass, without making anything of what nobody asks for.

use std::borrow::Cow;

/// Objects and arrays may lie so deep in each other; deeper ones are no fields.
const MAX_DEPTH: usize = 64;

/// A leaf: a text, or a number or truth as results show it.
pub(crate) struct Leaf<'j> {
    raw: &'j str,
    kind: LeafKind,
}

#[derive(Clone, Copy, PartialEq)]
enum LeafKind {
    /// Without its quotes.
    Text {
        is_escaped: bool,
    },
    /// As it stands there.
    Plain,
    Null,
}

impl<'j> Leaf<'j> {
    /// What fields show of it: null is no value, and a truth is 1 or 0.
    pub(crate) fn text(&self) -> Option<Cow<'j, str>> {
        match self.kind {
            LeafKind::Null => None,
            LeafKind::Plain => Some(Cow::Borrowed(match self.raw {
                "true" => "1",
                "false" => "0",
                number => number,
            })),
            LeafKind::Text { is_escaped: false } => Some(Cow::Borrowed(self.raw)),
            LeafKind::Text { is_escaped: true } => unescaped(self.raw).map(Cow::Owned),
        }
    }
}

/// Calls `found` with path and value of each leaf of the object `text`, until it says that it has
/// enough. None where the text is no JSON object, as far as it was read.
pub(crate) fn leaves<'j>(
    text: &'j str,
    mut found: impl FnMut(&str, Leaf<'j>) -> bool,
) -> Option<()> {
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        path: String::with_capacity(64),
    };
    reader.skip_space();
    if reader.peek() != Some(b'{') {
        return None;
    }
    if !reader.value(0, &mut found)? {
        return Some(());
    }
    reader.skip_space();
    (reader.at == text.len()).then_some(())
}

struct Reader<'j> {
    text: &'j str,
    bytes: &'j [u8],
    at: usize,
    path: String,
}

impl<'j> Reader<'j> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\t' | b'\r')) {
            self.at += 1;
        }
    }

    fn takes(&mut self, byte: u8) -> bool {
        self.skip_space();
        let is = self.peek() == Some(byte);
        self.at += usize::from(is);
        is
    }

    /// False where `found` has enough.
    fn value(
        &mut self,
        depth: usize,
        found: &mut impl FnMut(&str, Leaf<'j>) -> bool,
    ) -> Option<bool> {
        if depth == MAX_DEPTH {
            return None;
        }
        self.skip_space();
        match self.peek()? {
            b'{' => self.object(depth, found),
            b'[' => self.array(depth, found),
            b'"' => {
                let (raw, is_escaped) = self.string()?;
                let kind = LeafKind::Text { is_escaped };
                Some(found(&self.path, Leaf { raw, kind }))
            }
            _ => {
                let leaf = self.plain()?;
                Some(found(&self.path, leaf))
            }
        }
    }

    fn object(
        &mut self,
        depth: usize,
        found: &mut impl FnMut(&str, Leaf<'j>) -> bool,
    ) -> Option<bool> {
        self.at += 1;
        if self.takes(b'}') {
            return Some(true);
        }
        let length = self.path.len();
        loop {
            self.skip_space();
            let (raw, is_escaped) = self.string()?;
            if length > 0 {
                self.path.push('.');
            } else if raw.starts_with('@') {
                // Fields of the event itself have an `@` alone; this one has two.
                self.path.push('@');
            }
            match is_escaped {
                false => self.path.push_str(raw),
                true => self.path.push_str(&unescaped(raw)?),
            }
            if !self.takes(b':') {
                return None;
            }
            let goes_on = self.value(depth + 1, found)?;
            self.path.truncate(length);
            if !goes_on {
                return Some(false);
            }
            if self.takes(b'}') {
                return Some(true);
            }
            if !self.takes(b',') {
                return None;
            }
        }
    }

    fn array(
        &mut self,
        depth: usize,
        found: &mut impl FnMut(&str, Leaf<'j>) -> bool,
    ) -> Option<bool> {
        self.at += 1;
        if self.takes(b']') {
            return Some(true);
        }
        let length = self.path.len();
        for index in 0usize.. {
            self.path.push('.');
            self.path.push_str(&index.to_string());
            let goes_on = self.value(depth + 1, found)?;
            self.path.truncate(length);
            if !goes_on {
                return Some(false);
            }
            if self.takes(b']') {
                return Some(true);
            }
            if !self.takes(b',') {
                return None;
            }
        }
        None
    }

    /// What stands in quotes, and whether there are escapes in it.
    fn string(&mut self) -> Option<(&'j str, bool)> {
        if self.peek() != Some(b'"') {
            return None;
        }
        let start = self.at + 1;
        let mut at = start;
        let mut is_escaped = false;
        loop {
            let rest = self.bytes.get(at..)?;
            at += memchr::memchr2(b'"', b'\\', rest)?;
            if self.bytes.get(at) == Some(&b'"') {
                break;
            }
            is_escaped = true;
            at += 2;
        }
        self.at = at + 1;
        Some((self.text.get(start..at)?, is_escaped))
    }

    fn plain(&mut self) -> Option<Leaf<'j>> {
        let start = self.at;
        while matches!(
            self.peek(),
            Some(b'a'..=b'z' | b'0'..=b'9' | b'-' | b'+' | b'.' | b'E')
        ) {
            self.at += 1;
        }
        let raw = self.text.get(start..self.at)?;
        let kind = match raw {
            "null" => LeafKind::Null,
            "true" | "false" => LeafKind::Plain,
            _ if raw.starts_with(|first: char| first == '-' || first.is_ascii_digit()) => {
                raw.parse::<f64>().ok()?;
                LeafKind::Plain
            }
            _ => return None,
        };
        Some(Leaf { raw, kind })
    }
}

fn unescaped(raw: &str) -> Option<String> {
    serde_json::from_str(&format!("\"{raw}\"")).ok()
}
