//! The one integration binary; `README.md` says what each module holds.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod cli;
mod crawl;
mod demo_server;
mod extraction;
mod judging;
mod layers;
mod line;
mod net;
mod observations;
mod pages;
mod programs;
mod robots;
mod rules;
mod sites;
mod store;
mod support;
