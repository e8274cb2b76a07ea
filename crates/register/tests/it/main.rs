//! The register through its public face.

mod documented;
mod model;
mod samples;
mod world;
