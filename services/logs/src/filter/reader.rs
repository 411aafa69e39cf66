//! Reads a pattern character by character.

/// A position in a pattern.
pub(super) struct Reader<'p> {
    rest: &'p str,
}

impl<'p> Reader<'p> {
    pub(super) fn new(text: &'p str) -> Self {
        Self { rest: text }
    }

    /// All that is not read yet.
    pub(super) fn rest(&self) -> &'p str {
        self.rest
    }

    /// The next character, which stays.
    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// Takes the next character.
    pub(super) fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next();
        self.rest = chars.as_str();
        next
    }

    /// Passes over white space.
    pub(super) fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Takes `token`, behind any white space, if it comes next.
    pub(super) fn eat(&mut self, token: &str) -> bool {
        self.skip_space();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Takes the word `word`, in any case, if it comes next.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        self.skip_space();
        let Some((begins, rest)) = self.rest.split_at_checked(word.len()) else {
            return false;
        };
        let ends = !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
        let is_word = begins.eq_ignore_ascii_case(word) && ends;
        if is_word {
            self.rest = rest;
        }
        is_word
    }

    /// Takes characters as long as `keep` likes them.
    pub(super) fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'p str {
        let end = self.rest.find(|next| !keep(next));
        let (taken, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        taken
    }

    /// Takes a text between `quote`s, of which the first comes next. Within it a backslash stands
    /// before a quote or a backslash that belongs to the text. None where it does not end.
    pub(super) fn quoted(&mut self, quote: char) -> Option<String> {
        self.next().filter(|next| *next == quote)?;
        let mut text = String::new();
        loop {
            match self.next()? {
                '\\' => match self.peek() {
                    Some(next) if next == quote || next == '\\' => {
                        text.push(next);
                        self.next();
                    }
                    _ => text.push('\\'),
                },
                next if next == quote => return Some(text),
                next => text.push(next),
            }
        }
    }

    /// Takes a text up to the next `end`, without it. Nothing in it is special.
    pub(super) fn until(&mut self, end: char) -> Option<&'p str> {
        let (text, rest) = self.rest.split_once(end)?;
        self.rest = rest;
        Some(text)
    }

    /// Reads on from here, leaving this where it is.
    pub(super) fn look_ahead(&self) -> Self {
        Self { rest: self.rest }
    }

    /// Whether nothing but white space is left.
    pub(super) fn is_done(&self) -> bool {
        self.rest.trim_start().is_empty()
    }
}
