//! cardvet
pub mod address;
pub mod advice;
pub mod assessment;
pub mod data;
pub mod demo;
pub mod evidence;
pub mod facts;
pub mod finding;
pub mod inspect;
pub mod net;
pub mod page;
pub mod report;
pub mod rules;
pub mod scope;
pub mod score;
pub mod store;
pub mod target;
