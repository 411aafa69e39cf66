//! `iam:GetCredentialReport`: shows the credential report that was made last.

use api::iam::{
    CredentialReportExpiredException, CredentialReportNotPresentException,
    GetCredentialReportResponse, ReportFormatType,
};
use platform::{Ctx, Result};
use wire::{Empty, Timestamp};
use zeroize::Zeroizing;

use crate::reports::credential_report::CredentialReport;
use crate::reports::permit;

pub(crate) async fn get_credential_report(
    ctx: &Ctx,
    _: Empty,
) -> Result<GetCredentialReportResponse> {
    permit(ctx, "iam:GetCredentialReport").await?;
    let key = CredentialReport::key(ctx.account());
    let report = ctx.get::<CredentialReport>(&key).await?;
    let report = report.ok_or_else(CredentialReportNotPresentException::bare)?;
    if report.has_expired(ctx.now) {
        return Err(CredentialReportExpiredException::bare().into());
    }
    Ok(GetCredentialReportResponse {
        content: Some(Zeroizing::new(report.content.clone().into_bytes())),
        report_format: Some(ReportFormatType::TextCsv),
        generated_time: Some(Timestamp {
            millis: report.generated_millis,
        }),
    })
}
