//! `lambda:RemovePermission`: takes a statement from the policy of a function, a version or an alias.

use api::lambda::{RemovePermissionRequest, ResourceNotFoundException};
use platform::{Ctx, Result};
use wire::{Empty, Fault};

use crate::access::{self, Function, PermissionKeys, With};
use crate::function::PolicyRecord;
use crate::names::Asked;
use crate::permissions::{self, Statement};
use crate::policy_subject::PolicySubject;

const ACTION: &str = "lambda:RemovePermission";

pub(crate) async fn remove_permission(ctx: &Ctx, req: RemovePermissionRequest) -> Result<Empty> {
    let asked = match Asked::of(ctx, &req.function_name, req.qualifier.as_deref()) {
        Ok(asked) => asked,
        Err(bad) => {
            access::everything(ctx, ACTION).await?;
            return Err(bad.into());
        }
    };
    let keys = keys(ctx, &asked, &req.statement_id).await?;
    let with = With {
        keys: &keys,
        ..With::default()
    };
    let Some(record) = access::decide(ctx, ACTION, &asked, with).await? else {
        let text = format!("No policy found for: {}", asked.arn());
        return Err(ResourceNotFoundException::new(text).into());
    };
    let function = Function::found(asked, record);
    let subject = PolicySubject::of(ctx, &function).await?;
    let policy = PolicyRecord::get(ctx, &function.place, function.qualifier.as_deref()).await?;
    let policy =
        policy.ok_or_else(|| missing("No policy is associated with the given resource."))?;
    let mut statements = policy.statements.clone();
    if !permissions::remove(&mut statements, &req.statement_id) {
        let id = &req.statement_id;
        let text = format!("Statement {id} is not found in resource policy.");
        return Err(missing(&text).into());
    }
    subject.check_revision(req.revision_id.as_deref())?;
    subject.set_policy(ctx, &function, statements).await?;
    Ok(Empty)
}

/// What the decision learns of the statement that would go.
async fn keys(ctx: &Ctx, asked: &Asked, id: &str) -> Result<PermissionKeys> {
    let policy = PolicyRecord::get(ctx, &asked.place, asked.qualifier.as_deref()).await?;
    let Some(policy) = policy else {
        return Ok(PermissionKeys::default());
    };
    let Some(kept) = permissions::of_id(&policy.statements, id) else {
        return Ok(PermissionKeys::default());
    };
    let shown = ctx
        .show_principals(&permissions::document(std::slice::from_ref(kept)))
        .await?;
    let statement = permissions::alone(&shown);
    let auth_type = |statement: &Statement| {
        let equals = &statement.condition.string_equals;
        equals.get("lambda:FunctionUrlAuthType").cloned()
    };
    Ok(PermissionKeys {
        principal: statement
            .as_ref()
            .map(|it| it.principal.as_asked().to_owned()),
        url_auth_type: statement.as_ref().and_then(auth_type),
    })
}

fn missing(text: &str) -> Fault {
    ResourceNotFoundException::new(text)
}
