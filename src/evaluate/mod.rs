//! Evaluate: how well cardvet reads, measured on pages that people have labelled.
//!
//! [`set`] loads a folder of pages with labels, [`score`] compares labels with the facts that were read: hits, false
//! alarms and misses for every fact, with precision and recall. It reads no page itself (whoever calls hands in the
//! facts) and it prints nothing.

pub mod score;
pub mod set;

pub use score::{Miss, Score, Tally};
pub use set::{Case, Expectation, Set, SetError, Terms};
