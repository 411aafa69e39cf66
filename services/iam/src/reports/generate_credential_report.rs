//! `iam:GenerateCredentialReport`: makes a credential report, unless there is one that still counts.

use api::iam::{GenerateCredentialReportResponse, ReportStateType};
use platform::{Ctx, Result};
use wire::Empty;

use crate::reports::credential_report::CredentialReport;
use crate::reports::permit;

pub(crate) async fn generate_credential_report(
    ctx: &Ctx,
    _: Empty,
) -> Result<GenerateCredentialReportResponse> {
    permit(ctx, "iam:GenerateCredentialReport").await?;
    let key = CredentialReport::key(ctx.account());
    let last = ctx.get::<CredentialReport>(&key).await?;
    if last.is_some_and(|last| !last.has_expired(ctx.now)) {
        return Ok(GenerateCredentialReportResponse {
            state: Some(ReportStateType::Complete),
            description: None,
        });
    }
    let report = CredentialReport::make(ctx).await?;
    ctx.put(key, report).await;
    let description = "No report exists. Starting a new report generation task";
    Ok(GenerateCredentialReportResponse {
        state: Some(ReportStateType::Started),
        description: Some(description.to_owned()),
    })
}
