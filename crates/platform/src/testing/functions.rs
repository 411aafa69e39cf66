//! Functions, as far as tests need them: they are closures that see what they are run with.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::ctx::Ctx;
use crate::functions::{
    FunctionAnswer, FunctionCaller, FunctionFailure, FunctionFuture, Functions,
};
use crate::upkeep::Upkeep;

/// What a scripted function does: it gets its event, and answers when its future ends. It may call
/// the harness in between, as functions call the program.
pub type Scripted =
    Arc<dyn Fn(Bytes) -> FunctionFuture<'static, FunctionAnswer> + Send + Sync + 'static>;

/// Functions by their ARNs. Whatever has no script does not exist.
#[derive(Default)]
pub struct ScriptedFunctions(Mutex<Script>);

#[derive(Default)]
struct Script {
    functions: HashMap<String, Scripted>,
    ran: Vec<(FunctionCaller, Bytes)>,
}

impl ScriptedFunctions {
    /// From now on the function of this ARN does this.
    pub fn script(&self, function: &str, does: Scripted) {
        self.state().functions.insert(function.to_owned(), does);
    }

    /// From now on the function of this ARN answers `payload`, at once.
    pub fn answer(&self, function: &str, payload: &str) {
        let answer = FunctionAnswer {
            payload: Bytes::copy_from_slice(payload.as_bytes()),
            error: None,
        };
        self.script(
            function,
            Arc::new(move |_| Box::pin(std::future::ready(Ok(answer.clone())))),
        );
    }

    /// From now on the function of this ARN fails in this way before it runs.
    pub fn fail(&self, function: &str, failure: FunctionFailure) {
        self.script(
            function,
            Arc::new(move |_| Box::pin(std::future::ready(Err(failure.clone())))),
        );
    }

    /// There is no such function any more.
    pub fn forget(&self, function: &str) {
        self.state().functions.remove(function);
    }

    /// What was run or queued since this was asked last, in order.
    pub fn ran(&self) -> Vec<(FunctionCaller, Bytes)> {
        std::mem::take(&mut self.state().ran)
    }

    fn find(&self, caller: &FunctionCaller) -> Result<Scripted, FunctionFailure> {
        let found = self.state().functions.get(&caller.function).cloned();
        found.ok_or_else(|| {
            let text = format!("Function not found: {}", caller.function);
            FunctionFailure::lasting("ResourceNotFoundException", text)
        })
    }

    fn state(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Functions for ScriptedFunctions {
    fn may_run<'a>(&'a self, _: &'a Ctx, caller: &'a FunctionCaller) -> FunctionFuture<'a, ()> {
        Box::pin(std::future::ready(self.find(caller).map(drop)))
    }

    fn run<'a>(
        &'a self,
        _: &'a Upkeep,
        caller: &'a FunctionCaller,
        event: Bytes,
    ) -> FunctionFuture<'a, FunctionAnswer> {
        Box::pin(async move {
            let does = self.find(caller)?;
            self.state().ran.push((caller.clone(), event.clone()));
            does(event).await
        })
    }

    fn queue<'a>(
        &'a self,
        _: &'a Upkeep,
        caller: &'a FunctionCaller,
        event: Bytes,
    ) -> FunctionFuture<'a, ()> {
        Box::pin(async move {
            self.find(caller)?;
            self.state().ran.push((caller.clone(), event));
            Ok(())
        })
    }
}
