//! The natural order of texts ("sort", CloudWatch Logs user guide): numbers behind everything else;
//! in other texts, digits by their count and value, all between by code points.

use std::cmp::Ordering;

use crate::value::number;

/// How two values are sorted.
pub(crate) fn natural(left: &str, right: &str) -> Ordering {
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left.total_cmp(&right),
        (Some(_), None) => Ordering::Greater,
        (None, Some(_)) => Ordering::Less,
        (None, None) => chunked(left, right),
    }
}

fn chunked(mut left: &str, mut right: &str) -> Ordering {
    loop {
        if left.is_empty() || right.is_empty() {
            return left.len().cmp(&right.len());
        }
        let (one, two) = (chunk(left), chunk(right));
        let by_length = match is_digits(one) && is_digits(two) {
            true => one.len().cmp(&two.len()),
            false => Ordering::Equal,
        };
        let order = by_length.then_with(|| one.cmp(two));
        if order != Ordering::Equal {
            return order;
        }
        left = left.get(one.len()..).unwrap_or_default();
        right = right.get(two.len()..).unwrap_or_default();
    }
}

/// The digits that the text begins with, or what comes in front of the first.
fn chunk(text: &str) -> &str {
    let digits = is_digits(text.get(..1).unwrap_or_default());
    let end = text.find(|char: char| char.is_ascii_digit() != digits);
    text.get(..end.unwrap_or(text.len())).unwrap_or(text)
}

fn is_digits(text: &str) -> bool {
    text.bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_in_front_of_numbers_and_digits_count() {
        let sorted = [
            "", "#", "A", "a", "a1", "a2", "a10", "a10b", "b", "é", "-1", "0", "2", "10", "1e3",
        ];
        for (one, left) in sorted.iter().enumerate() {
            for (two, right) in sorted.iter().enumerate() {
                assert_eq!(natural(left, right), one.cmp(&two), "{left:?} {right:?}");
            }
        }
    }
}
