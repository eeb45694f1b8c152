//! cardvet
pub mod address;
pub mod evidence;
pub mod facts;
pub mod finding;
pub mod inspect;
pub mod net;
pub mod page;
pub mod rules;
pub mod score;
pub mod target;
