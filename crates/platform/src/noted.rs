//! What a handler lets the call's event say beside request and answer.

use std::sync::PoisonError;

use crate::ctx::Ctx;

/// A member of `additionalEventData`.
pub(crate) struct Additional {
    pub(crate) name: &'static str,
    pub(crate) said: Said,
}

/// What a member of `additionalEventData` says.
pub(crate) enum Said {
    Text(String),
    Object(Vec<(String, String)>),
}

impl Ctx {
    /// Puts an object of texts into the event's `additionalEventData` (CloudTrail record contents).
    pub fn note(&self, name: &'static str, members: Vec<(String, String)>) {
        self.note_additional(name, Said::Object(members));
    }

    /// Lets the event say a parameter in other words.
    pub fn note_parameter(&self, name: &'static str, said: impl Into<String>) {
        let mut known = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some((name, said.into()));
    }

    /// Puts a text into the event's `additionalEventData`.
    pub fn note_text(&self, name: &'static str, text: impl Into<String>) {
        self.note_additional(name, Said::Text(text.into()));
    }

    fn note_additional(&self, name: &'static str, said: Said) {
        let mut known = self
            .additional
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        known.retain(|known| known.name != name);
        known.push(Additional { name, said });
    }
}
