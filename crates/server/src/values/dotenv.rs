//! dotenv files. There is no specification: shells, Docker and a library for each language read them
//! differently. What is written here is what a POSIX shell reads exactly (IEEE Std 1003.1, "Quoting"),
//! in the form that most of the others read alike; what they read differently is refused.

use std::iter::Peekable;
use std::str::Chars;

use crypto::Secret;
use zeroize::Zeroizing;

use super::Entry;
use super::variables::{is_variable, variables};

/// A line for each entry, with the names of environment variables.
pub(super) fn write(entries: &[Entry]) -> Result<Zeroizing<String>, String> {
    let length: usize = entries
        .iter()
        .map(|entry| entry.name.len() + 4 * entry.value.expose().len() + 8)
        .sum();
    let mut text = Zeroizing::new(String::with_capacity(length));
    for variable in variables("", entries)? {
        let value = variable.entry.value.expose();
        if value.contains('\0') {
            let name = &variable.entry.name;
            return Err(format!(
                "the value of `{name}` holds a zero byte, which no variable can"
            ));
        }
        text.push_str(&variable.name);
        text.push('=');
        quote(value, &mut text);
        text.push('\n');
    }
    Ok(text)
}

fn quote(value: &str, out: &mut String) {
    if !value.is_empty() && value.chars().all(is_plain) {
        return out.push_str(value);
    }
    let has = |signs: &[char]| value.contains(signs);
    // Readers beside the shell agree on a lone kind of quotes, and on little else.
    if has(&['\'']) && !has(&['"', '$', '`', '\\']) {
        out.push('"');
        out.push_str(value);
        return out.push('"');
    }
    out.push('\'');
    for letter in value.chars() {
        match letter {
            '\'' => out.push_str("'\\''"),
            letter => out.push(letter),
        }
    }
    out.push('\'');
}

/// Whether a sign means itself without quotes, to every reader.
fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "_-./:@%+,".contains(letter)
}

/// The entries of a file.
pub(super) fn read(text: &str) -> Result<Vec<Entry>, String> {
    let mut reader = Reader {
        rest: text.chars().peekable(),
        line: 1,
    };
    let mut entries = Vec::new();
    while let Some(name) = reader.name()? {
        let value = reader.value(&name, text.len())?;
        entries.push(Entry {
            name,
            value,
            kind: None,
        });
    }
    Ok(entries)
}

struct Reader<'t> {
    rest: Peekable<Chars<'t>>,
    line: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let letter = self.rest.next();
        if letter == Some('\n') {
            self.line += 1;
        }
        letter
    }

    fn wrong<T>(&self, what: &str) -> Result<T, String> {
        Err(format!("line {}: {what}", self.line))
    }

    /// The name that the next line with one sets; behind it is the value.
    fn name(&mut self) -> Result<Option<String>, String> {
        loop {
            while self.rest.peek().is_some_and(char::is_ascii_whitespace) {
                self.next();
            }
            match self.rest.peek() {
                None => return Ok(None),
                Some('#') => self.skip_line(),
                Some(_) => break,
            }
        }
        let mut name = String::new();
        loop {
            match self.rest.peek() {
                Some('=') => break,
                Some('\n' | '\r') | None => return self.wrong("there is no `=` behind a name"),
                Some(' ' | '\t') if name == "export" => name.clear(),
                Some(&letter) => name.push(letter),
            }
            self.next();
        }
        self.next();
        let name = name.trim_start_matches([' ', '\t']);
        match is_variable(name) {
            true => Ok(Some(name.to_owned())),
            false => self.wrong(
                "what is before `=` is no name of a variable: write letters of ASCII, digits and `_`, \
                 and no blanks",
            ),
        }
    }

    fn skip_line(&mut self) {
        while self.rest.peek().is_some_and(|&letter| letter != '\n') {
            self.next();
        }
    }

    /// The value behind `=`, and the end of its line.
    fn value(&mut self, name: &str, capacity: usize) -> Result<Secret<String>, String> {
        let line = self.line;
        let mut value = Zeroizing::new(String::with_capacity(capacity));
        loop {
            match self.piece(&mut value) {
                Ok(true) => {}
                Ok(false) => return Ok(Secret::from(value)),
                Err(what) => {
                    return Err(format!(
                        "line {line}: {what}, which readers of dotenv files take differently; put the \
                         value of {name} into single quotes"
                    ));
                }
            }
        }
    }

    /// Takes the next piece of a value; whether there may be more.
    fn piece(&mut self, value: &mut String) -> Result<bool, String> {
        match self.next() {
            None | Some('\n') => return Ok(false),
            Some('\r') if matches!(self.rest.peek(), Some('\n') | None) => {}
            Some('\'') => self.single(value)?,
            Some('"') => self.double(value)?,
            Some('\\') if self.rest.peek() == Some(&'\'') => value.extend(self.next()),
            Some(' ' | '\t') => self.end()?,
            Some(letter) if is_special(letter) => {
                return Err(format!("`{}` stands outside quotes", letter.escape_debug()));
            }
            Some(letter) => value.push(letter),
        }
        Ok(true)
    }

    /// What is between single quotes: everything means itself.
    fn single(&mut self, value: &mut String) -> Result<(), String> {
        loop {
            match self.next() {
                None => return Err("a single quote has no end".to_owned()),
                Some('\'') => return Ok(()),
                Some(letter) => value.push(letter),
            }
        }
    }

    /// What is between double quotes.
    fn double(&mut self, value: &mut String) -> Result<(), String> {
        loop {
            match self.next() {
                None => return Err("a double quote has no end".to_owned()),
                Some('"') => return Ok(()),
                Some(sign @ ('$' | '`')) => {
                    return Err(format!("`{sign}` stands in double quotes"));
                }
                Some('\\') => match self.next() {
                    Some(letter @ ('"' | '\\' | '$' | '`')) => value.push(letter),
                    _ => return Err("a backslash stands in double quotes".to_owned()),
                },
                Some(letter) => value.push(letter),
            }
        }
    }

    /// Passes over the blanks and the comment behind a value.
    fn end(&mut self) -> Result<(), String> {
        while matches!(self.rest.peek(), Some(' ' | '\t')) {
            self.next();
        }
        if self.rest.peek() == Some(&'#') {
            self.skip_line();
        }
        match self.rest.peek() {
            None | Some('\n' | '\r') => Ok(()),
            Some(_) => Err("a blank stands outside quotes".to_owned()),
        }
    }
}

