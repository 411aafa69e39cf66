//! `secretsmanager:BatchGetSecretValue`: the values of up to 20 secrets, which are named or found by
//! filters. Each is read by a GetSecretValue of its own, which decides and is on record.

use api::secretsmanager::{
    APIErrorType, BatchGetSecretValueRequest, BatchGetSecretValueResponse, GetSecretValue,
    GetSecretValueRequest, SecretValueEntry,
};
use platform::{Ctx, Error, Result};
use wire::Protocol;

use crate::filters::Filters;
use crate::listing::{self, Sorting};
use crate::{access, refusals};

/// The most secrets of an answer.
const MOST: usize = 20;

pub(crate) async fn batch_get_secret_value(
    ctx: &Ctx,
    req: BatchGetSecretValueRequest,
) -> Result<BatchGetSecretValueResponse> {
    access::everything(ctx, "secretsmanager:BatchGetSecretValue").await?;
    let is_filtered = !req.filters.is_empty();
    if is_filtered {
        access::everything(ctx, "secretsmanager:ListSecrets").await?;
    }
    if is_filtered != req.secret_id_list.is_empty() {
        return Err(refusals::invalid(
            "Either SecretIdList or Filters must be provided, but not both.",
        )
        .into());
    }
    if !is_filtered && (req.max_results.is_some() || req.next_token.is_some()) {
        return Err(refusals::invalid(
            "MaxResults and NextToken can only be used together with Filters.",
        )
        .into());
    }
    let (ids, next_token) = match is_filtered {
        true => found(ctx, &req).await?,
        false => (req.secret_id_list, None),
    };
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for id in ids {
        match read(ctx, &id).await? {
            Ok(entry) => values.push(entry),
            Err(error) => errors.push(error),
        }
    }
    Ok(BatchGetSecretValueResponse {
        secret_values: Some(values),
        next_token,
        errors: Some(errors),
    })
}

/// The ARNs on one page of those that the filters find.
async fn found(
    ctx: &Ctx,
    req: &BatchGetSecretValueRequest,
) -> Result<(Vec<String>, Option<String>)> {
    let filters = Filters::parse(ctx, &req.filters)?;
    let most = req.max_results.and_then(|most| usize::try_from(most).ok());
    let most = most.unwrap_or(MOST).min(MOST);
    let page = (req.next_token.as_deref(), most);
    let listed = listing::page(ctx, &filters, Sorting::default(), page).await?;
    let secrets = listed.secrets.iter();
    let arns = secrets.map(|(place, record)| place.arn(&record.suffix));
    Ok((arns.collect(), listed.next))
}

/// One secret, or what is wrong with it.
async fn read(ctx: &Ctx, id: &str) -> Result<Result<SecretValueEntry, APIErrorType>> {
    let request = GetSecretValueRequest {
        secret_id: id.to_owned(),
        version_id: None,
        version_stage: None,
    };
    let call = ctx.on_behalf_of_caller("secretsmanager");
    match call.call::<GetSecretValue>(request).await {
        Ok(got) => Ok(Ok(SecretValueEntry {
            arn: got.arn,
            name: got.name,
            version_id: got.version_id,
            secret_binary: got.secret_binary,
            secret_string: got.secret_string,
            version_stages: got.version_stages,
            created_date: got.created_date,
        })),
        Err(Error::Fault(fault)) => Ok(Err(APIErrorType {
            secret_id: Some(id.to_owned()),
            error_code: Some(fault.code(Protocol::Json11).to_owned()),
            message: fault.message().map(str::to_owned),
        })),
        Err(error) => Err(error),
    }
}
