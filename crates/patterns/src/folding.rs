//! Texts without the case of their letters, for looking them up.

use std::borrow::Cow;

/// A text in which letters that match in either case are the same. Letters that do not match may be
/// the same too: what is found by it still has to be compared.
pub(crate) fn folded(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return match text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => text.to_ascii_lowercase().into(),
            false => text.into(),
        };
    }
    text.chars().flat_map(letter).collect::<String>().into()
}

/// Letters match where their small forms or their capital ones are the same. `ß` and `ẞ` have small
/// forms alike and capital ones that are not, `ſ` and `s` the other way around.
fn letter(letter: char) -> impl Iterator<Item = char> {
    let small = letter.to_lowercase();
    small
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_match_in_either_case_are_the_same_all_of_them() {
        for letter in '\0'..=char::MAX {
            let small: String = letter.to_lowercase().collect();
            let capital: String = letter.to_uppercase().collect();
            let text = letter.to_string();
            // Whatever has the same small or capital form is then the same as well.
            for form in [small, capital].iter().filter(|form| **form != text) {
                assert_eq!(folded(form), folded(&text), "{letter:?}");
            }
        }
        assert_eq!(folded("ẞ"), folded("ß"));
        assert_eq!(folded("\u{212a}"), "k");
        assert_eq!(folded("aÄ9"), "aä9");
        assert_ne!(folded("a"), folded("b"));
    }
}
