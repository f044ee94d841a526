//! Parts of V8 that no flag's default reaches, 3.3 MB: compilers that are not finished, tests of the compiler, a fuzzer's generator. The
//! linker gives each entrance another name (`--wrap`), so what is behind it is not reached and not linked.
//!
//! Owns: which those are. Does not own: what happens to who asks for one (`src/left_out.rs`).

use std::fmt::Write;
use std::path::Path;

/// Entrances, as the linker knows them, and the flags that lead there.
const ENTRANCES: [(&str, &[&str]); 11] = [
    // The compiler that will follow Turbofan, on Maglev's graph; the inliner and the optimizer of that graph; Wasm inlined into it.
    ("24TurbolevFrontendPipelineC1EPNS2_12PipelineDataEPNS1_7LinkageE", &["--turbolev", "--turbolev-future"]),
    ("24TurbolevFrontendPipeline3RunEv", &["--turbolev"]),
    ("26TurbolevGraphBuildingPhase3RunEPNS2_12PipelineDataEPNS0_4ZoneEPNS0_6maglev5GraphE", &["--turbolev"]),
    ("21WasmInJSInliningPhase3RunEPNS2_12PipelineDataEPNS0_4ZoneE", &["--turbolev"]),
    // Phases of Turboshaft that are experiments, or run where V8 itself is built.
    ("19TypeAssertionsPhase3RunEPNS2_12PipelineDataEPNS0_4ZoneE", &["--turboshaft-assert-types"]),
    ("23TypedOptimizationsPhase3RunEPNS2_12PipelineDataEPNS0_4ZoneE", &["--turboshaft-typed-optimizations"]),
    (
        "23RandomReschedulingPhase3RunEPNS2_12PipelineDataEPNS0_4ZoneE",
        &["--turboshaft-random-rescheduling", "--wasm-random-rescheduling"],
    ),
    ("21LoopOptimizationPhase3RunEPNS2_12PipelineDataEPNS0_4ZoneE", &["--turboshaft-loop-optimization"]),
    ("25BlockInstrumentationPhase3RunEPNS2_12PipelineDataEPNS0_4ZoneE", &["--turbo-profiling"]),
    (
        "14WasmRevecPhase3RunEPNS2_12PipelineDataEPNS0_4ZoneE",
        &["--wasm-revectorize", "--experimental-wasm-revectorize"],
    ),
    // The same in Maglev itself.
    ("_ZN2v88internal6maglev13MaglevInliner3RunEv", &["--maglev-non-eager-inlining"]),
];

/// `%WasmGenerateRandomModule()`, of V8's own fuzzers.
const FUZZER: &str = "_ZN2v88internal4wasm7fuzzing24GenerateRandomWasmModuleEPNS0_4ZoneENS2_27WasmModuleGenerationOptionsENS_4base6VectorIKhEEPNSt4__Cr6vectorINS2_10ExportDataENSA_9allocatorISC_EEEESG_";
/// Names of C++ for people: V8 asks for them when it tells of its own crash, and takes the plain ones where there are none.
const DEMANGLE: &str = "__cxa_demangle";

/// Tells the linker, and writes the functions that stand in.
pub fn install(out: &Path) {
    let mut flags = Vec::new();
    let mut text = String::new();
    for (entrance, by) in ENTRANCES {
        let symbol = match entrance.starts_with('_') {
            true => entrance.to_owned(),
            false => format!("_ZN2v88internal8compiler10turboshaft{entrance}"),
        };
        stand_in(&mut text, &symbol, by[0]);
        flags.extend_from_slice(by);
    }
    stand_in(&mut text, FUZZER, "%WasmGenerateRandomModule()");
    println!("cargo::rustc-link-arg-bins=-Wl,--wrap={DEMANGLE}");
    flags.sort();
    flags.dedup();
    writeln!(text, "pub const FLAGS: [&str; {}] = {flags:?};", flags.len()).expect("memory");
    std::fs::write(out.join("left_out.rs"), text).expect("OUT_DIR can be written");
}

fn stand_in(text: &mut String, symbol: &str, asked: &str) {
    println!("cargo::rustc-link-arg-bins=-Wl,--wrap={symbol}");
    let number = text.lines().count();
    writeln!(
        text,
        "#[unsafe(export_name = \"__wrap_{symbol}\")] extern \"C\" fn left_out_{number}() -> ! {{ refuse({asked:?}) }}"
    )
    .expect("memory");
}
