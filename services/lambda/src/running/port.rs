//! Functions that other services run, as themselves: the function's policy decides, and the call goes
//! on record as any Invoke.

use api::lambda::{InvocationRequest, InvocationResponse, InvocationType, Invoke};
use bytes::Bytes;
use platform::{
    Ctx, Error, FunctionAnswer, FunctionCaller, FunctionFailure, FunctionFuture, Functions, NoKeys,
    Upkeep,
};
use wire::{Fault, Protocol};
use zeroize::Zeroizing;

use super::Running;
use crate::access;
use crate::names::Asked;

/// How often what was done is committed anew because another call committed first.
const ATTEMPTS: usize = 16;

/// Lambda, as other services reach it.
pub struct LambdaFunctions {
    /// What runs functions.
    pub running: Running,
    /// What tells the time.
    pub work: platform::OwnWork,
}

impl Functions for LambdaFunctions {
    fn may_run<'a>(&'a self, ctx: &'a Ctx, caller: &'a FunctionCaller) -> FunctionFuture<'a, ()> {
        Box::pin(may_run(ctx, caller))
    }

    fn run<'a>(
        &'a self,
        _: &'a Upkeep,
        caller: &'a FunctionCaller,
        event: Bytes,
    ) -> FunctionFuture<'a, FunctionAnswer> {
        Box::pin(async move {
            let kind = InvocationType::RequestResponse;
            let answer = self.invoke(caller, kind, event).await?;
            Ok(FunctionAnswer {
                payload: Bytes::from_owner(answer.payload.unwrap_or_default()),
                error: answer.function_error,
            })
        })
    }

    fn queue<'a>(
        &'a self,
        _: &'a Upkeep,
        caller: &'a FunctionCaller,
        event: Bytes,
    ) -> FunctionFuture<'a, ()> {
        Box::pin(async move {
            let kind = InvocationType::Event;
            self.invoke(caller, kind, event).await.map(drop)
        })
    }
}

impl LambdaFunctions {
    /// Makes the call in a transaction of its own. One that ran a function is not made again because
    /// another call committed first: it has staged nothing then.
    async fn invoke(
        &self,
        caller: &FunctionCaller,
        kind: InvocationType,
        event: Bytes,
    ) -> Result<InvocationResponse, FunctionFailure> {
        let region = region(&caller.function)?;
        for _ in 0..ATTEMPTS {
            let ctx = self.work.begin(&caller.service, region).map_err(failure)?;
            let request = InvocationRequest {
                function_name: caller.function.clone(),
                invocation_type: Some(kind),
                payload: Some(Zeroizing::new(event.to_vec())),
                ..InvocationRequest::default()
            };
            let call = ctx.as_service(&caller.service).source(&caller.source_arn);
            let call = call.source_account(&caller.source_account);
            let answered = call.call::<Invoke>(request).await;
            if self.work.commit(ctx).await.map_err(failure)? {
                return answered.map_err(failure);
            }
        }
        Err(failure(Error::internal("others always committed first")))
    }
}

async fn may_run(ctx: &Ctx, caller: &FunctionCaller) -> Result<(), FunctionFailure> {
    let region = region(&caller.function)?;
    let asked = Asked::in_region(&caller.function, (ctx.account(), region));
    let asked = asked.map_err(|fault| failure(fault.into()))?;
    let resource = access::resource(ctx, &asked).await.map_err(failure)?;
    let call = ctx.as_service(&caller.service).in_region(region);
    let call = call
        .source(&caller.source_arn)
        .source_account(&caller.source_account);
    let permitted = call.permits("lambda:InvokeFunction", resource, &NoKeys);
    let permitted = permitted.await.map_err(failure)?.into_inner();
    match permitted.exists() {
        true => Ok(()),
        false => Err(FunctionFailure::lasting(
            "ResourceNotFoundException",
            format!("Function not found: {}", asked.arn()),
        )),
    }
}

/// The Region of the function of this ARN.
fn region(function: &str) -> Result<&str, FunctionFailure> {
    let mut parts = function.split(':').skip(2);
    let named = (parts.next() == Some("lambda"))
        .then(|| parts.next())
        .flatten();
    named.filter(|region| !region.is_empty()).ok_or_else(|| {
        let text = format!("{function} is not the ARN of a function.");
        FunctionFailure::lasting("InvalidParameterValueException", text)
    })
}

fn failure(error: Error) -> FunctionFailure {
    match error {
        Error::Fault(fault) => {
            let code = fault.code(Protocol::RestJson);
            let text = fault.message().unwrap_or_default();
            match is_transient(&fault) {
                true => FunctionFailure::transient(code, text),
                false => FunctionFailure::lasting(code, text),
            }
        }
        Error::Internal(_) => {
            FunctionFailure::transient("ServiceException", "An internal error occurred.")
        }
    }
}

/// Whether it may pass by itself: a throttle, or a failure of the service that is no setting's.
fn is_transient(fault: &Fault) -> bool {
    let status = fault.status(Protocol::RestJson);
    let is_setting = fault.code(Protocol::RestJson).starts_with("KMS");
    status == 429 || (status >= 500 && !is_setting)
}
