//! Which quotas a call counts against: the table's rules, looked up once for every operation.

use std::collections::BTreeMap;

use wire::Value;
use wire::shape::ServiceTable;

use crate::quotas::table::{Draw, QuotaTable};

/// The rules of a service, by operation.
pub(crate) struct Draws {
    pub(crate) table: &'static QuotaTable,
    rules: BTreeMap<&'static str, Vec<Rule>>,
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
        let mut rules: BTreeMap<&'static str, Vec<Rule>> = BTreeMap::new();
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
        Self { table, rules }
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
    let mut members = input.members().iter();
    let position =
        |(begins, code): &(&'static str, &str)| table.position(code).map(|quota| (*begins, quota));
    Some(Rule::ByMember {
        member: members.position(|known| known.name == draw.member)?,
        quotas: draw.quotas.iter().filter_map(position).collect(),
        absent: draw.absent,
    })
}
