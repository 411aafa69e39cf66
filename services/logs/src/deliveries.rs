//! What the service does after calls have committed: queries are run, matches are forwarded.

use platform::{Ctx, Deliverer, Delivery, DeliveryFuture, GivenUp, Outcome};

use crate::forwarding::Forwarder;
use crate::querying;

/// Makes the deliveries of the service.
pub(crate) struct Deliveries;

impl Deliverer for Deliveries {
    fn deliver<'a>(&'a self, ctx: &'a Ctx, delivery: &'a Delivery) -> DeliveryFuture<'a, Outcome> {
        match delivery.queue.starts_with(querying::QUEUE) {
            true => Box::pin(querying::run(ctx, delivery)),
            false => Forwarder.deliver(ctx, delivery),
        }
    }

    fn give_up<'a>(
        &'a self,
        ctx: &'a Ctx,
        delivery: &'a Delivery,
        given_up: &'a GivenUp,
    ) -> DeliveryFuture<'a, ()> {
        match delivery.queue.starts_with(querying::QUEUE) {
            true => Box::pin(querying::fail(ctx, delivery)),
            false => Forwarder.give_up(ctx, delivery, given_up),
        }
    }
}
