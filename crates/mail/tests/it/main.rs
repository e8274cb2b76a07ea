//! The mail channel through real sockets.

mod delivering;
mod dovecot;
#[path = "../../../egress/tests/it/name_server.rs"]
#[expect(dead_code, reason = "the door's own tests use more of it")]
mod name_server;
mod office;
mod outside;
mod picking_up;
mod policies;
mod postfix;
mod proxy;
mod receiving;
mod signing;
mod smuggling;
mod straight;
mod talking;
mod world;
