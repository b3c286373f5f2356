//! What a browser gets, embedded as bytes: the dashboard and its icon.

pub mod app;

/// An SVG. Browsers ask for it by themselves, also beside pages that name no icon.
pub const ICON: &[u8] = include_bytes!("../pages/icon.svg");
