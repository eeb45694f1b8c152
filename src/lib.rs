//! cardvet
pub mod address;
pub mod evidence;
pub mod facts;
pub mod inspect;
pub mod lexicon;
pub mod net;
pub mod page;
pub mod target;
pub mod text;
