//! The templates of paths: `/2015-03-31/functions/{FunctionName}/code`, `/{Bucket}/{Key+}`.

use std::borrow::Cow;

/// How well a request fits a template: by literal segments, by labels of one segment, by parameters.
pub(super) type Fit = (usize, usize, usize);

/// How well a path and a query string fit `uri`; none if they do not.
pub(super) fn fit(uri: &str, path: &str, query: &str) -> Option<Fit> {
    let (literals, parameters) = (literals(uri), parameters(uri));
    for (name, value) in parameters.clone() {
        if crate::query::find(query.as_bytes(), name)? != value {
            return None;
        }
    }
    let labels = labels(uri, path)?;
    let is_single = |(name, _): &&(&str, _)| !is_greedy(uri, name);
    let singles = labels.iter().filter(is_single).count();
    Some((literals, singles, parameters.count()))
}

/// The labels of `uri`, each with what stands in its place in `path`, still percent-encoded; none if
/// the path is another one.
pub(super) fn labels<'t, 'p>(uri: &'t str, path: &'p str) -> Option<Vec<(&'t str, Cow<'p, str>)>> {
    let template: Vec<&str> = segments(uri).collect();
    let mut path = path.strip_prefix('/')?;
    // Older clients end some of Lambda's paths with a slash. Where a label takes several segments,
    // the slash is part of it.
    if !template.iter().any(|segment| segment.ends_with("+}")) {
        path = path.strip_suffix('/').unwrap_or(path);
    }
    let given: Vec<&str> = path.split('/').collect();
    let mut labels = Vec::new();
    let mut at = 0;
    for (place, wanted) in template.iter().enumerate() {
        let Some(label) = wanted
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
        else {
            if given.get(at) != Some(wanted) {
                return None;
            }
            at += 1;
            continue;
        };
        let end = match label.ends_with('+') {
            true => given.len().checked_sub(template.len() - place - 1)?,
            false => at + 1,
        };
        let text = match given.get(at..end)? {
            [] | [""] => return None,
            [one] => Cow::Borrowed(*one),
            several => Cow::Owned(several.join("/")),
        };
        labels.push((label.trim_end_matches('+'), text));
        at = end;
    }
    (at == given.len()).then_some(labels)
}

fn segments(uri: &str) -> impl Iterator<Item = &str> {
    let path = uri.split_once('?').map_or(uri, |(path, _)| path);
    path.trim_matches('/').split('/')
}

fn literals(uri: &str) -> usize {
    segments(uri)
        .filter(|segment| !segment.starts_with('{'))
        .count()
}

fn is_greedy(uri: &str, label: &str) -> bool {
    segments(uri).any(|segment| segment.strip_suffix("+}") == Some(&["{", label].concat()))
}

/// The parameters that tell operations on one path apart.
fn parameters(uri: &str) -> impl Iterator<Item = (&str, &str)> + Clone {
    let query = uri.split_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(uri: &str, path: &str) -> Option<Vec<(String, String)>> {
        let labels = labels(uri, path)?;
        let owned = labels.into_iter();
        Some(
            owned
                .map(|(name, text)| (name.to_owned(), text.into_owned()))
                .collect(),
        )
    }

    #[test]
    fn a_label_is_one_segment_and_a_greedy_one_several() {
        let is = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        for (uri, path, expected) in [
            ("/f/{A}/code", "/f/x/code", Some(vec![is("A", "x")])),
            ("/f/{A}/code", "/f/x/code/", Some(vec![is("A", "x")])),
            ("/f/{A}", "/f/a%2Fb", Some(vec![is("A", "a%2Fb")])),
            ("/f/{A}/code", "/f//code", None),
            ("/f/{A}/code", "/f/x/y/code", None),
            ("/f/{A}", "/f", None),
            ("/f/{A}", "/f/", None),
            ("/f/{A}", "/f/x//", None),
            ("/f", "/f", Some(vec![])),
            ("/f/", "/f/", Some(vec![])),
            ("/f", "/F", None),
            ("/", "/", Some(vec![])),
            ("/f", "f", None),
            ("/{B}/{K+}", "/b/k", Some(vec![is("B", "b"), is("K", "k")])),
            (
                "/{B}/{K+}",
                "/b/k/l/",
                Some(vec![is("B", "b"), is("K", "k/l/")]),
            ),
            (
                "/{B}/{K+}",
                "/b//k",
                Some(vec![is("B", "b"), is("K", "/k")]),
            ),
            ("/{B}/{K+}", "/b/", None),
            (
                "/{B}/{K+}/end",
                "/b/k/l/end",
                Some(vec![is("B", "b"), is("K", "k/l")]),
            ),
            ("/{B}/{K+}/end", "/b/end", None),
        ] {
            assert_eq!(found(uri, path), expected, "{uri} {path}");
        }
    }

    #[test]
    fn what_is_literal_fits_better_than_a_label() {
        let better = |one: &str, other: &str, path: &str, query: &str| {
            assert!(
                fit(one, path, query) > fit(other, path, query),
                "{one} {other}"
            );
        };
        better("/f/list", "/f/{A}", "/f/list", "");
        better("/f?find=x", "/f", "/f", "find=x");
        better("/f/{A}", "/f/{A+}", "/f/a", "");
        assert_eq!(fit("/f?find=x", "/f", "find=y"), None);
        assert_eq!(fit("/f?find=x", "/f", ""), None);
        assert!(fit("/f?acl", "/f", "acl").is_some());
        assert!(fit("/f?acl", "/f", "acl=").is_some());
    }
}
