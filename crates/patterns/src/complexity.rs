//! How complex the wildcards of a pattern are: how much of them one value can have begun to match at
//! the same time. EventBridge refuses a pattern where that is too much.
//!
//! AWS counts in the automaton that its open library builds of a pattern (aws/event-ruler, which
//! says what it counts at `MachineComplexityEvaluator`). So what shares a state there has to share
//! one here, also where another automaton would do with less.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;

use crate::matcher::{Bound, Matcher};
use crate::pattern::Branch;
use crate::wildcard::{Piece, Wildcard};

/// The most that one value may have begun to match.
const MOST: u32 = 10;

/// Texts stand in quotation marks.
const END: u8 = b'"';

/// What is looked at before a pattern counts as too complex: so that none takes long.
const MOST_WORK: usize = 200_000;

/// Whether the wildcards of these ways to match are more than EventBridge takes.
pub(crate) fn is_too_complex(branches: &[Branch]) -> bool {
    let fields = branches.iter().flat_map(|branch| &branch.fields);
    let mut matchers = fields.flat_map(|field| field.matchers.iter());
    matchers.any(has_wildcard) && Machine::of(branches).is_none_or(Machine::exceeds)
}

fn has_wildcard(matcher: &Matcher) -> bool {
    !wildcards(matcher).is_empty()
}

/// The wildcards of one condition, each once.
fn wildcards(matcher: &Matcher) -> Vec<&Wildcard> {
    let mut found = Vec::new();
    let among = match matcher {
        Matcher::AnythingBut(others) => others,
        single => std::slice::from_ref(single),
    };
    for other in among {
        if let Matcher::Wildcard(wildcard) = other
            && !found.contains(&wildcard)
        {
            found.push(wildcard);
        }
    }
    found
}

/// Whether two conditions are one to AWS: however a number is written, and whatever order a list has.
fn are_same(one: &Matcher, other: &Matcher) -> bool {
    match (one, other) {
        (Matcher::AnythingBut(ones), Matcher::AnythingBut(others)) => {
            ones.iter().all(|each| others.contains(each))
                && others.iter().all(|each| ones.contains(each))
        }
        (Matcher::Plain(_, Some(number)), Matcher::Within(low, high))
        | (Matcher::Within(low, high), Matcher::Plain(_, Some(number))) => {
            [low, high] == [&Bound::With(*number); 2]
        }
        (one, other) => one == other,
    }
}

/// The fields of a pattern, one after the other by their names: what is asked of a field after what was
/// found in those before it.
#[derive(Default)]
struct Machine {
    steps: Vec<BTreeMap<Arc<str>, Asked>>,
    work: usize,
}

/// What is asked of one field, and the step that each answer leads to.
#[derive(Default)]
struct Asked {
    others: Vec<(Matcher, usize)>,
    automaton: Automaton,
}

impl Machine {
    /// None if it takes too long.
    fn of(branches: &[Branch]) -> Option<Self> {
        let mut machine = Self::default();
        machine.steps.push(BTreeMap::new());
        for branch in branches {
            machine.add(branch)?;
        }
        Some(machine)
    }

    fn add(&mut self, branch: &Branch) -> Option<()> {
        let mut fields: Vec<_> = branch.fields.iter().collect();
        fields.sort_by(|one, other| one.path.cmp(&other.path));
        let mut steps = vec![0];
        for field in fields {
            let mut next = Vec::new();
            for step in steps {
                let mut last = None;
                // What is behind an absent field, AWS does not count.
                for matcher in field.matchers.iter().filter(|asked| !asked.is_absent()) {
                    let to = self.ask(step, &field.path, matcher, last)?;
                    last = Some(to);
                    if !next.contains(&to) {
                        next.push(to);
                    }
                }
            }
            steps = next;
        }
        Some(())
    }

