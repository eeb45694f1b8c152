//! The one integration binary.

mod demo_server;
mod store;
