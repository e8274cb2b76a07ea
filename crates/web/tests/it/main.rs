//! The web through its public face: the router, over real stores.

mod api;
mod beginning;
mod browser;
mod desk;
mod evidence;
mod letters;
mod live;
mod names;
mod roles;
mod sessions;
mod settings;
mod speed;
mod trust;
