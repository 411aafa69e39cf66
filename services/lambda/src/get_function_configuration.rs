//! `lambda:GetFunctionConfiguration`: shows the configuration of a version.

use api::lambda::{FunctionConfiguration, GetFunctionConfigurationRequest};
use platform::{Ctx, Result};

use crate::{access, configuration};

pub(crate) async fn get_function_configuration(
    ctx: &Ctx,
    req: GetFunctionConfigurationRequest,
) -> Result<FunctionConfiguration> {
    let action = "lambda:GetFunctionConfiguration";
    let (name, qualifier) = (req.function_name.as_str(), req.qualifier.as_deref());
    let function = access::function(ctx, action, name, qualifier).await?;
    let version = configuration::version(ctx, &function).await?;
    function.shown(ctx, &version).await
}
