//! What the writer is asked to do, and how it answers.

use tokio::sync::oneshot;

use crate::{bulk::Load, error::StoreError, tx::Tx};

/// An order to the writer.
pub(crate) enum Order {
    Write(Box<dyn Job>),
    /// Has the connection for itself.
    Alone(Bulk),
    Close,
}

/// A load; what it returns answers its caller once all of it is durable.
pub(crate) type Bulk = Box<dyn FnOnce(&Load<'_>) -> Box<dyn FnOnce()> + Send>;

/// Why none of a batch was kept. Each of its jobs hears it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Failure {
    Busy,
    Full,
    Interrupted,
    Fatal,
    Closed,
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Busy => Self::Busy,
            Failure::Full => Self::Full,
            Failure::Interrupted => Self::Interrupted,
            Failure::Fatal => Self::Fatal,
            Failure::Closed => Self::Closed,
        }
    }
}

/// A write that waits for the writer, whatever its types are.
pub(crate) trait Job: Send {
    /// Does the work once and keeps the answer; true when its changes shall stay.
    fn run(&mut self, tx: &Tx<'_>) -> bool;

    /// Answers after the commit, or with why there was none. What the job found out by itself
    /// is void then: it may rest on a neighbour's write that is gone.
    fn answer(self: Box<Self>, failure: Option<Failure>);
}

pub(crate) struct Work<F, T, E> {
    work: Option<F>,
    /// None after `run` means that the work panicked.
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Work<F, T, E> {
    pub(crate) fn new(work: F, reply: oneshot::Sender<Result<T, E>>) -> Self {
        Self { work: Some(work), result: None, reply }
    }
}

impl<F, T, E> Job for Work<F, T, E>
where
    F: FnOnce(&Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, tx: &Tx<'_>) -> bool {
        let work = self.work.take().expect("the writer runs a job once");
        let result = work(tx);
        let kept = result.is_ok();
        self.result = Some(result);
        kept
    }

    fn answer(self: Box<Self>, failure: Option<Failure>) {
        let result = match failure {
            Some(failure) => Err(StoreError::from(failure).into()),
            None => self.result.unwrap_or_else(|| Err(StoreError::Panicked.into())),
        };
        // Nobody listens any more when the client went away; the write counts all the same.
        let _ = self.reply.send(result);
    }
}
