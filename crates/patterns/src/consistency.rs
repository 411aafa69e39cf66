//! Which values of an event may match together: what matches must not lie in different elements of
//! one list ("Arrays in Amazon EventBridge event patterns", EventBridge user guide; a rule about
//! `firstName` and `lastName` is about one person).

use std::collections::BTreeMap;

use crate::event::Leaf;

/// How often a field may be looked for in one list and then in another. Only an event with dots in
/// its names has such fields: names `a.b` beside an object `a` with a name `b`.
const MAX_CHOICES: u32 = 1000;

/// The places of a value, from some list on inwards.
type Places<'e> = &'e [(u32, u32)];

/// Whether one value of every field can be chosen so that all lie in the same elements. Takes, for
/// each field, the values that match.
pub(crate) fn fit_together(fields: &[Vec<&Leaf>]) -> bool {
    let mut places = Vec::with_capacity(fields.len());
    for leaves in fields {
        let of_field = leaves.iter().map(|leaf| &*leaf.elements);
        places.push(of_field.collect());
    }
    let mut choices = MAX_CHOICES;
    joint(places, &mut choices)
}

/// The same, for places. No field is without any.
fn joint(mut fields: Vec<Vec<Places<'_>>>, choices: &mut u32) -> bool {
    // What is in no list goes with everything.
    fields.retain(|places| places.iter().all(|place| !place.is_empty()));
    let first = fields.first().and_then(|places| places.first());
    let Some(&(list, _)) = first.and_then(|place| place.first()) else {
        return true;
    };
    if fields.len() == 1 {
        return true;
    }
    let is_in = |place: &Places<'_>| place.first().is_some_and(|(known, _)| *known == list);
    let mixed = fields
        .iter()
        .position(|places| places.iter().any(is_in) && !places.iter().all(is_in));
    if let Some(mixed) = mixed {
        return either(&fields, mixed, is_in, choices);
    }
    let (inside, outside): (Vec<_>, Vec<_>) = fields
        .into_iter()
        .partition(|places| places.iter().all(is_in));
    in_one_element(&inside, choices) && joint(outside, choices)
}

/// A field has values in the list and elsewhere: tries those and then these.
fn either(
    fields: &[Vec<Places<'_>>],
    mixed: usize,
    is_in: impl Fn(&Places<'_>) -> bool,
    choices: &mut u32,
) -> bool {
    for wanted in [true, false] {
        let Some(left) = choices.checked_sub(1) else {
            return false;
        };
        *choices = left;
        let mut fields = fields.to_vec();
        if let Some(places) = fields.get_mut(mixed) {
            places.retain(|place| is_in(place) == wanted);
        }
        if joint(fields, choices) {
            return true;
        }
    }
    false
}

/// Whether one element of the outermost list, which is the same for all, has a value of each field.
fn in_one_element(fields: &[Vec<Places<'_>>], choices: &mut u32) -> bool {
    let mut by_element: BTreeMap<u32, Vec<Vec<Places<'_>>>> = BTreeMap::new();
    for (earlier, places) in fields.iter().enumerate() {
        for place in places {
            let Some(((_, element), inner)) = place.split_first() else {
                continue;
            };
            let within = by_element.entry(*element).or_default();
            // An element that lacks a value of an earlier field is out of the question.
            if within.len() == earlier {
                within.push(vec![inner]);
            } else if within.len() == earlier + 1
                && let Some(places) = within.last_mut()
            {
                places.push(inner);
            }
        }
    }
    let mut complete = by_element.into_values();
    complete.any(|within| within.len() == fields.len() && joint(within, choices))
}
