//! `lambda:GetFunction`: shows a version, and where its code can be fetched.

use api::lambda::{
    Concurrency, FunctionCodeLocation, GetFunctionRequest, GetFunctionResponse, TagsError,
};
use platform::{Ctx, Error, Result};
use wire::{Entries, Protocol};

use crate::access::{self, Function, With};
use crate::names::Asked;
use crate::{configuration, location, tags};

pub(crate) async fn get_function(
    ctx: &Ctx,
    req: GetFunctionRequest,
) -> Result<GetFunctionResponse> {
    let (name, qualifier) = (req.function_name.as_str(), req.qualifier.as_deref());
    let function = access::function(ctx, "lambda:GetFunction", name, qualifier).await?;
    let version = configuration::version(ctx, &function).await?;
    let (tags, tags_error) = tags_of(ctx, &function).await?;
    let link = location::link(ctx, &function.place, &version.code)?;
    let reserved = function.reserved_concurrency;
    Ok(GetFunctionResponse {
        configuration: Some(function.shown(ctx, &version).await?),
        code: Some(FunctionCodeLocation {
            repository_type: Some("S3".to_owned()),
            location: Some(link),
            ..FunctionCodeLocation::default()
        }),
        tags,
        tags_error,
        concurrency: reserved.map(|reserved| Concurrency {
            reserved_concurrent_executions: i32::try_from(reserved).ok(),
        }),
    })
}

/// The tags, for whoever may list them, and otherwise why not.
async fn tags_of(
    ctx: &Ctx,
    function: &Function,
) -> Result<(Option<Entries<String>>, Option<TagsError>)> {
    let asked = Asked {
        place: function.place.clone(),
        qualifier: None,
    };
    match access::decide(ctx, "lambda:ListTags", &asked, With::default()).await {
        Ok(_) => Ok((tags::shown(&function.tags), None)),
        Err(Error::Fault(fault)) => {
            let error = TagsError {
                error_code: Some(fault.code(Protocol::RestJson).to_owned()),
                message: fault.message().map(str::to_owned),
            };
            Ok((None, Some(error)))
        }
        Err(internal) => Err(internal),
    }
}
