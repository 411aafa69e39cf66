//! `logs:DescribeLogStreams`: shows the streams of a log group, by name or by their latest event.

use api::logs::{DescribeLogStreamsRequest, DescribeLogStreamsResponse, LogStream, OrderBy};
use platform::{Ctx, Result};

use crate::access::{self, Group, Target};
use crate::stream::StreamRecord;
use crate::{names, refusals};

pub(crate) async fn describe_log_streams(
    ctx: &Ctx,
    req: DescribeLogStreamsRequest,
) -> Result<DescribeLogStreamsResponse> {
    let target = Target::given(
        ctx,
        req.log_group_name.as_deref(),
        req.log_group_identifier.as_deref(),
    )?;
    let group = access::group(ctx, "logs:DescribeLogStreams", &target).await?;
    let by_time = req.order_by == Some(OrderBy::LastEventTime);
    let prefix = req.log_stream_name_prefix.as_deref();
    if by_time && prefix.is_some() {
        let text = "Cannot order by LastEventTime with a logStreamNamePrefix.";
        return Err(refusals::invalid(text).into());
    }
    let mut streams = StreamRecord::list(ctx, &group).await?;
    streams.retain(|stream| prefix.is_none_or(|prefix| stream.name.starts_with(prefix)));
    let key = |stream: &StreamRecord| key(stream, by_time, req.descending);
    let (page, next_token) = names::page(streams, key, req.next_token.as_deref(), req.limit)?;
    Ok(DescribeLogStreamsResponse {
        log_streams: Some(page.iter().map(|stream| shown(&group, stream)).collect()),
        next_token,
    })
}

/// A text in whose order the streams are listed. Names in reverse are written with other letters.
fn key(stream: &StreamRecord, by_time: bool, descending: bool) -> String {
    let time = match by_time {
        true => stream.last_event_millis.map_or(0, |millis| millis + 1),
        false => 0,
    };
    match descending {
        false => format!("{time:016x}{}", stream.name),
        true => {
            let time = i64::MAX - time;
            let name = stream.name.bytes().map(|byte| format!("{:02x}", !byte));
            // The end of a name comes last then, where it came first.
            format!("{time:016x}{}z", name.collect::<String>())
        }
    }
}

fn shown(group: &Group, stream: &StreamRecord) -> LogStream {
    LogStream {
        log_stream_name: Some(stream.name.clone()),
        creation_time: Some(stream.created_millis),
        first_event_timestamp: stream.first_event_millis,
        last_event_timestamp: stream.last_event_millis,
        last_ingestion_time: stream.last_ingestion_millis,
        // A stream without events has none yet.
        upload_sequence_token: stream
            .last_ingestion_millis
            .map(|_| stream.sequence_token()),
        arn: Some(format!("{}:log-stream:{}", group.arn, stream.name)),
        // Always zero since 2019 (DescribeLogStreams, `storedBytes`).
        stored_bytes: Some(0),
    }
}
