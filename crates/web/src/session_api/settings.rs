//! The workspace's settings and one's own password.
use crate::routes::Routes;
pub(crate) fn routes(_: &mut Routes) {}
