//! The payload format: what `pack` appends to a stub and what the stub reads at start. Writer and reader of each type stand side by side.
