//! Others, as far as tests need them: what was sent to them is kept, and answers are scripted.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::outbound::{
    Outbound, OutboundFailure, OutboundFuture, OutboundRequest, OutboundResponse,
};

/// Keeps requests, and answers with what is scripted; with `200` where nothing is.
#[derive(Default)]
pub struct ScriptedOutbound(Mutex<Script>);

#[derive(Default)]
struct Script {
    sent: Vec<OutboundRequest>,
    answers: VecDeque<Result<OutboundResponse, OutboundFailure>>,
}

impl ScriptedOutbound {
    /// The next request that no earlier script is for gets this answer.
    pub fn answer(&self, status: u16, body: &str) {
        self.script().answers.push_back(Ok(response(status, body)));
    }

    /// The next request that no earlier script is for gets this answer, with headers.
    pub fn answer_with(&self, status: u16, headers: &[(&str, &str)], body: &str) {
        let mut response = response(status, body);
        let headers = headers
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), (*value).to_owned()));
        response.headers = headers.collect();
        self.script().answers.push_back(Ok(response));
    }

    /// The next request that no earlier script is for fails.
    pub fn fail(&self, failure: OutboundFailure) {
        self.script().answers.push_back(Err(failure));
    }

    /// What was sent since this was asked last, in order.
    pub fn sent(&self) -> Vec<OutboundRequest> {
        std::mem::take(&mut self.script().sent)
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outbound for ScriptedOutbound {
    fn send(&self, request: OutboundRequest) -> OutboundFuture<'_> {
        let mut script = self.script();
        script.sent.push(request);
        let answer = script.answers.pop_front();
        Box::pin(std::future::ready(
            answer.unwrap_or_else(|| Ok(response(200, ""))),
        ))
    }
}

fn response(status: u16, body: &str) -> OutboundResponse {
    OutboundResponse {
        status,
        headers: Vec::new(),
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}
