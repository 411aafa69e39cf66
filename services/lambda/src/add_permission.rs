//! `lambda:AddPermission`: lets a service, an account or an identity use a function, by a statement
//! of its policy.

use api::lambda::{AddPermissionRequest, AddPermissionResponse};
use platform::{Ctx, Result};
use wire::Fault;

use crate::access::{self, PermissionKeys, With};
use crate::function::PolicyRecord;
use crate::names::{Asked, LATEST};
use crate::permissions::{self, Condition, Effect, Principal, Statement};
use crate::policy_subject::PolicySubject;
use crate::refusals;

const ACTION: &str = "lambda:AddPermission";

pub(crate) async fn add_permission(
    ctx: &Ctx,
    req: AddPermissionRequest,
) -> Result<AddPermissionResponse> {
    let asked = match Asked::of(ctx, &req.function_name, req.qualifier.as_deref()) {
        Ok(asked) => asked,
        Err(bad) => {
            access::everything(ctx, ACTION).await?;
            return Err(bad.into());
        }
    };
    let keys = PermissionKeys {
        principal: Some(req.principal.clone()),
        url_auth_type: req.function_url_auth_type.map(|it| it.as_str().to_owned()),
    };
    let with = With {
        keys: &keys,
        ..With::default()
    };
    let function = access::existing(ctx, ACTION, asked, with).await?;
    if function.qualifier.as_deref() == Some(LATEST) {
        return Err(
            refusals::invalid("We currently do not support adding policies for $LATEST.").into(),
        );
    }
    let subject = PolicySubject::of(ctx, &function).await?;
    let statement = statement(&req, function.arn(), &ctx.region)?;
    let policy = PolicyRecord::get(ctx, &function.place, function.qualifier.as_deref()).await?;
    let mut statements = policy.map_or_else(Vec::new, |policy| policy.statements.clone());
    let shown = permissions::add(ctx, &mut statements, &statement).await?;
    subject.check_revision(req.revision_id.as_deref())?;
    subject.set_policy(ctx, &function, statements).await?;
    Ok(AddPermissionResponse {
        statement: Some(shown),
    })
}

/// The statement that the request asks for.
fn statement(
    req: &AddPermissionRequest,
    resource: String,
    region: &str,
) -> Result<Statement, Fault> {
    if req.function_url_auth_type.is_some() && req.action != "lambda:InvokeFunctionUrl" {
        return Err(refusals::invalid(
            "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action",
        ));
    }
    if req.invoked_via_function_url && req.action != "lambda:InvokeFunction" {
        return Err(refusals::invalid(
            "InvokedViaFunctionUrl is only supported for lambda:InvokeFunction action",
        ));
    }
    Ok(Statement {
        sid: req.statement_id.clone(),
        effect: Effect::Allow,
        principal: Principal::of(&req.principal, region)?,
        action: req.action.clone(),
        resource,
        condition: condition(req),
    })
}

fn condition(req: &AddPermissionRequest) -> Condition {
    let mut condition = Condition::default();
    condition.equal("AWS:SourceAccount", req.source_account.as_deref());
    condition.equal("aws:PrincipalOrgID", req.principal_org_id.as_deref());
    condition.equal("lambda:EventSourceToken", req.event_source_token.as_deref());
    let auth_type = req
        .function_url_auth_type
        .map(api::lambda::FunctionUrlAuthType::as_str);
    condition.equal("lambda:FunctionUrlAuthType", auth_type);
    if let Some(arn) = &req.source_arn {
        let key = "AWS:SourceArn".to_owned();
        condition.arn_like.insert(key, arn.clone());
    }
    if req.invoked_via_function_url {
        let key = "lambda:InvokedViaFunctionUrl".to_owned();
        condition.bool.insert(key, "true".to_owned());
    }
    condition
}
