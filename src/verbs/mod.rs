//! One file per verb.

pub mod build;
pub mod inspect;
pub mod node;
pub mod run;
pub mod stub;