    /// Asks at `step` one thing of a field, and says which step follows: that of the same question
    /// asked before, or the one that the question before this one led to, or a new one.
    fn ask(
        &mut self,
        step: usize,
        path: &Arc<str>,
        matcher: &Matcher,
        last: Option<usize>,
    ) -> Option<usize> {
        let candidate = last.unwrap_or(self.steps.len());
        let asked = self
            .steps
            .get_mut(step)?
            .entry(Arc::clone(path))
            .or_default();
        self.work += 1 + asked.others.len() + asked.automaton.nodes.len();
        if self.work > MOST_WORK {
            return None;
        }
        let wildcards = wildcards(matcher);
        let mut to = candidate;
        if wildcards.is_empty() {
            match asked
                .others
                .iter()
                .find(|(known, _)| are_same(known, matcher))
            {
                Some((_, known)) => to = *known,
                None => asked.others.push((matcher.clone(), to)),
            }
        } else {
            let pattern = asked.automaton.pattern(matcher)?;
            for wildcard in wildcards {
                to = asked.automaton.add(wildcard, pattern, to)?;
            }
        }
        if to == self.steps.len() {
            self.steps.push(BTreeMap::new());
        }
        Some(to)
    }

    fn exceeds(self) -> bool {
        let mut work = self.work;
        let mut asked = self.steps.iter().flat_map(BTreeMap::values);
        asked.any(|asked| asked.automaton.exceeds(&mut work))
    }
}

/// The wildcards that are asked of one field.
#[derive(Default)]
struct Automaton {
    /// The first is where the text begins.
    nodes: Vec<Node>,
    /// The different conditions. Their places are those of the bits in `Node::leads_to`.
    patterns: Vec<Matcher>,
}

#[derive(Default)]
struct Node {
    /// Where a byte leads, beside where `star` does.
    bytes: BTreeMap<u8, Vec<usize>>,
    /// Where every byte leads; to itself, behind a star.
    star: Option<usize>,
    /// Whether more than one text leads here.
    is_open: bool,
    /// Of which patterns this is a beginning.
    leads_to: u16,
    /// The patterns that end here, with the step that follows.
    ends: Vec<(usize, usize)>,
}

/// One part of a wildcard.
enum Part {
    Star,
    Byte {
        byte: u8,
        begins: bool,
        is_cased: bool,
    },
}

fn parts(wildcard: &Wildcard) -> Vec<Part> {
    let mut parts = Vec::new();
    for piece in wildcard.pieces() {
        let Piece::Text(text) = piece else {
            parts.push(Part::Star);
            continue;
        };
        for character in text.chars() {
            let is_cased = character.to_lowercase().ne(character.to_uppercase())
                // AWS's look at the cases of a character reads three bytes at most.
                && character.len_utf8() < 4;
            let bytes = character
                .encode_utf8(&mut [0; 4])
                .bytes()
                .collect::<Vec<_>>();
            parts.extend(bytes.into_iter().enumerate().map(|(at, byte)| Part::Byte {
                byte,
                begins: at == 0,
                is_cased,
            }));
        }
    }
    parts
}

impl Automaton {
    /// The place of this pattern. None if there are too many.
    fn pattern(&mut self, matcher: &Matcher) -> Option<usize> {
        let known = self
            .patterns
            .iter()
            .position(|known| are_same(known, matcher));
        if known.is_some() || self.patterns.len() == MOST as usize {
            return known;
        }
        self.patterns.push(matcher.clone());
        Some(self.patterns.len() - 1)
    }

    /// Adds a wildcard of the pattern, and says which step follows.
    fn add(&mut self, wildcard: &Wildcard, pattern: usize, to: usize) -> Option<usize> {
        if self.nodes.is_empty() {
            self.nodes.push(Node::default());
        }
        let (mut before, mut at, mut is_new) = (None, 0, false);
        self.nodes.get_mut(at)?.leads_to |= 1 << pattern;
        let parts = parts(wildcard);
        for part in &parts {
            let known = match is_new {
                false => self.shared(at, part),
                true => None,
            };
            let next = match known {
                Some(known) => known,
                None => {
                    is_new = true;
                    self.grow(before, at, part)?
                }
            };
            self.nodes.get_mut(next)?.leads_to |= 1 << pattern;
            before = matches!(part, Part::Star).then_some(at);
            at = next;
        }
        self.end((before, at), pattern, to)
    }

