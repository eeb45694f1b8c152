//! The one integration binary; `README.md` says what each module holds.

mod crawl;
mod demo_server;
mod layers;
mod net;
mod pages;
mod robots;
mod store;
mod support;
