//! Insights selectors: kept and shown. Nothing here analyzes events, so none of them finds anything.

use api::cloudtrail::{InsightSelector, InsightType, SourceEventCategory};
use serde::{Deserialize, Serialize};
use wire::Fault;

use crate::refusals;
use crate::selectors::Selectors;

/// A kind of Insights events.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Insight {
    is_error_rate: bool,
    on_management: bool,
    on_data: bool,
}

/// What is asked for, of a trail with these `selectors`.
pub(crate) fn asked(
    asked: Vec<InsightSelector>,
    selectors: &Selectors,
) -> Result<Vec<Insight>, Fault> {
    let mut insights: Vec<Insight> = Vec::new();
    for one in asked {
        let Some(kind) = one.insight_type else {
            return Err(refusals::bad_insights(
                "An Insights selector names no type.",
            ));
        };
        let categories = one.event_categories.unwrap_or_default();
        let insight = Insight {
            is_error_rate: kind == InsightType::ApiErrorRateInsight,
            on_management: categories.is_empty()
                || categories.contains(&SourceEventCategory::Management),
            on_data: categories.contains(&SourceEventCategory::Data),
        };
        let is_known = |known: &Insight| known.is_error_rate == insight.is_error_rate;
        if insights.iter().any(is_known) {
            return Err(refusals::bad_insights("An Insights type is there twice."));
        }
        // Rates of calls are about those that write, rates of errors about all.
        if insight.on_management && !selectors.has_management(!insight.is_error_rate) {
            return Err(refusals::bad_insights(
                "The trail does not log the management events that the Insights type needs.",
            ));
        }
        if insight.on_data && !selectors.has_data() {
            return Err(refusals::bad_insights(
                "The trail does not log the data events that the Insights type needs.",
            ));
        }
        insights.push(insight);
    }
    Ok(insights)
}

/// As the API shows them.
pub(crate) fn shown(insights: &[Insight]) -> Vec<InsightSelector> {
    let shown = insights.iter().map(|insight| {
        let categories = [
            (insight.on_management, SourceEventCategory::Management),
            (insight.on_data, SourceEventCategory::Data),
        ];
        let categories = categories.into_iter().filter(|(is_on, _)| *is_on);
        InsightSelector {
            insight_type: Some(match insight.is_error_rate {
                true => InsightType::ApiErrorRateInsight,
                false => InsightType::ApiCallRateInsight,
            }),
            event_categories: Some(categories.map(|(_, category)| category).collect()),
        }
    });
    shown.collect()
}

/// One of each member, for samples of formats.
#[cfg(test)]
pub(crate) fn sample() -> Insight {
    Insight {
        is_error_rate: true,
        on_management: false,
        on_data: true,
    }
}
