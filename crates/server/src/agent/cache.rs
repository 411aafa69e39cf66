//! Values that were asked for, for as long as they may be given again. Errors are not kept.
//!
//! Of those who ask for the same at once, one asks the server, and the others get what it got.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;
use tokio::sync::OnceCell;

use super::answers::{Problem, Value};
use super::question::Question;

/// A call to the server, whose answer all who wait for it get.
type Flight = Arc<OnceCell<Result<Arc<Value>, Problem>>>;

/// The cache. Times are seconds since any moment.
pub(super) struct Cache {
    ttl: f64,
    kept: Mutex<LruCache<Question, Kept>>,
    flights: Mutex<BTreeMap<Question, Flight>>,
}

struct Kept {
    value: Arc<Value>,
    /// When the server was asked.
    asked: f64,
}

impl Cache {
    /// A cache of so many values, each for so many seconds; of none, if that is 0.
    pub(super) fn new(size: NonZeroUsize, ttl_seconds: u32) -> Self {
        Self {
            ttl: f64::from(ttl_seconds),
            kept: Mutex::new(LruCache::new(size)),
            flights: Mutex::default(),
        }
    }

    /// The value: as it is kept, unless it has to be as it is now, or as `ask` gets it.
    pub(super) async fn value<F>(
        &self,
        question: &Question,
        refresh: bool,
        seconds: impl Fn() -> f64,
        ask: impl Fn() -> F,
    ) -> Result<Arc<Value>, Problem>
    where
        F: Future<Output = Result<Value, Problem>>,
    {
        let fetch = || async {
            let asked = seconds();
            let answer = ask().await.map(Arc::new);
            self.keep(question, &answer, asked);
            answer
        };
        // Whoever wants what is true now cannot share a call that began before.
        if refresh || self.ttl <= 0.0 {
            return fetch().await;
        }
        if let Some(value) = self.fresh(question, seconds()) {
            return Ok(value);
        }
        let flight = Arc::clone(self.flights().entry(question.clone()).or_default());
        let waiting = Waiting {
            cache: self,
            question,
            flight,
        };
        waiting.flight.get_or_init(fetch).await.clone()
    }

    /// The value as it is kept, however old.
    pub(super) fn stale(&self, question: &Question) -> Option<Arc<Value>> {
        let mut kept = self.kept();
        kept.get(question).map(|kept| Arc::clone(&kept.value))
    }

    fn fresh(&self, question: &Question, now: f64) -> Option<Arc<Value>> {
        let mut kept = self.kept();
        let found = kept.get(question)?;
        (now < found.asked + self.ttl).then(|| Arc::clone(&found.value))
    }

    /// Keeps an answer, unless a later one is kept. What is gone, or may not be read any more, is
    /// forgotten; where the server could not be asked, what was true last stays.
    fn keep(&self, question: &Question, answer: &Result<Arc<Value>, Problem>, asked: f64) {
        if self.ttl <= 0.0 {
            return;
        }
        let mut kept = self.kept();
        if kept.peek(question).is_some_and(|known| known.asked > asked) {
            return;
        }
        match answer {
            Ok(value) => {
                let value = Arc::clone(value);
                kept.put(question.clone(), Kept { value, asked });
            }
            Err(problem) if problem.is_transient => {}
            Err(_) => {
                kept.pop(question);
            }
        }
    }

