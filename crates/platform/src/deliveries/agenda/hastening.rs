//! Deliveries that wait for their next attempt, and need not wait any longer.

use std::sync::Arc;

use wire::{ServiceTable, Timestamp};

use super::{Agenda, DeliveryId, State};
use crate::deliveries::records::{DeliveryRecord, whole_queue};
use crate::fault::Result;
use crate::upkeep::Upkeep;

impl Upkeep {
    /// Makes the next attempts at what waits in a queue due at once, with the first one of an ordered
    /// queue those behind it. What is under way stays so.
    pub async fn hasten_deliveries(
        &self,
        (account, service): (&str, &'static ServiceTable),
        queue: &str,
        now: Timestamp,
    ) -> Result<()> {
        let agenda = &self.house()?.deliveries;
        let queue = whole_queue(account, service.name, queue);
        let mut txn = self.begin();
        for id in agenda.waiting_in(&queue) {
            let Some(record) = txn.get::<DeliveryRecord>(&id.key()).await? else {
                continue;
            };
            let mut sooner = DeliveryRecord::clone(&record);
            sooner.due_millis = sooner.due_millis.min(now.millis);
            txn.put(id.key(), sooner);
        }
        // If somebody else commits first, an attempt has just been made.
        if txn.has_writes() && self.commit_part(txn).await? {
            agenda.hasten(&queue, now.millis);
        }
        Ok(())
    }
}

impl Agenda {
    pub(super) fn hasten(&self, queue: &str, now_millis: i64) {
        self.state().hasten(queue, now_millis);
        self.wake.notify_one();
    }

    fn waiting_in(&self, queue: &str) -> Vec<DeliveryId> {
        let state = self.state();
        let queue = state.queues.get(queue);
        let waiting = queue.map(|queue| queue.waiting.keys().map(|(_, id)| *id).collect());
        waiting.unwrap_or_default()
    }
}

impl State {
    fn hasten(&mut self, name: &str, now_millis: i64) {
        let Some((name, queue)) = self.queues.get_key_value(name) else {
            return;
        };
        let (name, is_ordered) = (Arc::clone(name), queue.ordered);
        if let Some(queue) = self.queues.get_mut(&name) {
            queue.not_before = queue.not_before.min(now_millis);
            if !is_ordered {
                let waiting = std::mem::take(&mut queue.waiting).into_iter();
                let sooner = waiting.map(|((due, id), bytes)| ((due.min(now_millis), id), bytes));
                queue.waiting = sooner.collect();
            }
        }
        self.set_turn(&name);
    }
}
