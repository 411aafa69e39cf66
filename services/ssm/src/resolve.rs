//! Dynamic references of CloudFormation templates: `{{resolve:ssm:name:version}}` and
//! `{{resolve:ssm-secure:name:version}}` ("Get a plaintext value from Systems Manager Parameter
//! Store", "Get a secure string value", CloudFormation user guide).

use api::ssm::{GetParameters, GetParametersRequest, Parameter, ParameterType};
use platform::{Ctx, Result};
use zeroize::Zeroizing;

use crate::names::{Reference, Selector};
use crate::refusals;

/// A dynamic reference, taken apart.
#[derive(Debug, PartialEq, Eq)]
struct DynamicReference<'a> {
    is_secret: bool,
    /// A name or an ARN, with a version behind it or without.
    parameter: &'a str,
}

/// What a dynamic reference stands for. CloudFormation asks for it on behalf of the caller, with
/// `ssm:GetParameters`, and KMS for what is secret.
pub async fn resolve(ctx: &Ctx, reference: &str) -> Result<Zeroizing<String>> {
    let parsed = DynamicReference::parse(reference);
    let parsed = parsed.ok_or_else(|| {
        refusals::invalid(format!(
            "Incorrect format is used in the following SSM reference: [{reference}]"
        ))
    })?;
    let meant = Reference::parse(ctx, parsed.parameter)?;
    if let Some(Selector::Label(label)) = meant.selector {
        let text = format!("A dynamic reference can't name a label: {label}");
        return Err(refusals::invalid(text).into());
    }
    let request = GetParametersRequest {
        names: vec![parsed.parameter.to_owned()],
        with_decryption: parsed.is_secret,
    };
    let call = ctx
        .on_behalf_of_caller("cloudformation")
        .call::<GetParameters>(request);
    let found = call.await?.parameters.unwrap_or_default().pop();
    let found = found.ok_or_else(refusals::no_parameter)?;
    value(found, parsed.is_secret)
}

fn value(found: Parameter, is_secret: bool) -> Result<Zeroizing<String>> {
    let is_secure_string = found.r#type == Some(ParameterType::SecureString);
    let name = found.name.unwrap_or_default();
    match (is_secret, is_secure_string) {
        (true, true) | (false, false) => Ok(found.value.unwrap_or_default()),
        (false, true) => Err(refusals::invalid(format!(
            "The parameter {name} is of type SecureString: use an ssm-secure reference."
        ))
        .into()),
        (true, false) => Err(refusals::invalid(format!(
            "The parameter {name} is not of type SecureString: use an ssm reference."
        ))
        .into()),
    }
}

impl<'a> DynamicReference<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let inner = text.strip_prefix("{{resolve:")?.strip_suffix("}}")?;
        let (service, parameter) = inner.split_once(':')?;
        let is_secret = match service {
            "ssm" => false,
            "ssm-secure" => true,
            _ => return None,
        };
        (!parameter.is_empty()).then_some(Self {
            is_secret,
            parameter,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::DynamicReference;

    #[test]
    fn a_reference_says_where_and_whether_it_is_secret() {
        for (text, expected) in [
            ("{{resolve:ssm:/a/b}}", Some((false, "/a/b"))),
            ("{{resolve:ssm:a:2}}", Some((false, "a:2"))),
            (
                "{{resolve:ssm-secure:/myapp/db/password}}",
                Some((true, "/myapp/db/password")),
            ),
            ("{{resolve:ssm:}}", None),
            ("{{resolve:secretsmanager:a}}", None),
            ("{{ssm:a}}", None),
            ("{{resolve:ssm:a}", None),
            ("a{{resolve:ssm:a}}", None),
        ] {
            let parsed = DynamicReference::parse(text);
            let parsed = parsed.map(|it| (it.is_secret, it.parameter));
            assert_eq!(parsed, expected, "{text}");
        }
    }
}
