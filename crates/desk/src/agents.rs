//! Agents: people with an account.
