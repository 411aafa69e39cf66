//! `iam:GenerateOrganizationsAccessReport`: reports when the accounts of a part of the organization
//! last used the services that its service control policies let in.

use api::iam::{
    GenerateOrganizationsAccessReportRequest, GenerateOrganizationsAccessReportResponse,
};
use platform::{ConditionKeys, Ctx, ReportAbout, Result, access_denied};
use policy::Values;

use crate::reports::organization_report::OrganizationReport;
use crate::target::Place;

const ACTION: &str = "iam:GenerateOrganizationsAccessReport";
/// The one service control policy that is AWS's own.
const FULL_ACCESS: &str = "p-FullAWSAccess";

pub(crate) async fn generate_organizations_access_report(
    ctx: &Ctx,
    req: GenerateOrganizationsAccessReportRequest,
) -> Result<GenerateOrganizationsAccessReportResponse> {
    let about = ReportAbout {
        path: &req.entity_path,
        policy_id: req.organizations_policy_id.as_deref(),
    };
    let account = ctx.account();
    let report_arn = format!("arn:aws:iam::{account}:access-report/{}", about.path);
    let place = Place::new(ctx, report_arn.clone());
    let keys = OneKey("iam:organizationspolicyid", about.policy_id);
    ctx.authorize(ACTION, place).keys(&keys).decide().await?;
    permit_reading(ctx, about).await?;
    let member = ctx.membership(account).await?;
    if member.is_none_or(|member| member.management_account != account) {
        let because = "because the account does not manage an organization";
        return Err(access_denied(&ctx.caller.arn, ACTION, &report_arn, because));
    }
    let reported = ctx.reported(about).await?;
    let job_id = OrganizationReport::make(ctx, reported, about).await?;
    Ok(GenerateOrganizationsAccessReportResponse {
        job_id: Some(job_id),
    })
}

/// Decides what a report takes beside its own permission: to read the organization ("Actions,
/// resources, and condition keys for AWS IAM", dependent actions).
async fn permit_reading(ctx: &Ctx, about: ReportAbout<'_>) -> Result<()> {
    let control = OneKey("organizations:policytype", Some("SERVICE_CONTROL_POLICY"));
    let entity = entity_arn(ctx, about.path);
    let mut wanted = vec![
        ("organizations:ListRoots", "*".to_owned()),
        ("organizations:ListPoliciesForTarget", entity.clone()),
    ];
    if !entity.contains(":account/") {
        wanted.push(("organizations:ListChildren", entity.clone()));
    }
    if !entity.contains(":root/") {
        wanted.push(("organizations:ListParents", entity));
    }
    if let Some(policy) = about.policy_id.map(|id| policy_arn(ctx, about.path, id)) {
        wanted.push(("organizations:DescribePolicy", policy.clone()));
        wanted.push(("organizations:ListTargetsForPolicy", policy));
    }
    for (action, arn) in wanted {
        let access = ctx.authorize(action, Place::new(ctx, arn));
        access.keys(&control).decide().await?;
    }
    Ok(())
}

/// The ARN of the root, unit or account of a path, by the form of its id.
fn entity_arn(ctx: &Ctx, path: &str) -> String {
    let id = path.trim_end_matches('/').rsplit('/').next();
    let id = id.unwrap_or_default();
    let kind = match id {
        _ if id.starts_with("r-") => "root",
        _ if id.starts_with("ou-") => "ou",
        _ => "account",
    };
    format!("{}:{kind}/{}/{id}", authority(ctx), organization(path))
}

fn policy_arn(ctx: &Ctx, path: &str, id: &str) -> String {
    let kind = "service_control_policy";
    if id == FULL_ACCESS {
        return format!("arn:aws:organizations::aws:policy/{kind}/{id}");
    }
    let organization = organization(path);
    format!("{}:policy/{organization}/{kind}/{id}", authority(ctx))
}

fn authority(ctx: &Ctx) -> String {
    format!("arn:aws:organizations::{}", ctx.account())
}

fn organization(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}

/// A condition key, in lower case, with its value if it has one.
struct OneKey<'a>(&'static str, Option<&'a str>);

impl ConditionKeys for OneKey<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let value = self.1.filter(|_| key == self.0)?;
        Some(Values::from(value))
    }
}
