//! What follows from a write, in its transaction: whatever reacts to events looks at them here,
//! after the use case and before the commit.

use storage::Tx;

use crate::{Desk, Result, automations};

impl Desk {
    /// Runs `work`, and then what follows from the events it recorded, in one transaction. Every
    /// write that changes conversations, messages or contacts comes through here.
    ///
    /// # Errors
    /// Those of `work` and of the store, then nothing was kept. What follows harms nobody: it fails
    /// alone.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.write_then(work, |_, made| Ok(made)).await
    }

    /// As [`Self::write`], answering what `read` finds when all that follows has happened.
    ///
    /// # Errors
    /// As [`Self::write`], and those of `read`.
    pub async fn write_then<T, U>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
        read: impl FnOnce(&Tx<'_>, T) -> Result<U> + Send + 'static,
    ) -> Result<U>
    where
        U: Send + 'static,
    {
        let (desk, now) = (self.clone(), self.clock.now());
        self.store
            .write(move |tx| {
                let made = work(tx)?;
                automations::follow(tx, &desk, now)?;
                read(tx, made)
            })
            .await
    }
}
