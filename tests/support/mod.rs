//! What tests start and hold on loopback: servers that end with the value, and a clock that jumps.

pub(crate) mod clock;
pub(crate) mod dns;
pub(crate) mod web;
