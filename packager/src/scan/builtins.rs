//! Names of Node's built-in modules: requests for them never reach the disk.

/// Built-ins that need no `node:` in front. Sorted.
const BARE: [&str; 62] = [
    "_http_agent",
    "_http_client",
    "_http_common",
    "_http_incoming",
    "_http_outgoing",
    "_http_server",
    "_tls_common",
    "_tls_wrap",
    "assert",
    "assert/strict",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "dns/promises",
    "domain",
    "events",
    "fs",
    "fs/promises",
    "http",
    "http2",
    "https",
    "inspector",
    "inspector/promises",
    "module",
    "net",
    "os",
    "path",
    "path/posix",
    "path/win32",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "readline/promises",
    "repl",
    "stream",
    "stream/consumers",
    "stream/promises",
    "stream/web",
    "string_decoder",
    "sys",
    "timers",
    "timers/promises",
    "tls",
    "trace_events",
    "tty",
    "url",
    "util",
    "util/types",
    "v8",
    "vm",
    "wasi",
    "worker_threads",
    "zlib",
];

/// Whether `request` names a built-in. With `node:` everything does: a wrong name is the runtime's error, with Node's code.
pub fn is_builtin(request: &str) -> bool {
    request.starts_with("node:") || BARE.binary_search(&request).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{BARE, is_builtin};

    #[test]
    fn knows_what_node_knows() {
        assert!(BARE.is_sorted());
        assert!(is_builtin("fs") && is_builtin("node:test") && is_builtin("stream/web") && is_builtin("zlib"));
        assert!(!is_builtin("test") && !is_builtin("punycode/") && !is_builtin("sqlite"));
    }
}
