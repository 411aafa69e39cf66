//! `lambda:InvokeAsync`: has a function run some time soon. Superseded by Invoke, which takes larger events.

use api::lambda::{InvalidRequestContentException, InvokeAsyncRequest, InvokeAsyncResponse};
use platform::{Ctx, Result};

use crate::running::Running;
use crate::{access, invoke, queued, refusals};

/// The largest event, in bytes (InvokeAsync, 256 KB).
const MOST: usize = 262_144;

pub(crate) async fn invoke_async(
    ctx: &Ctx,
    running: &Running,
    req: InvokeAsyncRequest,
) -> Result<InvokeAsyncResponse> {
    let function = access::function(ctx, "lambda:InvokeAsync", &req.function_name, None).await?;
    let named = (&function.place, function.qualifier.as_deref());
    if invoke::chosen(ctx, named).await?.is_none() {
        return Err(refusals::no_function(&function.arn()).into());
    }
    let size = req.invoke_args.len();
    if size > MOST {
        let text = format!(
            "{size} byte payload is too large for the Event invocation type (limit {MOST} bytes)"
        );
        return Err(InvalidRequestContentException::new(text).into());
    }
    let payload = invoke::read(ctx, req.invoke_args).await?;
    running.runner()?;
    queued::stage(ctx, &function, payload).await?;
    Ok(InvokeAsyncResponse { status: Some(202) })
}