/// Whether a sign outside quotes means something to a reader.
fn is_special(letter: char) -> bool {
    "\\$`#;&|<>()\r".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::super::tests::entry;
    use super::*;

    fn values(text: &str) -> Result<Vec<(String, String)>, String> {
        let entries = read(text)?.into_iter();
        Ok(entries
            .map(|entry| (entry.name, entry.value.expose().clone()))
            .collect())
    }

    fn written(value: &str) -> String {
        write(&[entry("A", value)]).unwrap().to_string()
    }

    #[test]
    fn values_are_quoted_no_more_than_they_need() {
        assert_eq!(written("plain-1"), "A=plain-1\n");
        assert_eq!(written(""), "A=''\n");
        assert_eq!(written("a b$c\\n"), "A='a b$c\\n'\n");
        assert_eq!(written("it's"), "A=\"it's\"\n");
        assert_eq!(written("it's $5"), "A='it'\\''s $5'\n");
        assert_eq!(written("one\ntwo"), "A='one\ntwo'\n");
        assert!(write(&[entry("A", "a\0b")]).is_err());
    }

    #[test]
    fn a_shell_reads_what_is_written() {
        let awkward = "it's \"$HOME\" `id` \\n \\\n# !x\t*~ {{y}} \r é";
        let awkward = [
            awkward, "it's", "\\", "'", "''", "a'b'", " ", "~", "-n", "#",
        ];
        for value in awkward {
            let script = format!("{}printf %s. \"$A\"", written(value));
            let shell = std::process::Command::new("sh")
                .args(["-c", &script])
                .output();
            let shell = shell.unwrap();
            assert_eq!(
                String::from_utf8_lossy(&shell.stdout),
                format!("{value}."),
                "{script}"
            );
        }
    }

    #[test]
    fn files_that_people_write_are_read() {
        let text =
            "# hello\r\n\r\nA=1 # one\r\nexport  B=\"two \\\"\\$x\" \n  C='a\n b'd\nD=\nE=x=y?z";
        let pairs = values(text).unwrap();
        let pairs: Vec<(&str, &str)> = pairs
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        let expected = [
            ("A", "1"),
            ("B", "two \"$x"),
            ("C", "a\n bd"),
            ("D", ""),
            ("E", "x=y?z"),
        ];
        assert_eq!(pairs, expected);
    }

    #[test]
    fn what_readers_take_differently_is_refused() {
        for (text, line) in [
            ("A=a b", 1),
            ("\nA= b", 2),
            ("A =b", 1),
            ("A=$B", 1),
            ("A=a#b", 1),
            ("A=\"a\\nb\"", 1),
            ("A=\"$B\"", 1),
            ("A=a\\b", 1),
            ("A=x&y", 1),
            ("B=1\nA='x\n\n", 2),
            ("A\n", 1),
            ("A-B=1", 1),
            ("=1", 1),
        ] {
            let error = values(text).unwrap_err();
            assert!(
                error.starts_with(&format!("line {line}: ")),
                "{text}: {error}"
            );
        }
    }
}
