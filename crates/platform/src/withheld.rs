//! The end of step 7: events on their way to the disk, and the answer that nobody hears before they
//! are durable.

use store::{JournalError, OnTheWay, journal};
use wire::{Fault, Value};

use crate::answer::{self, Context, Served};
use crate::lines::Standing;
use crate::waiting::Claim;
use crate::way::Way;

/// How a call ended, before anybody hears of it.
pub(crate) struct Ended {
    pub(crate) outcome: Result<Value, Fault>,
    recording: Option<Recording>,
}

/// The events of a call on their way, and what the call keeps until they are durable.
struct Recording {
    events: OnTheWay,
    _kept: Kept,
}

/// What a call keeps until it is over.
#[derive(Default)]
pub(crate) struct Kept {
    _call: Option<journal::Call>,
    _claims: Vec<Claim>,
}

/// An answer whose record may be on its way still: nobody may hear it before.
///
/// All else that the call took is given back by now. A call beside a hundred others waits for the disk
/// about as long as for the processor, and what it would hold on to meanwhile has to be fetched again
/// only to be thrown away.
#[must_use]
pub struct Withheld {
    /// The answer.
    pub served: Served,
    /// With what a refusal needs to know.
    recording: Option<(Recording, Context)>,
}

impl Kept {
    pub(crate) fn new(standing: &Standing, claims: Vec<Claim>) -> Self {
        Self {
            _call: standing.end(),
            _claims: claims,
        }
    }
}

impl Ended {
    /// A call whose events are on their way, unless they cannot be.
    pub(crate) fn recorded(
        outcome: Result<Value, Fault>,
        sent: Result<OnTheWay, JournalError>,
        kept: Kept,
        way: &Way,
    ) -> Self {
        match sent {
            Ok(events) => Self {
                outcome,
                recording: Some(Recording {
                    events,
                    _kept: kept,
                }),
            },
            Err(error) => answer::unavailable(&error, &way.request_id).into(),
        }
    }

    /// A call whose events are durable.
    pub(crate) fn durable(output: Value) -> Self {
        Self {
            outcome: Ok(output),
            recording: None,
        }
    }

    /// The answer, encoded.
    pub(crate) fn withheld(self, context: Context) -> Withheld {
        let served = match (&self.outcome, context.operation) {
            (Ok(output), Some(operation)) => context.success(operation, output),
            (Ok(_), None) => context.failure(&answer::internal()),
            (Err(fault), _) => context.failure(fault),
        };
        let recording = self.recording.map(|recording| (recording, context));
        Withheld { served, recording }
    }
}

/// A call of which nothing goes on record.
impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Self {
            outcome: Err(fault),
            recording: None,
        }
    }
}

impl Withheld {
    /// An answer to a request that is for no service.
    pub(crate) fn nowhere(served: Served) -> Self {
        Self {
            served,
            recording: None,
        }
    }

    /// Waits until the call is on record: the answer may be heard then. Where it could not be recorded,
    /// a refusal stands in the answer's place.
    pub async fn recorded(&mut self) -> Result<(), JournalError> {
        let Some((recording, context)) = &mut self.recording else {
            return Ok(());
        };
        let durable = recording.events.durable().await;
        if let Err(error) = &durable {
            let refusal = answer::unavailable(error, &context.request_id);
            self.served = context.failure(&refusal);
        }
        self.recording = None;
        durable.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::io;
    use std::pin::pin;
    use std::sync::mpsc::{Receiver, channel};
    use std::sync::{Arc, Mutex};
    use std::task::Poll;

    use crypto::Keyring;
    use store::journal::{JournalFiles, SegmentFile};
    use store::{Config, Event, Place, Store};
    use wire::{Common, Timestamp};

    use super::*;
    use crate::randomness::SeededRandom;
    use crate::route;
    use crate::service::Service;

    /// A disk that is told how each of its syncs ends.
    struct Told(Mutex<Option<Receiver<io::Result<()>>>>);

    struct Segment {
        is_begun: bool,
        told: Receiver<io::Result<()>>,
    }

    impl JournalFiles for Told {
        fn create(&self, _: u64) -> io::Result<Box<dyn SegmentFile>> {
            let told = self.0.lock().unwrap().take();
            let told = told.ok_or(io::ErrorKind::AlreadyExists)?;
            let is_begun = false;
            Ok(Box::new(Segment { is_begun, told }))
        }
    }

    impl SegmentFile for Segment {
        fn write_at(&mut self, _: u64, _: &[u8]) -> io::Result<()> {
            Ok(())
        }

        fn sync(&mut self) -> io::Result<()> {
            // The first one is of the header.
            match std::mem::replace(&mut self.is_begun, true) {
                false => Ok(()),
                true => self.told.recv().map_err(io::Error::other)?,
            }
        }

        fn truncate(&mut self, _: u64) -> io::Result<()> {
            Ok(())
        }
    }

    async fn store(dir: &tempfile::TempDir, told: Receiver<io::Result<()>>) -> Store {
        let keyring = Keyring::generate(&SeededRandom::new(1)).unwrap();
        let mut config = Config::new(Place::Directory(dir.path().to_owned()));
        config.journal_files = Some(Arc::new(Told(Mutex::new(Some(told)))));
        let random = Arc::new(SeededRandom::new(2));
        let store = Store::open(config, Arc::new(keyring), random).await;
        store.unwrap()
    }

    /// An answer whose event is on its way.
    fn withheld(store: &Store) -> Withheld {
        let services = [Service::new(&api::kms::SERVICE)];
        let request = http::Request::post("/")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", "TrentService.Sign");
        let parts = request.body(()).unwrap().into_parts().0;
        let now = Timestamp { millis: 1 };
        let way = Way::begin(&SeededRandom::new(3), now, &parts, (None, false)).unwrap();
        let Ok(route) = route::route(&services, &parts, None, None) else {
            panic!("KMS is served");
        };
        let event = Event {
            now_millis: 1,
            payload: b"{}".to_vec(),
            is_marked: false,
        };
        let outcome = Err(Fault::common(Common::AccessDenied, "for the caller alone"));
        let sent = store.hand_over(vec![event]);
        let ended = Ended::recorded(outcome, sent, Kept::default(), &way);
        ended.withheld(Context::new(&route, None, way.request_id))
    }

    #[tokio::test]
    async fn an_answer_waits_for_the_disk_and_is_replaced_where_that_fails() {
        let dir = tempfile::tempdir().unwrap();
        let (tell, told) = channel();
        let store = store(&dir, told).await;
        // Goes before the store, whose end waits for what it has to say.
        let tell = tell;

        let mut answer = withheld(&store);
        {
            let mut recorded = pin!(answer.recorded());
            for _ in 0..100 {
                let polled = poll_fn(|cx| Poll::Ready(recorded.as_mut().poll(cx))).await;
                assert!(polled.is_pending(), "nothing is durable");
                tokio::task::yield_now().await;
            }
            tell.send(Ok(())).unwrap();
            recorded.await.unwrap();
        }
        assert_eq!(answer.served.code, Some("AccessDeniedException"));

        let mut answer = withheld(&store);
        tell.send(Err(io::ErrorKind::Other.into())).unwrap();
        assert!(answer.recorded().await.is_err(), "it is not on record");
        let refusal = answer.served;
        assert_eq!(
            (refusal.reply.status, refusal.code),
            (503, Some("ServiceUnavailableException"))
        );
        let text = String::from_utf8_lossy(&refusal.reply.body);
        assert!(!text.contains("for the caller alone"), "{text}");
    }
}
