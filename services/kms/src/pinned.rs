//! Keys whose id and material are given, for development: what tests need to name a key before it
//! is made, or to open what another key sealed. Reserved tags of `CreateKey` say so. Only
//! [`development_service`](crate::development_service) knows them; to any other server, as to AWS,
//! they are tags like all others.

use api::kms::{AlreadyExistsException, CreateKeyRequest, CreateKeyResponse, Tag, TagException};
use platform::{Ctx, Error, Result};
use wire::{Fault, Value, pem};
use zeroize::Zeroizing;

use crate::create_key::{self, make};
use crate::key::KeyRecord;
use crate::key_id::KeyId;
use crate::kind::Spec;
use crate::material::{Owner, WrappedMaterial};

/// The tags that give the id. They stay, as clients expect of a tag that they have set.
const ID: [&str; 2] = ["strongroom:key-id", "_custom_id_"];
/// The tags that give the material, in base64. A tag has room for 256 letters: more come with the
/// same name and `-2`, `-3` and so on. They are not kept.
const MATERIAL: [&str; 2] = ["strongroom:key-material", "_custom_key_material_"];
/// What stands in the event for material.
const CONCEALED: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// What is given.
#[derive(Default)]
pub(crate) struct Pinned {
    id: Option<String>,
    material: Option<Zeroizing<Vec<u8>>>,
}

/// `kms:CreateKey` of a development server.
pub(crate) async fn create_pinned_key(
    ctx: &Ctx,
    mut req: CreateKeyRequest,
) -> Result<CreateKeyResponse> {
    let pinned = Pinned::take(&mut req.tags)?;
    make(ctx, req, pinned).await
}

/// Takes the material out of the parameters that go on record.
pub(crate) fn on_record(request: &mut Value) {
    create_key::on_record(request);
    conceal(request);
}

fn conceal(request: &mut Value) {
    let Value::Structure(members) = request else {
        return;
    };
    for member in members.iter_mut().flatten() {
        let Value::List(tags) = member else { continue };
        for tag in tags {
            if let Value::Structure(pair) = tag
                && let [Some(Value::String(key)), Some(value)] = pair.as_mut_slice()
                && part_of_material(key).is_some()
            {
                *value = Value::string(CONCEALED);
            }
        }
    }
}

impl Pinned {
    /// Reads the reserved tags, and takes those away that are not kept.
    fn take(tags: &mut Vec<Tag>) -> Result<Self, Fault> {
        let id = tags.iter().find(|tag| ID.contains(&tag.tag_key.as_str()));
        let id = id.map(|tag| tag.tag_value.clone());
        let mut parts: Vec<(u8, Zeroizing<String>)> = Vec::new();
        tags.retain_mut(|tag| {
            let Some(part) = part_of_material(&tag.tag_key) else {
                return true;
            };
            parts.push((part, Zeroizing::new(std::mem::take(&mut tag.tag_value))));
            false
        });
        parts.sort_unstable_by_key(|(part, _)| *part);
        let is_whole = (1..)
            .zip(&parts)
            .all(|(expected, (part, _))| expected == *part);
        let length = parts.iter().map(|(_, digits)| digits.len()).sum();
        let mut whole = Zeroizing::new(String::with_capacity(length));
        for (_, digits) in &parts {
            whole.push_str(digits);
        }
        let material = match (parts.is_empty(), is_whole) {
            (true, _) => None,
            (false, true) => pem::decoded(&whole).map(Zeroizing::new),
            (false, false) => None,
        };
        if material.is_none() && !parts.is_empty() {
            return Err(TagException::new(
                "The tags that give the key material are not the base64 of it, in parts that are \
                 numbered without a gap.",
            ));
        }
        Ok(Self { id, material })
    }

    /// The id of the new key.
    pub(crate) async fn id(&self, ctx: &Ctx, multi_region: bool) -> Result<Option<String>> {
        let Some(id) = &self.id else {
            return Ok(None);
        };
        let is_id = matches!(KeyId::parse(id), Ok(KeyId::Key(_)));
        let is_lower = !id.bytes().any(|byte| byte.is_ascii_uppercase());
        if !is_id || !is_lower || id.starts_with("mrk-") != multi_region {
            let text = format!(
                "'{id}' is no ID of such a key: it has to be a UUID in lower case, or mrk- and 32 \
                 hexadecimal digits for a multi-Region key."
            );
            return Err(TagException::new(text).into());
        }
        let place = KeyRecord::place(ctx.account(), &ctx.region, id);
        if ctx.get::<KeyRecord>(&place).await?.is_some() {
            let text = format!("A key with the ID {id} already exists");
            return Err(AlreadyExistsException::new(text).into());
        }
        Ok(Some(id.clone()))
    }

    /// The material of the new key: what is given, or what is drawn.
    pub(crate) async fn material(
        &self,
        ctx: &Ctx,
        spec: Spec,
        owner: &Owner<'_>,
    ) -> Result<WrappedMaterial> {
        let Some(bytes) = &self.material else {
            return WrappedMaterial::generate(ctx, spec, owner).await;
        };
        let refused = || {
            let spec = spec.shown();
            let text = format!("The key material is none of a {} key.", spec.as_str());
            Error::from(TagException::new(text))
        };
        WrappedMaterial::given(ctx, spec, owner, bytes)?.ok_or_else(refused)
    }
}

/// Which part of the material a tag has, from 1; none, if it has none.
fn part_of_material(key: &str) -> Option<u8> {
    let suffix = MATERIAL.iter().find_map(|name| key.strip_prefix(name))?;
    match suffix {
        "" => Some(1),
        _ => suffix
            .strip_prefix('-')?
            .parse()
            .ok()
            .filter(|part| *part > 1),
    }
}
