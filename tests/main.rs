//! The integration tests: one binary, one module a file.

mod crawl;
mod pages;
