//! The one integration binary; `README.md` says what each module holds.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod cli;
mod crawl;
mod demo_server;
mod layers;
mod net;
mod pages;
mod robots;
mod store;
mod support;
