//! The active rules, remembered between writes: reading and checking them for each would be the
//! dearest part of it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::automations::{Field, Rule, Trigger};
use storage::{Reader, StoreError, automations};
use uuid::Uuid;

use crate::Result;

#[derive(Default)]
pub(crate) struct Rulebook(Mutex<Option<Arc<Edition>>>);

/// The rules as they are at one version.
pub(super) struct Edition {
    version: Option<Uuid>,
    rules: HashMap<Trigger, Vec<Arc<Rule>>>,
    has_timed: bool,
}

impl Rulebook {
    /// The rules as this transaction sees them.
    pub(super) fn read(&self, db: &Reader<'_>) -> Result<Arc<Edition>> {
        let version = automations::version(db)?;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(edition) = known.as_ref().filter(|it| it.version == version) {
            return Ok(edition.clone());
        }
        let edition = Arc::new(Edition::read(db, version)?);
        *known = Some(edition.clone());
        Ok(edition)
    }
}

impl Edition {
    fn read(db: &Reader<'_>, version: Option<Uuid>) -> Result<Self> {
        let mut rules: HashMap<Trigger, Vec<Arc<Rule>>> = HashMap::new();
        let all = match version {
            None => Vec::new(),
            Some(_) => match automations::all(db) {
                Ok(all) => all,
                // Without rules the desk works; without writes it does not.
                Err(StoreError::Database(error)) => {
                    tracing::error!(%error, "The rules cannot be read and are left out");
                    Vec::new()
                }
                Err(error) => return Err(error.into()),
            },
        };
        for rule in all.into_iter().filter(|it| it.is_active) {
            rules.entry(rule.trigger).or_default().push(Arc::new(rule));
        }
        let has_timed = rules.keys().any(|it| it.is_timed());
        Ok(Self { version, rules, has_timed })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// In the order in which they look.
    pub(super) fn of(&self, trigger: Trigger) -> &[Arc<Rule>] {
        self.rules.get(&trigger).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn has_timed(&self) -> bool {
        self.has_timed
    }

    /// All timed rules, in the order in which they look.
    pub(super) fn timed(&self) -> Vec<Arc<Rule>> {
        let timed = self.rules.iter().filter(|(trigger, _)| trigger.is_timed());
        let mut all: Vec<Arc<Rule>> = timed.flat_map(|(_, rules)| rules.iter().cloned()).collect();
        all.sort_by_key(|it| (it.position, it.id));
        all
    }

    pub(super) fn uses(&self, trigger: Trigger, fields: &[Field]) -> bool {
        let of = self.of(trigger);
        of.iter().any(|rule| fields.iter().any(|field| rule.conditions.uses(*field)))
    }
}
