//! `logs:GetLogRecord`: shows all fields of the event that a row of a query's result points to.

use api::logs::{GetLogRecordRequest, GetLogRecordResponse};
use insights::{Event, Pointer};
use platform::{Ctx, Result};
use wire::Entries;

use crate::access::{self, Target};
use crate::batch::{self, DataKeys};
use crate::stream::StreamRecord;
use crate::{get_log_events, refusals};

pub(crate) async fn get_log_record(
    ctx: &Ctx,
    req: GetLogRecordRequest,
) -> Result<GetLogRecordResponse> {
    const ACTION: &str = "logs:GetLogRecord";
    let pointer = Pointer::parse(&req.log_record_pointer);
    let named = pointer
        .as_ref()
        .and_then(|pointer| pointer.log.split_once(':'));
    let (Some(pointer), Some((account, name))) = (&pointer, named) else {
        access::groups(ctx, ACTION).await?;
        return Err(refusals::bad_pointer().into());
    };
    let target = Target {
        account: account.to_owned(),
        name: name.to_owned(),
    };
    let group = access::group(ctx, ACTION, &target).await?;
    if req.unmask {
        access::group(ctx, "logs:Unmask", &target).await?;
    }
    let [_, serial, batch, nth] = pointer.place;
    let streams = StreamRecord::list(ctx, &group).await?;
    let stream = streams.iter().find(|stream| stream.serial == serial);
    let stream = stream.filter(|stream| (stream.gone..stream.batches).contains(&batch));
    let stream = stream.ok_or_else(refusals::no_record)?;
    let (ingested_millis, events) =
        batch::open(ctx, &group, (serial, batch), &mut DataKeys::default()).await?;
    let index = nth.checked_sub(1).and_then(|nth| usize::try_from(nth).ok());
    let event = index.and_then(|index| events.get(index));
    let start = get_log_events::start(ctx, &group, None);
    let event = event.filter(|event| event.millis >= start);
    let event = event.ok_or_else(refusals::no_record)?;
    let fields = insights::fields(&Event {
        millis: event.millis,
        ingested_millis,
        message: &event.message,
        stream: &stream.name,
        log: &pointer.log,
        place: pointer.place,
    });
    let pointer = ("@ptr".to_owned(), pointer.text());
    Ok(GetLogRecordResponse {
        log_record: Some(Entries(fields.into_iter().chain([pointer]).collect())),
    })
}
