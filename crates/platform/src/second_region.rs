//! What a call does in a second Region: it goes on record there, too, as an event of its own in the
//! same commit (AWS KMS developer guide, the CloudTrail events of `ReplicateKey` and
//! `UpdatePrimaryRegion`).

use wire::json::Writer;
use wire::{IntoValue as _, Operation, ServiceTable};

use crate::answer;
use crate::ctx::{Connection, Ctx, Involved, Traces};
use crate::fault::{Error, Result};
use crate::record::{Draft, Ending};
use crate::resource::Resource;
use crate::service_call::{NestedEvent, Through};

impl Ctx {
    /// Records that the service performed the operation `O` on `resource`, in the Region of that,
    /// for the caller: with these request parameters and this answer. Decisions are the handler's
    /// own. Fails for a resource that is in no Region.
    pub fn record_elsewhere<O: Operation>(
        &self,
        service: &'static ServiceTable,
        resource: &impl Resource,
        parameters: &[(&str, &str)],
        answer: O::Output,
    ) -> Result<()> {
        let region = resource.region();
        let region = region.ok_or_else(|| Error::internal("the resource is in no Region"))?;
        let involved = resource.audit_type().map(|kind| Involved {
            arn: resource.arn().into_owned(),
            account: resource.account().to_owned(),
            kind,
        });
        let traces = Traces {
            resources: involved.into_iter().collect(),
            ..Traces::default()
        };
        let through = Through::by(service.event_source());
        let parameters = object(parameters);
        let draft = Draft {
            service,
            operation: O::TABLE,
            caller: &self.caller,
            region,
            connection: &Connection::default(),
            now: self.now,
            // Both events are of one request.
            request_id: &self.request_id,
            event_id: &self.new_uuid()?,
            parameters: &parameters,
            through: &through,
        };
        let done = draft.events(&Ending::Succeeded(&answer.into_value()), &traces);
        let undone = draft.events(&Ending::Failed(&answer::undone()), &traces);
        self.note_nested(NestedEvent::all(done, undone));
        Ok(())
    }
}

fn object(members: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Writer::new();
    out.begin_object();
    for (key, value) in members {
        out.key(key);
        out.string(value);
    }
    out.end_object();
    out.finish().to_vec()
}
