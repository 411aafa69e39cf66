//! `iam:GenerateServiceLastAccessedDetails`: reports when a user, group, role or policy was last
//! used to reach which services.

use api::iam::{
    AccessAdvisorUsageGranularityType, GenerateServiceLastAccessedDetailsRequest,
    GenerateServiceLastAccessedDetailsResponse,
};
use platform::{Ctx, Result};

use crate::reports::access_report::AccessReport;
use crate::reports::scope::Scope;

pub(crate) async fn generate_service_last_accessed_details(
    ctx: &Ctx,
    req: GenerateServiceLastAccessedDetailsRequest,
) -> Result<GenerateServiceLastAccessedDetailsResponse> {
    let scope = Scope::of_arn(ctx, req.arn).await?;
    let granularity = req.granularity;
    let granularity = granularity.unwrap_or(AccessAdvisorUsageGranularityType::ServiceLevel);
    let job_id = AccessReport::make(ctx, &scope, granularity).await?;
    Ok(GenerateServiceLastAccessedDetailsResponse {
        job_id: Some(job_id),
    })
}
