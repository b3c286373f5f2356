//! Raw mails in, messages and ledger rows out.

mod corpus;
mod erasing;
mod fixture;
mod judging;
mod merging;
mod threading;
