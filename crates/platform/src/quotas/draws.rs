//! Which quotas a call counts against: the table's rules, looked up once for every operation.

use wire::Value;
use wire::shape::{ServiceTable, Shape};

use crate::quotas::table::{Draw, Elsewhere, QuotaTable};
use crate::service::ByOperation;

/// The rules of a service, by operation.
pub(crate) struct Draws {
    pub(crate) table: &'static QuotaTable,
    rules: ByOperation<Vec<Rule>>,
    elsewhere: ByOperation<Second>,
}

/// What a call counts as in a second region.
struct Second {
    /// The position of the member that names the region.
    member: usize,
    quota: usize,
    calls: usize,
}

enum Rule {
    Always(usize),
    ByMember {
        /// The member's position in the input.
        member: usize,
        quotas: Vec<(&'static str, usize)>,
        absent: &'static str,
    },
}

impl Draws {
    /// The rules of `table` for the operations of `service`. A rule that names what neither has is
    /// left out; a test of the service finds it.
    pub(crate) fn new(table: &'static QuotaTable, service: &'static ServiceTable) -> Self {
        let mut rules = ByOperation::<Vec<Rule>>::default();
        for (position, quota) in table.quotas.iter().enumerate() {
            for operation in quota.operations {
                let known = rules.entry(operation).or_default();
                known.push(Rule::Always(position));
            }
        }
        for draw in table.draws {
            if let Some(rule) = rule(draw, table, service) {
                rules.entry(draw.operation).or_default().push(rule);
            }
        }
        let second = |known: &Elsewhere| {
            let input = service.operation(known.operation)?.input;
            let second = Second {
                member: position_of(input, known.member)?,
                quota: table.position(known.quota)?,
                calls: known.calls,
            };
            Some((known.operation, second))
        };
        let elsewhere = table.elsewhere.iter().filter_map(second).collect();
        Self {
            table,
            rules,
            elsewhere,
        }
    }

    /// The second region that a call of `operation` with `input` counts in, and the position of the
    /// quota there, as often as it counts.
    pub(crate) fn elsewhere<'a>(
        &self,
        operation: &str,
        input: &'a Value,
    ) -> Option<(&'a str, impl Iterator<Item = usize> + Clone + use<>)> {
        let second = self.elsewhere.get(operation)?;
        match input.member(second.member) {
            Some(Value::String(region)) => {
                Some((region, std::iter::repeat_n(second.quota, second.calls)))
            }
            _ => None,
        }
    }

    /// The positions of the quotas that a call of `operation` with `input` counts against, each
    /// once.
    pub(crate) fn of<'a>(
        &'a self,
        operation: &str,
        input: &'a Value,
    ) -> impl Iterator<Item = usize> + Clone + 'a {
        let rules = self.rules.get(operation).map_or(&[][..], Vec::as_slice);
        rules.iter().enumerate().filter_map(move |(index, rule)| {
            let quota = rule.quota(input)?;
            let before = rules.iter().take(index);
            let mut before = before.filter_map(|rule| rule.quota(input));
            before.all(|known| known != quota).then_some(quota)
        })
    }
}

impl Rule {
    fn quota(&self, input: &Value) -> Option<usize> {
        match self {
            Self::Always(quota) => Some(*quota),
            Self::ByMember {
                member,
                quotas,
                absent,
            } => {
                let text = match input.member(*member) {
                    Some(Value::String(text)) => text.as_str(),
                    _ => absent,
                };
                let mut quotas = quotas.iter();
                let found = quotas.find(|(begins, _)| text.starts_with(begins));
                found.map(|(_, quota)| *quota)
            }
        }
    }
}

fn rule(draw: &Draw, table: &QuotaTable, service: &ServiceTable) -> Option<Rule> {
    let input = service.operation(draw.operation)?.input;
    let position =
        |(begins, code): &(&'static str, &str)| table.position(code).map(|quota| (*begins, quota));
    Some(Rule::ByMember {
        member: position_of(input, draw.member)?,
        quotas: draw.quotas.iter().filter_map(position).collect(),
        absent: draw.absent,
    })
}

fn position_of(input: &Shape, member: &str) -> Option<usize> {
    let mut members = input.members().iter();
    members.position(|known| known.name == member)
}
