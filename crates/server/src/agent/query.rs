//! Queries of URLs, as forms write them (URL Standard, "application/x-www-form-urlencoded").

/// The names and values of a query, in their order.
pub(super) fn pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts.map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let plain = |text: &str| unescaped(&text.replace('+', " "));
        (plain(name), plain(value))
    })
}

/// A text with what stands for its percent escapes. What is none stays as it is.
pub(super) fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let escaped = match (first, behind) {
            (b'%', [high, low, ..]) => byte(*high, *low),
            _ => None,
        };
        bytes.push(escaped.unwrap_or(first));
        rest = match escaped {
            Some(_) => behind.get(2..).unwrap_or_default(),
            None => behind,
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn byte(high: u8, low: u8) -> Option<u8> {
    let digit = |letter: u8| char::from(letter).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn queries_are_read_as_forms_write_them() {
        let read = |query: &str| pairs(query).collect::<Vec<_>>();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(read("a=b&c=d%2Fe+f"), [pair("a", "b"), pair("c", "d/e f")]);
        assert_eq!(read("&a&&b=c=d"), [pair("a", ""), pair("b", "c=d")]);
        assert_eq!(read("a=%2B%C3%A9"), [pair("a", "+\u{e9}")]);
        assert_eq!(read("a=%zz%4&%61=%"), [pair("a", "%zz%4"), pair("a", "%")]);
        assert!(read("").is_empty());
    }

    proptest! {
        #[test]
        fn what_is_escaped_is_read_back(text in "\\PC{0,20}") {
            let escaped: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
            prop_assert_eq!(unescaped(&escaped), text);
        }
    }
}
