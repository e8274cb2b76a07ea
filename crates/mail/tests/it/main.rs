//! The mail channel through real sockets.

mod delivering;
#[path = "../../../egress/tests/it/name_server.rs"]
#[expect(dead_code, reason = "the door's own tests use more of it")]
mod name_server;
mod office;
mod outside;
mod policies;
mod postfix;
mod receiving;
mod signing;
mod smuggling;
mod straight;
mod talking;
mod world;