    /// The node behind `part` that this wildcard may share with another.
    fn shared(&self, at: usize, part: &Part) -> Option<usize> {
        let node = self.nodes.get(at)?;
        let Part::Byte {
            byte,
            begins,
            is_cased,
        } = part
        else {
            return node.star.filter(|star| *star != at);
        };
        let has_star = node.star.is_some_and(|star| star != at);
        let may_share = !(*begins && (has_star || *is_cased));
        let mut known = node.bytes.get(byte).into_iter().flatten().copied();
        known.find(|next| may_share || self.nodes.get(*next).is_some_and(|next| !next.is_open))
    }

    /// A new node behind `part`; behind the star before it too, which may stand for nothing.
    fn grow(&mut self, before: Option<usize>, at: usize, part: &Part) -> Option<usize> {
        let next = self.nodes.len();
        let node = self.nodes.get_mut(at)?;
        let mut new = Node {
            is_open: node.is_open,
            ..Node::default()
        };
        match part {
            Part::Star => {
                node.star = Some(next);
                (new.star, new.is_open) = (Some(next), true);
            }
            Part::Byte { byte, .. } => {
                node.bytes.entry(*byte).or_default().push(next);
                if let Some(before) = before {
                    let before = self.nodes.get_mut(before)?;
                    before.bytes.entry(*byte).or_default().push(next);
                }
            }
        }
        self.nodes.push(new);
        Some(next)
    }

    /// Lets the pattern end at a node, and says which step follows.
    fn end(
        &mut self,
        (before, at): (Option<usize>, usize),
        pattern: usize,
        to: usize,
    ) -> Option<usize> {
        let node = self.nodes.get_mut(at)?;
        if let Some((_, known)) = node.ends.iter().find(|(known, _)| *known == pattern) {
            return Some(*known);
        }
        node.ends.push((pattern, to));
        if let Some(before) = before {
            self.nodes.get_mut(before)?.ends.push((pattern, to));
        }
        Some(to)
    }

    /// Whether a text can be at more nodes at once than there may be, each counted for every pattern
    /// that it leads to.
    fn exceeds(&self, work: &mut usize) -> bool {
        if self.nodes.is_empty() {
            return false;
        }
        let first = vec![0];
        let mut seen = HashSet::from([first.clone()]);
        let mut waiting = VecDeque::from([first]);
        while let Some(places) = waiting.pop_front() {
            *work += places.len();
            if self.weight(&places) > MOST || *work > MOST_WORK {
                return true;
            }
            let nodes = || places.iter().filter_map(|place| self.nodes.get(*place));
            let ends: HashSet<_> = nodes().flat_map(|node| &node.ends).collect();
            // The end is a byte too: what ends there counts beside what may go on.
            let at_end = self.weight(&self.behind(&places, Some(END)));
            if at_end as usize + ends.len() > MOST as usize {
                return true;
            }
            let bytes: HashSet<u8> = nodes()
                .flat_map(|node| node.bytes.keys())
                .copied()
                .collect();
            for byte in bytes.into_iter().map(Some).chain([None]) {
                let next = self.behind(&places, byte);
                if seen.insert(next.clone()) {
                    waiting.push_back(next);
                }
            }
        }
        false
    }

    /// Where a byte leads from these places; none stands for one that is in no wildcard.
    fn behind(&self, places: &[usize], byte: Option<u8>) -> Vec<usize> {
        let nodes = places.iter().filter_map(|place| self.nodes.get(*place));
        let mut next: Vec<usize> = Vec::new();
        for node in nodes {
            next.extend(node.star);
            next.extend(
                byte.and_then(|byte| node.bytes.get(&byte))
                    .into_iter()
                    .flatten(),
            );
        }
        next.sort_unstable();
        next.dedup();
        next
    }

    /// Also counts where a star leads that stands for nothing yet.
    fn weight(&self, places: &[usize]) -> u32 {
        let weight = |place: usize| {
            let node = self.nodes.get(place);
            node.map_or(0, |node| node.leads_to.count_ones())
        };
        let of_places: u32 = places.iter().map(|place| weight(*place)).sum();
        let stars = places
            .iter()
            .filter_map(|place| self.nodes.get(*place)?.star);
        let stars = stars.filter(|star| !places.contains(star));
        of_places + stars.map(weight).sum::<u32>()
    }
}
