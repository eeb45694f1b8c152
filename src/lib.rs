//! cardvet
pub mod address;
pub mod demo;
pub mod evidence;
pub mod facts;
pub mod inspect;
pub mod net;
pub mod page;
pub mod target;
