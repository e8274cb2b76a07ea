//! The mail channel through real sockets.

mod smuggling;
mod talking;
mod world;
