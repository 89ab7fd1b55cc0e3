//! The scripts.

mod dialects;
mod endings;
mod errors;
mod exchanges;
mod packed;
mod pipelines;
mod pushes;
mod questions;

use rayforce_ipc::wire::Generation;

use super::scene::Scene;

#[cfg(feature = "async")]
pub use dialects::probe;

/// All of them.
pub fn all() -> Vec<Scene> {
    let of_both = [
        exchanges::scenes,
        errors::scenes,
        endings::scenes,
        pushes::scenes,
        questions::scenes,
        pipelines::scenes,
    ];
    let mut scenes = Vec::new();
    for generation in [Generation::V1, Generation::V3] {
        scenes.extend(of_both.iter().flat_map(|scenes| scenes(generation)));
    }
    scenes.extend(dialects::scenes());
    scenes.extend(packed::scenes());
    scenes
}

#[test]
fn there_are_more_than_forty_scripts_of_either_generation() {
    for generation in [Generation::V1, Generation::V3] {
        let count = all().iter().filter(|scene| scene.generation == generation).count();
        assert!(count > 40, "{count} of {generation:?}");
    }
}
