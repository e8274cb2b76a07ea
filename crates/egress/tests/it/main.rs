//! The door as its users see it: real sockets on loopback, and the spool read as an outsider reads it.

mod book;
mod counts;
mod desk;
mod dial;
mod name_server;
mod names;
mod packets;
mod sealed;
mod supervised;
mod targets;
