//! Tests of the program `havn` as its users meet it, and of the tree as its developers do.

mod as_root;
mod commands;
mod database;
mod demo;
mod dependencies;
mod evidence;
mod hardening;
mod limits;
mod odd_http;
mod program;
mod register;
mod secrets;
mod served;
mod serving;
mod tidy;
