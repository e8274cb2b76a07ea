//! Tests of the program `havn` as its users meet it, and of the tree as its developers do.

mod as_root;
mod commands;
mod database;
mod demo;
mod dependencies;
#[path = "../../../mail/tests/it/dovecot.rs"]
#[expect(dead_code, reason = "the tests of mail use more of it")]
mod dovecot;
mod evidence;
mod hardening;
mod limits;
mod odd_http;
mod picked_up;
mod program;
mod register;
mod secrets;
mod served;
mod serving;
mod tidy;
