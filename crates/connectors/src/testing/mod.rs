//! Scripted mail servers on loopback, for tests.
