//! SAML 2.0 providers: issuers of assertions that roles may trust.

mod create_saml_provider;
mod delete_saml_provider;
mod get_saml_provider;
mod list_saml_provider_tags;
mod list_saml_providers;
pub(crate) mod private_keys;
pub(crate) mod record;
mod tag_saml_provider;
mod untag_saml_provider;
mod update_saml_provider;

use platform::Service;

/// Adds the operations.
pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<api::iam::CreateSAMLProvider>(create_saml_provider::create_saml_provider)
        .op::<api::iam::DeleteSAMLProvider>(delete_saml_provider::delete_saml_provider)
        .op::<api::iam::GetSAMLProvider>(get_saml_provider::get_saml_provider)
        .op::<api::iam::ListSAMLProviderTags>(list_saml_provider_tags::list_saml_provider_tags)
        .op::<api::iam::ListSAMLProviders>(list_saml_providers::list_saml_providers)
        .op::<api::iam::TagSAMLProvider>(tag_saml_provider::tag_saml_provider)
        .op::<api::iam::UntagSAMLProvider>(untag_saml_provider::untag_saml_provider)
        .op::<api::iam::UpdateSAMLProvider>(update_saml_provider::update_saml_provider)
}
