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
mod create_topic;
mod delete_topic;
mod delivering;
mod filter;
mod get_subscription_attributes;
mod get_topic_attributes;
mod list_subscriptions;
mod list_subscriptions_by_topic;
mod list_topics;
mod names;
mod one_subscription;
mod page;
mod publish;
mod publishing;
mod refusals;
mod set_subscription_attributes;
mod set_topic_attributes;
mod subscribe;
mod subscription;
mod tags;
mod topic;
mod unsubscribe;

use api::sns as api;
use platform::Service;

/// The service with all its operations.
pub fn service() -> Service {
    Service::new(&api::SERVICE)
        .invalid_input(refusals::malformed)
        .delivers(delivering::ToQueues)
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
        .op::<api::ListTopics>(list_topics::list_topics)
        .op::<api::Publish>(publish::publish)
        .op::<api::SetSubscriptionAttributes>(
            set_subscription_attributes::set_subscription_attributes,
        )
        .op::<api::SetTopicAttributes>(set_topic_attributes::set_topic_attributes)
        .op::<api::Subscribe>(subscribe::subscribe)
        .op::<api::Unsubscribe>(unsubscribe::unsubscribe)
}
