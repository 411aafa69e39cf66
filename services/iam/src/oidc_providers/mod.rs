//! OpenID Connect providers: issuers of identity tokens that roles may trust.

mod add_client_id_to_open_id_connect_provider;
mod create_open_id_connect_provider;
mod delete_open_id_connect_provider;
mod get_open_id_connect_provider;
mod list_open_id_connect_provider_tags;
mod list_open_id_connect_providers;
pub(crate) mod record;
mod remove_client_id_from_open_id_connect_provider;
mod tag_open_id_connect_provider;
mod untag_open_id_connect_provider;
mod update_open_id_connect_provider_thumbprint;

use platform::Service;

/// Adds the operations.
pub(crate) fn operations(service: Service) -> Service {
    service
        .op::<api::iam::AddClientIDToOpenIDConnectProvider>(add_client_id_to_open_id_connect_provider::add_client_id_to_open_id_connect_provider)
        .op::<api::iam::CreateOpenIDConnectProvider>(create_open_id_connect_provider::create_open_id_connect_provider)
        .op::<api::iam::DeleteOpenIDConnectProvider>(delete_open_id_connect_provider::delete_open_id_connect_provider)
        .op::<api::iam::GetOpenIDConnectProvider>(get_open_id_connect_provider::get_open_id_connect_provider)
        .op::<api::iam::ListOpenIDConnectProviderTags>(list_open_id_connect_provider_tags::list_open_id_connect_provider_tags)
        .op::<api::iam::ListOpenIDConnectProviders>(list_open_id_connect_providers::list_open_id_connect_providers)
        .op::<api::iam::RemoveClientIDFromOpenIDConnectProvider>(remove_client_id_from_open_id_connect_provider::remove_client_id_from_open_id_connect_provider)
        .op::<api::iam::TagOpenIDConnectProvider>(tag_open_id_connect_provider::tag_open_id_connect_provider)
        .op::<api::iam::UntagOpenIDConnectProvider>(untag_open_id_connect_provider::untag_open_id_connect_provider)
        .op::<api::iam::UpdateOpenIDConnectProviderThumbprint>(update_open_id_connect_provider_thumbprint::update_open_id_connect_provider_thumbprint)
}
