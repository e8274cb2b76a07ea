//! The mail channel through real sockets.

mod delivering;
mod office;
mod receiving;
mod signing;
mod smuggling;
mod talking;
mod world;
