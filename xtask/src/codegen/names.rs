//! From AWS's names and patterns to Rust's.

/// `KeyId` -> `key_id`, `SSEAlgorithm` -> `sse_algorithm`, with `r#` before keywords.
pub(crate) fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (index, &letter) in letters.iter().enumerate() {
        if !letter.is_ascii_alphanumeric() {
            out.push('_');
            continue;
        }
        let previous = index.checked_sub(1).and_then(|before| letters.get(before));
        let next = letters.get(index + 1);
        let starts_word = letter.is_ascii_uppercase()
            && previous.is_some_and(|previous| {
                previous.is_ascii_lowercase()
                    || previous.is_ascii_digit()
                    || (previous.is_ascii_uppercase() && next.is_some_and(char::is_ascii_lowercase))
            });
        if starts_word {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    match out.as_str() {
        "type" | "match" | "ref" | "use" | "as" | "in" | "final" | "enum" | "static" => {
            format!("r#{out}")
        }
        _ => out,
    }
}

/// `SYMMETRIC_DEFAULT` -> `SymmetricDefault`, `aws:kms` -> `AwsKms`, `AES256` -> `Aes256`.
pub(crate) fn variant(value: &str) -> String {
    let mut out = String::new();
    for word in value.split(|letter: char| !letter.is_ascii_alphanumeric()) {
        let all_upper = !word.chars().any(|letter| letter.is_ascii_lowercase());
        let mut letters = word.chars();
        out.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        for letter in letters {
            out.push(if all_upper {
                letter.to_ascii_lowercase()
            } else {
                letter
            });
        }
    }
    if out.starts_with(|letter: char| letter.is_ascii_digit()) {
        out.insert(0, 'V');
    }
    if out == "Self" {
        out.push('_');
    }
    out
}

/// The Rust type for a shape: `accessKeyMetadata` -> `AccessKeyMetadata`.
pub(crate) fn type_name(shape: &str) -> String {
    let mut letters = shape.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect()
}

/// A Java pattern in the syntax of the `regex` crate: `\uXXXX` escapes become code points, and
/// `\w`, `\d`, `\s` are ASCII as they are in Java. Empty if that crate cannot express it.
pub(crate) fn pattern(java: &str) -> String {
    if java.contains("(?!") || java.contains("(?=") || java.contains("(?<") {
        return String::new();
    }
    let mut out = String::new();
    let mut in_class = false;
    let mut rest = java;
    while let Some(letter) = rest.chars().next() {
        rest = rest.get(letter.len_utf8()..).unwrap_or_default();
        match letter {
            '\\' => rest = escape(rest, in_class, &mut out),
            '[' if in_class => out.push_str("\\["),
            '&' | '~' if in_class => out.extend(['\\', letter]),
            '[' | ']' => {
                in_class = letter == '[';
                out.push(letter);
            }
            _ => out.push(letter),
        }
    }
    out
}

/// Translates what follows a backslash; returns what is left.
fn escape<'a>(rest: &'a str, in_class: bool, out: &mut String) -> &'a str {
    let Some(letter) = rest.chars().next() else {
        return rest;
    };
    let after = rest.get(letter.len_utf8()..).unwrap_or_default();
    let ascii = match letter {
        'w' => "0-9A-Za-z_",
        'd' => "0-9",
        's' => "\\t\\n\\x0B\\f\\r ",
        'S' if in_class => "\\x21-\\x7E\\u{80}-\\u{10FFFF}",
        'u' => {
            let digits = after
                .chars()
                .take_while(char::is_ascii_hexdigit)
                .take(6)
                .count();
            // `\u10000` and `\u10FFFF` mean planes above the basic one, other escapes four digits.
            let wide = after.starts_with("10000") || after.starts_with("10FFFF");
            let digits = if wide {
                digits.min(if after.starts_with("10FFFF") { 6 } else { 5 })
            } else {
                4
            };
            let code =
                u32::from_str_radix(after.get(..digits).unwrap_or_default(), 16).unwrap_or(0);
            // Surrogates are no characters; the range ends before or begins behind them.
            let code = if code == 0xDFFF {
                0xE000
            } else if code == 0xD800 {
                0xD7FF
            } else {
                code
            };
            out.push_str(&format!("\\x{{{code:X}}}"));
            return after.get(digits..).unwrap_or_default();
        }
        _ => {
            let escaped_needlessly =
                matches!(letter, '/' | '@' | ':' | '=' | ',' | '!' | '"' | '\'' | '_');
            if !escaped_needlessly {
                out.push('\\');
            }
            out.push(letter);
            return after;
        }
    };
    out.push_str(&if in_class {
        ascii.to_owned()
    } else {
        format!("[{ascii}]")
    });
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_rust() {
        for (aws, rust) in [
            ("KeyId", "key_id"),
            ("SSEAlgorithm", "sse_algorithm"),
            ("Type", "r#type"),
            ("KMSKeyArn", "kms_key_arn"),
            ("S3Bucket", "s3_bucket"),
        ] {
            assert_eq!(snake(aws), rust);
        }
        assert_eq!(variant("SYMMETRIC_DEFAULT"), "SymmetricDefault");
        assert_eq!(variant("aws:kms:dsse"), "AwsKmsDsse");
        assert_eq!(variant("RSA_2048"), "Rsa2048");
    }

    #[test]
    fn patterns_translate() {
        assert_eq!(pattern(r"[\w+=,.@-]+"), "[0-9A-Za-z_+=,.@-]+");
        assert_eq!(pattern(r"[\u0020-\u00FF]*"), r"[\x{20}-\x{FF}]*");
        assert_eq!(pattern(r"\d{12}"), "[0-9]{12}");
        assert_eq!(pattern(r"\u10000-\u10FFFF"), r"\x{10000}-\x{10FFFF}");
        assert_eq!(pattern(r"a(?!b)"), "");
    }
}
