//! Reports: an assessment shown to a person or a program.
//!
//! Takes an [`Assessment`] and gives text; it decides nothing and adds nothing that is not in it. Every string
//! that came from a site is made harmless here, once, before it reaches a terminal.

pub mod escape;
pub mod facts;
mod labels;
pub mod moves;
pub mod table;
pub mod text;

pub use labels::{Lang, grade_label, reason_label};

use crate::assessment::Assessment;

/// One line of JSON, without a line feed: exactly the public object, with what could harm a terminal escaped.
pub fn json(assessment: &Assessment) -> String {
    escape::json(&String::from_utf8_lossy(&assessment.to_bytes()))
}