    fn kept(&self) -> MutexGuard<'_, LruCache<Question, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn flights(&self) -> MutexGuard<'_, BTreeMap<Question, Flight>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of those who wait for a call. Whoever leaves takes it off the list, if it has its answer or
/// nobody else waits for one.
struct Waiting<'a> {
    cache: &'a Cache,
    question: &'a Question,
    flight: Flight,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut flights = self.cache.flights();
        let is_listed = flights
            .get(self.question)
            .is_some_and(|known| Arc::ptr_eq(known, &self.flight));
        // The list and this one hold it.
        let is_last = Arc::strong_count(&self.flight) <= 2;
        if is_listed && (is_last || self.flight.initialized()) {
            flights.remove(self.question);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    /// A server that counts, and a clock that is set.
    #[derive(Default)]
    struct World {
        now: Cell<f64>,
        asked: Cell<u32>,
        fails: RefCell<Option<Problem>>,
    }

    impl World {
        async fn get(&self, cache: &Cache, name: &str, refresh: bool) -> Result<String, Problem> {
            let ask = || async {
                self.asked.set(self.asked.get() + 1);
                let text = format!("{name}{}", self.asked.get());
                tokio::task::yield_now().await;
                match self.fails.borrow().clone() {
                    None => Ok(Value::new(text.into_bytes())),
                    Some(problem) => Err(problem),
                }
            };
            let question = question(name);
            let value = cache
                .value(&question, refresh, || self.now.get(), ask)
                .await?;
            Ok(String::from_utf8_lossy((*value).as_ref()).into_owned())
        }
    }

    fn question(name: &str) -> Question {
        Question::Parameter {
            name: name.to_owned(),
            with_decryption: false,
        }
    }

    fn cache(size: usize, ttl: u32) -> Cache {
        Cache::new(NonZeroUsize::new(size).unwrap(), ttl)
    }

    fn problem(is_transient: bool) -> Problem {
        Problem {
            status: 400,
            code: "X".to_owned(),
            message: String::new(),
            is_transient,
        }
    }

    #[tokio::test]
    async fn a_value_is_given_again_until_its_time_is_over() {
        let (world, cache) = (World::default(), cache(9, 300));
        assert_eq!(world.get(&cache, "a", false).await.unwrap(), "a1");
        world.now.set(299.9);
        assert_eq!(world.get(&cache, "a", false).await.unwrap(), "a1");
        assert_eq!(world.get(&cache, "b", false).await.unwrap(), "b2");
        world.now.set(300.0);
        assert_eq!(world.get(&cache, "a", false).await.unwrap(), "a3");
        assert_eq!(world.get(&cache, "a", true).await.unwrap(), "a4");
        assert_eq!(world.get(&cache, "a", false).await.unwrap(), "a4");
        world.now.set(599.9);
        assert_eq!(world.get(&cache, "a", false).await.unwrap(), "a4");
    }

    #[tokio::test]
    async fn without_time_nothing_is_kept() {
        let (world, cache) = (World::default(), cache(9, 0));
        assert_eq!(world.get(&cache, "a", false).await.unwrap(), "a1");
        assert_eq!(world.get(&cache, "a", false).await.unwrap(), "a2");
        assert!(cache.stale(&question("a")).is_none());
    }

    #[tokio::test]
    async fn what_was_used_least_recently_goes_first() {
        let (world, cache) = (World::default(), cache(2, 300));
        for name in ["a", "b", "a", "c"] {
            world.get(&cache, name, false).await.unwrap();
        }
        assert_eq!(world.get(&cache, "a", false).await.unwrap(), "a1");
        assert_eq!(world.get(&cache, "b", false).await.unwrap(), "b4");
    }

    #[tokio::test]
    async fn those_who_ask_at_once_make_one_call() {
        let (world, cache) = (World::default(), cache(9, 300));
        let (one, other, third) = tokio::join!(
            world.get(&cache, "a", false),
            world.get(&cache, "a", false),
            world.get(&cache, "b", false),
        );
        assert_eq!(
            (one.unwrap(), other.unwrap()),
            ("a1".to_owned(), "a1".to_owned())
        );
        assert_eq!(third.unwrap(), "b2");
        assert!(cache.flights().is_empty());
        // What is to be as it is now is asked for by each.
        let (one, other) = tokio::join!(world.get(&cache, "a", true), world.get(&cache, "a", true));
        assert_ne!(one.unwrap(), other.unwrap());
    }

    #[tokio::test]
    async fn errors_are_shared_but_not_kept() {
        let (world, cache) = (World::default(), cache(9, 300));
        *world.fails.borrow_mut() = Some(problem(false));
        let (one, other) =
            tokio::join!(world.get(&cache, "a", false), world.get(&cache, "a", false));
        assert!(one.is_err() && other.is_err());
        assert_eq!(world.asked.get(), 1);
        *world.fails.borrow_mut() = None;
        assert_eq!(world.get(&cache, "a", false).await.unwrap(), "a2");
    }

    #[tokio::test]
    async fn what_may_not_be_read_any_more_is_forgotten() {
        let (world, cache) = (World::default(), cache(9, 300));
        world.get(&cache, "a", false).await.unwrap();
        *world.fails.borrow_mut() = Some(problem(true));
        assert!(world.get(&cache, "a", true).await.is_err());
        assert!(cache.stale(&question("a")).is_some());
        assert_eq!(world.get(&cache, "a", false).await.unwrap(), "a1");
        *world.fails.borrow_mut() = Some(problem(false));
        assert!(world.get(&cache, "a", true).await.is_err());
        assert!(cache.stale(&question("a")).is_none());
    }

    #[tokio::test]
    async fn whoever_waits_takes_over_a_call_that_is_given_up() {
        let (world, cache) = (World::default(), cache(9, 300));
        let waker = std::task::Waker::noop();
        let mut context = std::task::Context::from_waker(waker);
        let mut first = Box::pin(world.get(&cache, "a", false));
        let mut second = Box::pin(world.get(&cache, "a", false));
        assert!(first.as_mut().poll(&mut context).is_pending());
        assert!(second.as_mut().poll(&mut context).is_pending());
        drop(first);
        assert_eq!(second.await.unwrap(), "a2");
        assert!(cache.flights().is_empty());
    }

    #[tokio::test]
    async fn a_call_that_is_given_up_is_forgotten() {
        let (world, cache) = (World::default(), cache(9, 300));
        {
            let first = world.get(&cache, "a", false);
            tokio::pin!(first);
            let waker = std::task::Waker::noop();
            let mut context = std::task::Context::from_waker(waker);
            assert!(first.as_mut().poll(&mut context).is_pending());
            assert_eq!(cache.flights().len(), 1);
        }
        assert!(cache.flights().is_empty());
        assert_eq!(world.get(&cache, "a", false).await.unwrap(), "a2");
        assert!(cache.flights().is_empty());
    }
}
