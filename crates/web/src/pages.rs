//! Our own pages: static files from the binary.
use crate::routes::Routes;
pub(crate) fn routes(_: &mut Routes) {}
