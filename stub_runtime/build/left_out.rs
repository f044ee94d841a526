//! Parts of V8 that no flag's default reaches, 3.4 MB: compilers that are not finished, tests of the compiler, printers of its
//! graphs; and QUIC, 0.2 MB, of OpenSSL. The linker gives each entrance another name (`--wrap`), so what is behind it is not
//! reached and not linked.
//!
//! Owns: which those are. Does not own: what happens to who asks for one (`src/left_out.rs`).

use std::fmt::Write;
use std::path::Path;

/// Entrances, as the linker knows them, and the flags that lead there.
const ENTRANCES: [(&str, &[&str]); 24] = [
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
    // What the compilers and the collector tell their developers: graphs as text, for viewers, objects by kind.
    (
        "_ZN2v88internal6maglevlsERNSt4__Cr13basic_ostreamIcNS2_11char_traitsIcEEEERKNS1_17MaglevGraphAsJSONE",
        &["--trace-turbo"],
    ),
    (
        "_ZN2v88internal8compiler15PrintGraphPhase3RunEPNS1_14TFPipelineDataEPNS0_4ZoneEPKc",
        &["--trace-turbo-graph", "--trace-turbo-scheduled"],
    ),
    ("_ZN2v88internal8compiler12TurboCfgFileC1EPNS0_7IsolateE", &["--trace-turbo-cfg-file"]),
    ("_ZN2v88internal8compiler13TurboJsonFileC1EPNS0_24OptimizedCompilationInfoEj", &["--trace-turbo"]),
    (
        "_ZN2v88internal8compilerlsERNSt4__Cr13basic_ostreamIcNS2_11char_traitsIcEEEERKNS1_5AsRPOE",
        &["--trace-turbo-graph", "--trace-turbo-scheduled"],
    ),
    (
        "_ZN2v88internal8compilerlsERNSt4__Cr13basic_ostreamIcNS2_11char_traitsIcEEEERKNS1_22InstructionBlockAsJSONE",
        &["--trace-turbo"],
    ),
    (
        "_ZN2v88internal8compilerlsERNSt4__Cr13basic_ostreamIcNS2_11char_traitsIcEEEERKNS1_25InstructionSequenceAsJSONE",
        &["--trace-turbo"],
    ),
    (
        "_ZN2v88internal8compilerlsERNSt4__Cr13basic_ostreamIcNS2_11char_traitsIcEEEERKNS1_28RegisterAllocationDataAsJSONE",
        &["--trace-turbo"],
    ),
    (
        "_ZN2v88internal8compilerlsERNSt4__Cr13basic_ostreamIcNS2_11char_traitsIcEEEERKNS1_16AsC1VCompilationE",
        &["--trace-turbo-cfg-file"],
    ),
    (
        "_ZN2v88internal8compilerlsERNSt4__Cr13basic_ostreamIcNS2_11char_traitsIcEEEERKNS1_11GraphAsJSONE",
        &["--trace-turbo"],
    ),
    ("_ZN2v88internal11ObjectStats9PrintJSONEPKc", &["--trace-gc-object-stats"]),
    (
        "_ZN2v88internal11ObjectStats4DumpERNSt4__Cr18basic_stringstreamIcNS2_11char_traitsIcEENS2_9allocatorIcEEEE",
        &["--track-gc-object-stats"],
    ),
    (
        "_ZN2v88internal8compiler10turboshaft33PrintTurboshaftGraphForTurbolizerERNSt4__Cr14basic_ofstreamIcNS3_11char_traitsIcEEEERKNS2_5GraphEPKcPNS1_15NodeOriginTableEPNS0_4ZoneE",
        &["--trace-turbo"],
    ),
];

/// QUIC of OpenSSL, 0.2 MB: what libssl calls for a connection that is one. Nothing makes any: `src/left_out.rs` gives no method for it.
const QUIC: [&str; 17] = [
    "ossl_quic_clear_options",
    "ossl_quic_conn_get_net_rbio",
    "ossl_quic_conn_get_net_wbio",
    "ossl_quic_conn_set0_net_rbio",
    "ossl_quic_conn_set0_net_wbio",
    "ossl_quic_conn_shutdown",
    "ossl_quic_do_handshake",
    "ossl_quic_get_error",
    "ossl_quic_get_event_timeout",
    "ossl_quic_get_options",
    "ossl_quic_handle_events",
    "ossl_quic_obj_get0_handshake_layer",
    "ossl_quic_set_accept_state",
    "ossl_quic_set_connect_state",
    "ossl_quic_set_options",
    "ossl_quic_want",
    "ossl_quic_write_flags",
];
const QUIC_METHODS: [&str; 3] =
    ["OSSL_QUIC_client_method", "OSSL_QUIC_client_thread_method", "OSSL_QUIC_server_method"];
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
    for function in QUIC {
        stand_in(&mut text, function, "QUIC");
    }
    for name in QUIC_METHODS.into_iter().chain([DEMANGLE]) {
        println!("cargo::rustc-link-arg-bins=-Wl,--wrap={name}");
    }
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
