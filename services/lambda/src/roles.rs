//! The role of a function ("Defining Lambda function permissions with an execution role").

use platform::{Ctx, Error, Passing, Result};

use crate::refusals;

/// The service, as roles trust it.
pub(crate) const PRINCIPAL: &str = "lambda.amazonaws.com";

/// What the session is called that shows whether the role can be assumed.
const SESSION: &str = "awslambda";

/// Checks that the caller may pass the role to Lambda, and that Lambda can assume it for the function
/// of this ARN.
pub(crate) async fn check(ctx: &Ctx, role: &str, function: &str) -> Result<()> {
    let passing = Passing {
        service: PRINCIPAL,
        resource: Some(function),
    };
    let untrusting =
        || refusals::invalid("The role defined for the function cannot be assumed by Lambda.");
    if ctx.pass_role(role, passing).await?.is_none() {
        return Err(untrusting().into());
    }
    match ctx.as_role(PRINCIPAL, (role, SESSION), function).await {
        Ok(_) => Ok(()),
        Err(Error::Fault(_)) => Err(untrusting().into()),
        Err(internal) => Err(internal),
    }
}

/// The name of the sessions of a function's role: the function's own. One of a single character is longer
/// there, since names of sessions have two (AssumeRole).
pub(crate) fn session_name(function: &str) -> String {
    match function.chars().count() {
        1 => format!("lambda-{function}"),
        _ => function.to_owned(),
    }
}
