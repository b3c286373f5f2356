//! connectors

pub mod email;
