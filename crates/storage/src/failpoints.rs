//! Named places at which a debug build can be told to die, so that tests see what a crash leaves there.

/// The environment variable that names the place.
pub const VARIABLE: &str = "FAILPOINT";

/// Ends the process at once, as a kill would, when the environment names this place. Does nothing in
/// a release build.
pub fn reach(name: &str) {
    #[cfg(debug_assertions)]
    {
        static CHOSEN: std::sync::LazyLock<Option<String>> =
            std::sync::LazyLock::new(|| std::env::var(VARIABLE).ok());
        if CHOSEN.as_deref() == Some(name) {
            std::process::abort();
        }
    }
    #[cfg(not(debug_assertions))]
    let _ = name;
}
