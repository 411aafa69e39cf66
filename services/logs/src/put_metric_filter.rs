//! `logs:PutMetricFilter`: makes a metric filter of a log group, or replaces one.

use api::logs::{MetricTransformation, PutMetricFilterRequest};
use platform::{Ctx, Result};
use wire::Empty;

use crate::access::{self, Target};
use crate::filter::Filter;
use crate::metric_filter::MetricFilterRecord;
use crate::refusals;

/// The most filters of a group (PutMetricFilter).
const MOST_FILTERS: usize = 100;
/// The most dimensions of a metric (MetricTransformation, `dimensions`).
const MOST_DIMENSIONS: usize = 3;

pub(crate) async fn put_metric_filter(ctx: &Ctx, req: PutMetricFilterRequest) -> Result<Empty> {
    let target = Target::named(ctx, &req.log_group_name);
    let group = access::group(ctx, "logs:PutMetricFilter", &target).await?;
    group.check_standard()?;
    let pattern = Filter::parse(&req.filter_pattern)?;
    check_supported(&req)?;
    let transformation = req.metric_transformations.into_iter().next();
    let transformation = transformation
        .ok_or_else(|| refusals::invalid("A metric filter needs one metric transformation."))?;
    check(&transformation)?;
    let dimensions = transformation.dimensions.as_ref();
    if dimensions.is_some_and(|given| !given.is_empty()) && !pattern.has_names() {
        let text = "The specified filter pattern does not support dimensions";
        return Err(refusals::invalid(text).into());
    }
    let known = MetricFilterRecord::find(ctx, &group, &req.filter_name).await?;
    if known.is_none() {
        let filters = MetricFilterRecord::of_group(ctx, &group).await?;
        if filters.len() >= MOST_FILTERS {
            return Err(refusals::limit_exceeded().into());
        }
    }
    let filter = MetricFilterRecord {
        name: req.filter_name,
        group: group.name.clone(),
        pattern: req.filter_pattern,
        created_millis: ctx.now.millis,
        metric_name: transformation.metric_name,
        metric_namespace: transformation.metric_namespace,
        metric_value: transformation.metric_value,
        default_value: transformation.default_value,
        dimensions: transformation
            .dimensions
            .map(|dimensions| dimensions.0)
            .unwrap_or_default(),
        unit: transformation.unit.map(|unit| unit.as_str().to_owned()),
    };
    filter.put(ctx, &group).await;
    Ok(Empty)
}

/// Refuses what would be stored and never take effect.
fn check_supported(req: &PutMetricFilterRequest) -> Result<()> {
    if req.apply_on_transformed_logs {
        let text = "applyOnTransformedLogs is valid only for log groups that have a transformer.";
        return Err(refusals::invalid(text).into());
    }
    let has_criteria = req
        .field_selection_criteria
        .as_ref()
        .is_some_and(|criteria| !criteria.is_empty());
    if has_criteria || !req.emit_system_field_dimensions.is_empty() {
        let text = "System fields are those of centralized logs, of which this log group has none.";
        return Err(refusals::invalid(text).into());
    }
    Ok(())
}

fn check(transformation: &MetricTransformation) -> Result<()> {
    let dimensions = transformation
        .dimensions
        .as_ref()
        .map_or(0, |dimensions| dimensions.len());
    if dimensions > MOST_DIMENSIONS {
        let text = "A metric filter can have at most 3 dimensions.";
        return Err(refusals::invalid(text).into());
    }
    if dimensions > 0 && transformation.default_value.is_some() {
        let text = "Invalid metric transformation: dimensions and default value are mutually \
                    exclusive properties.";
        return Err(refusals::invalid(text).into());
    }
    let value = &transformation.metric_value;
    let is_number = value.parse::<f64>().is_ok_and(f64::is_finite);
    if !is_number && !value.starts_with('$') {
        let text = "Invalid metric transformation: metricValue must be a number or a reference to \
                    a value of the filter pattern.";
        return Err(refusals::invalid(text).into());
    }
    Ok(())
}
