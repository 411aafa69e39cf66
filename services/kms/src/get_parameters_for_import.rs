//! `kms:GetParametersForImport`: a public key to wrap key material under, and the token to send
//! with it.

use api::kms::{GetParametersForImportRequest, GetParametersForImportResponse};
use platform::{Ctx, Result};
use zeroize::Zeroizing;

use crate::access;
use crate::condition_keys::RequestKeys;
use crate::import_token::{self, Wrapping};
use crate::lookup::Found;

pub(crate) async fn get_parameters_for_import(
    ctx: &Ctx,
    req: GetParametersForImportRequest,
) -> Result<GetParametersForImportResponse> {
    let asked = (req.wrapping_algorithm, req.wrapping_key_spec);
    let found = Found::own(ctx, &req.key_id).await?;
    let request = RequestKeys {
        wrapping: Some(asked),
        ..RequestKeys::default()
    };
    let key = access::authorize(ctx, "kms:GetParametersForImport", found, &request).await?;
    key.check_is_imported()?;
    key.check_not_pending_deletion()?;
    let wrapping = Wrapping::new(asked, &key.record)?;
    let issued = import_token::issue(ctx, &key.record, wrapping).await?;
    Ok(GetParametersForImportResponse {
        key_id: Some(key.record.arn.clone()),
        import_token: Some(Zeroizing::new(issued.token)),
        public_key: Some(Zeroizing::new(issued.public_key)),
        parameters_valid_to: Some(issued.valid_to),
    })
}
