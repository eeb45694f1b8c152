//! The one integration binary.
//! The integration tests: one binary, one module a file.

mod crawl;
mod demo_server;
mod pages;
mod store;
