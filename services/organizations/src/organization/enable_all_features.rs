//! `organizations:EnableAllFeatures`: begins the change from consolidated billing to all features.

use api::organizations::{EnableAllFeaturesRequest, EnableAllFeaturesResponse};
use platform::{Ctx, Result};

use crate::access::{About, Reach, permit};
use crate::handshakes::all_features;
use crate::refusals;

pub(crate) async fn enable_all_features(
    ctx: &Ctx,
    _: EnableAllFeaturesRequest,
) -> Result<EnableAllFeaturesResponse> {
    let action = "organizations:EnableAllFeatures";
    let permitted = permit(ctx, action, Reach::Management, About::everything()).await?;
    let organization = permitted.organization();
    if organization.all_features {
        return Err(refusals::handshake_constraint(
            "ORGANIZATION_ALREADY_HAS_ALL_FEATURES",
            "The organization already has all features enabled.",
        ));
    }
    let handshake = all_features::begin(ctx, organization).await?;
    Ok(EnableAllFeaturesResponse {
        handshake: Some(handshake.shown(ctx.now)),
    })
}
