//! The register through its public face.

mod model;
mod samples;
mod world;
