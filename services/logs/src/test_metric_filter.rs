//! `logs:TestMetricFilter`: tells which messages a filter pattern matches, and what it takes from
//! them.

use api::logs::{MetricFilterMatchRecord, TestMetricFilterRequest, TestMetricFilterResponse};
use platform::{Ctx, Result};
use wire::Entries;

use crate::access;
use crate::filter::Filter;

pub(crate) async fn test_metric_filter(
    ctx: &Ctx,
    req: TestMetricFilterRequest,
) -> Result<TestMetricFilterResponse> {
    access::everything(ctx, "logs:TestMetricFilter").await?;
    let filter = Filter::parse(&req.filter_pattern)?;
    let matches = (1..)
        .zip(req.log_event_messages)
        .filter_map(|(number, message)| {
            let extracted = filter.extract(&message)?;
            Some(MetricFilterMatchRecord {
                event_number: Some(number),
                event_message: Some(message),
                extracted_values: Some(Entries(extracted)),
            })
        });
    Ok(TestMetricFilterResponse {
        matches: Some(matches.collect()),
    })
}
