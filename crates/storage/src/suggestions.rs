//! What suggested replies are found among, and what the model that drafts them used.

pub mod candidates;
pub mod usage;
