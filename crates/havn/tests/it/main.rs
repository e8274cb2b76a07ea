//! Tests of the program `havn` as its users meet it, and of the tree as its developers do.

mod commands;
mod demo;
mod dependencies;
mod program;
mod served;
mod serving;
mod tidy;
