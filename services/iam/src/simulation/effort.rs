//! How much work a simulation is. A request may bring documents, resources and values by the
//! thousand, and every document meets every resource and every value.

use api::iam::PolicyEvaluationException;
use platform::Result;

use crate::simulation::scenario::Scenario;

/// The work of one page at most, in bytes of documents read: some tenth of a second.
const MOST: usize = 20_000_000;
/// What a control policy counts for that is not read from a text here, in bytes a statement.
const STATEMENT: usize = 256;
/// How many bytes of context values make another pass over the documents.
const VALUES: usize = 256;

/// How many actions one page has room for; at least one. AWS may also put fewer results into a page
/// than `MaxItems` asks for.
pub(crate) fn room(scenario: &Scenario) -> Result<usize> {
    let documents = scenario.documents().map(|(_, document)| document.size);
    let levels = scenario.scps.iter().flatten().flatten();
    let controls = levels.map(|control| control.policy.statements().len() * STATEMENT);
    let read = documents.chain(controls).sum::<usize>().max(1);
    let passes = 1 + scenario.context.size() / VALUES;
    let action = read
        .saturating_mul(passes)
        .saturating_mul(scenario.resources.len());
    match MOST / action {
        0 => Err(PolicyEvaluationException::new(
            "The policies, resources and context values are too large to be evaluated together.",
        )
        .into()),
        room => Ok(room),
    }
}
