//! How many may listen at once.

/// How many streams visitors may have open.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub of_one_visitor: usize,
    /// An office or a mobile provider has many visitors behind one address.
    pub of_one_network: usize,
    pub of_one_channel: usize,
    pub of_everybody: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            of_one_visitor: 8,
            of_one_network: 500,
            of_one_channel: 12_000,
            of_everybody: 12_000,
        }
    }
}

/// Why somebody is not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    TooManyOfOne,
    TooMany,
    Stopping,
}
