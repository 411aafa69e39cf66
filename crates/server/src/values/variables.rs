//! Names of environment variables.

use super::Entry;

/// An entry with the name of its environment variable.
pub struct Variable<'e> {
    /// The variable's name.
    pub name: String,
    /// What it stands for.
    pub entry: &'e Entry,
}

/// The variable of a name: in capitals, whatever is neither letter nor digit of ASCII as `_`, behind
/// `prefix` as it is; with a `_` in front if it would begin with a digit. `db/url-2` becomes
/// `DB_URL_2`.
pub fn variable_name(prefix: &str, name: &str) -> String {
    let letters = name.chars().map(|letter| match letter {
        letter if letter.is_ascii_alphanumeric() => letter.to_ascii_uppercase(),
        _ => '_',
    });
    let variable: String = prefix.chars().chain(letters).collect();
    match variable.starts_with(|first: char| first.is_ascii_digit()) {
        true => format!("_{variable}"),
        false => variable,
    }
}

/// The variables of entries. Two of one name are an error for people: neither is chosen over the
/// other.
pub fn variables<'e>(prefix: &str, entries: &'e [Entry]) -> Result<Vec<Variable<'e>>, String> {
    let mut variables: Vec<Variable<'e>> = entries
        .iter()
        .map(|entry| Variable {
            name: variable_name(prefix, &entry.name),
            entry,
        })
        .collect();
    variables.sort_by(|one, other| one.name.cmp(&other.name));
    for pair in variables.windows(2) {
        if let [one, other] = pair
            && one.name == other.name
        {
            return Err(format!(
                "`{}` and `{}` would both be the variable {}",
                one.entry.name, other.entry.name, one.name
            ));
        }
    }
    Ok(variables)
}

/// Whether a shell takes `name` as the name of a variable.
pub fn is_variable(name: &str) -> bool {
    let mut letters = name.chars();
    let is_letter = |letter: char| letter.is_ascii_alphabetic() || letter == '_';
    letters.next().is_some_and(is_letter)
        && letters.all(|letter| is_letter(letter) || letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::super::tests::entry;
    use super::*;

    #[test]
    fn names_become_variables_predictably() {
        assert_eq!(variable_name("", "db/password"), "DB_PASSWORD");
        assert_eq!(variable_name("", "db.url-2"), "DB_URL_2");
        assert_eq!(variable_name("", "2fa"), "_2FA");
        assert_eq!(variable_name("app_", "2fa"), "app_2FA");
        assert_eq!(variable_name("", "straße"), "STRA_E");
        for name in ["db/password", "2fa", "a-b.c", "é"] {
            assert!(is_variable(&variable_name("", name)), "{name}");
        }
        assert!(!is_variable("") && !is_variable("2A") && !is_variable("A-B"));
    }

    #[test]
    fn no_name_is_chosen_over_another() {
        let entries = [entry("db/url", "1"), entry("x", "2"), entry("db-url", "3")];
        let error = variables("", &entries).err().unwrap();
        assert_eq!(
            error,
            "`db/url` and `db-url` would both be the variable DB_URL"
        );
        let (first, _) = entries.split_at(2);
        let names: Vec<String> = variables("P_", first)
            .unwrap()
            .into_iter()
            .map(|it| it.name)
            .collect();
        assert_eq!(names, ["P_DB_URL", "P_X"]);
    }
}
