
mod demo_server;
