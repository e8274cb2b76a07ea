//! Lets the crate compile before the pages' scripts and styles are built: it makes their folder, and says so.

use std::{fs, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=assets/dist/manifest.json");
    let dist = Path::new("assets/dist");
    if dist.join("manifest.json").exists() {
        return;
    }
    println!("cargo::warning=the pages have no scripts and styles yet: run `make assets`");
    if let Err(error) = fs::create_dir_all(dist) {
        println!("cargo::error=the folder assets/dist cannot be made: {error}");
    }
}
