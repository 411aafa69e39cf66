//! Amazon SNS: topics, and the subscriptions that what is published to them goes to.
//!
//! One operation, one file. A topic is reached through the decision about it (`access`). What is
//! published is staged for each subscription that takes it (`publishing`), in the commit of the call,
//! and delivered by itself (`delivering`): to queues as the service principal of Amazon SNS, as far as
//! the queue's policy lets it, and to web servers over HTTPS, signed by the installation's own key
//! (`signing_key`).
//!
//! What this crate never does: send anything to who has not agreed to it, or say a message where a
//! filter does not take it.

mod access;
mod add_permission;
mod confirm_subscription;
mod confirming;
mod create_topic;
mod deduplication;
mod delete_topic;
mod delivering;
mod delivery_policy;
mod emptying;
mod encryption;
mod envelope;
mod fan_out;
mod filter;
#[cfg(test)]
mod formats;
mod functions;
mod get_subscription_attributes;
mod get_topic_attributes;
mod list_subscriptions;
mod list_subscriptions_by_topic;
mod list_tags_for_resource;
mod list_topics;
mod names;
mod one_subscription;
mod page;
mod permissions;
mod publish;
mod publish_batch;
mod publishing;
mod quotas;
mod refusals;
mod remove_permission;
mod sending;
mod set_subscription_attributes;
mod set_topic_attributes;
mod signing_key;
mod subscribe;
mod subscription;
mod subscription_checks;
mod subscription_formats;
mod tag_resource;
mod tags;
mod topic;
mod unsubscribe;
mod untag_resource;

use api::sns as api;
use platform::Service;

pub use signing_key::certificate;

/// The largest body of a request with messages, in bytes: 1 MiB in which every character is escaped,
/// and what stands around it.
const MOST_BODY: usize = 4 * 1024 * 1024;

/// The service with all its operations.
pub fn service() -> Service {
    Service::new(&api::SERVICE)
        .invalid_input(refusals::malformed)
        .links(&["TopicArn", "SubscriptionArn"])
        .bodies_of::<api::Publish>(MOST_BODY)
        .bodies_of::<api::PublishBatch>(MOST_BODY)
        .delivers(delivering::Endpoints::default())
        .op::<api::AddPermission>(add_permission::add_permission)
        .op::<api::ConfirmSubscription>(confirm_subscription::confirm_subscription)
        .op::<api::CreateTopic>(create_topic::create_topic)
        .op::<api::DeleteTopic>(delete_topic::delete_topic)
        .op::<api::GetSubscriptionAttributes>(
            get_subscription_attributes::get_subscription_attributes,
        )
        .op::<api::GetTopicAttributes>(get_topic_attributes::get_topic_attributes)
        .op::<api::ListSubscriptions>(list_subscriptions::list_subscriptions)
        .op::<api::ListSubscriptionsByTopic>(
            list_subscriptions_by_topic::list_subscriptions_by_topic,
        )
        .op::<api::ListTagsForResource>(list_tags_for_resource::list_tags_for_resource)
        .op::<api::ListTopics>(list_topics::list_topics)
        .op::<api::Publish>(publish::publish)
        .op::<api::PublishBatch>(publish_batch::publish_batch)
        .op::<api::RemovePermission>(remove_permission::remove_permission)
        .op::<api::SetSubscriptionAttributes>(
            set_subscription_attributes::set_subscription_attributes,
        )
        .op::<api::SetTopicAttributes>(set_topic_attributes::set_topic_attributes)
        .op::<api::Subscribe>(subscribe::subscribe)
        .op::<api::TagResource>(tag_resource::tag_resource)
        .op::<api::Unsubscribe>(unsubscribe::unsubscribe)
        .op::<api::UntagResource>(untag_resource::untag_resource)
        .quotas(&quotas::QUOTAS)
}
