//! What `SHOW GRANTS` shows of one user, as statements for another.

use crate::failure::Failure;

/// `grant`, which is for the user `name` at `host`, as a statement for the account `to`. What it says
/// of the user's password is left out.
pub(super) fn transferred(
    grant: &str,
    name: &str,
    host: &str,
    to: &str,
) -> Result<String, Failure> {
    let words = [" TO ", " FOR "];
    for (at, _) in bare(grant) {
        let Some((head, tail)) = grant.split_at_checked(at) else {
            continue;
        };
        let found = words.iter().find_map(|word| {
            let user = tail.strip_prefix(word)?;
            let (found, rest) = quoted(user)?;
            let (place, rest) = quoted(rest.strip_prefix('@')?)?;
            let ends = rest.is_empty() || rest.starts_with([' ', ';']);
            (found == name && place == host && ends).then_some((word, rest))
        });
        if let Some((word, rest)) = found {
            return Ok(format!("{head}{word}{to}{}", without_password(rest)));
        }
    }
    Err(Failure::Garbled)
}

/// Leaves out ` IDENTIFIED ..` up to what follows it.
fn without_password(tail: &str) -> String {
    let mut parts = bare(tail).filter_map(|(at, _)| Some((at, tail.get(at..)?)));
    let Some((begin, _)) = parts.find(|(_, part)| part.starts_with(" IDENTIFIED ")) else {
        return tail.to_owned();
    };
    let follows = |part: &str| part.starts_with(" REQUIRE ") || part.starts_with(" WITH ");
    let end = parts.find(|(_, part)| follows(part));
    let end = end.map_or(tail.len(), |(at, _)| at);
    let kept = [tail.get(..begin), tail.get(end..)];
    kept.into_iter().flatten().collect()
}

/// The name between quotes at the beginning of `text`, and what follows it. A doubled quote stands for
/// one.
fn quoted(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next().filter(|it| matches!(it, '`' | '\''))?;
    let mut rest = text.strip_prefix(quote)?;
    let mut name = String::new();
    loop {
        let (part, after) = rest.split_once(quote)?;
        name.push_str(part);
        match after.strip_prefix(quote) {
            Some(after) => {
                name.push(quote);
                rest = after;
            }
            None => return Some((name, after)),
        }
    }
}

/// The characters outside quotes, with where they are.
fn bare(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut open = None;
    text.char_indices().filter(move |(_, it)| match open {
        None if matches!(it, '`' | '\'' | '"') => {
            open = Some(*it);
            false
        }
        None => true,
        Some(quote) if quote == *it => {
            open = None;
            false
        }
        Some(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(grant: &str, expected: Option<&str>) {
        let found = transferred(grant, "app", "%", "'app_clone'@'%'").ok();
        assert_eq!(found.as_deref(), expected, "{grant}");
    }

    #[test]
    fn a_grant_goes_to_another_and_takes_no_password_along() {
        check(
            "GRANT USAGE ON *.* TO `app`@`%` IDENTIFIED BY PASSWORD '*AB WITH CD'",
            Some("GRANT USAGE ON *.* TO 'app_clone'@'%'"),
        );
        check(
            "GRANT USAGE ON *.* TO `app`@`%` IDENTIFIED VIA x USING 'y' OR z REQUIRE SSL WITH MAX_USER_CONNECTIONS 5",
            Some("GRANT USAGE ON *.* TO 'app_clone'@'%' REQUIRE SSL WITH MAX_USER_CONNECTIONS 5"),
        );
        check(
            "GRANT SELECT, INSERT (`a TO b`) ON `shop`.* TO 'app'@'%' WITH GRANT OPTION",
            Some(
                "GRANT SELECT, INSERT (`a TO b`) ON `shop`.* TO 'app_clone'@'%' WITH GRANT OPTION",
            ),
        );
        check(
            "GRANT `reader`@`%` TO `app`@`%`",
            Some("GRANT `reader`@`%` TO 'app_clone'@'%'"),
        );
        check(
            "SET DEFAULT ROLE `reader` FOR `app`@`%`",
            Some("SET DEFAULT ROLE `reader` FOR 'app_clone'@'%'"),
        );
    }

    #[test]
    fn names_that_look_like_grants_are_names() {
        check(
            "GRANT SELECT ON `x TO ``app``@``%```.* TO `app`@`%`",
            Some("GRANT SELECT ON `x TO ``app``@``%```.* TO 'app_clone'@'%'"),
        );
        check("GRANT SELECT ON *.* TO `apple`@`%`", None);
        check("GRANT SELECT ON *.* TO `app`@`10.%`", None);
        check("GRANT SELECT ON *.* TO `app`@`%`x", None);
        check("GRANT SELECT ON *.* TO `app", None);
        check("", None);
    }

    #[test]
    fn a_name_ends_where_its_quotes_do() {
        assert_eq!(quoted("`a``b`@x"), Some(("a`b".to_owned(), "@x")));
        assert_eq!(quoted("'it''s'"), Some(("it's".to_owned(), "")));
        assert_eq!(quoted("'open"), None);
        assert_eq!(quoted("bare"), None);
    }
}
