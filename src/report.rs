//! What a build says at its end: the summary as text and as JSON.

use packager::diagnostics::{self, Severity};
use packager::{Build, Flavour};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Packages that are worth a line.
const MOST_PACKAGES: usize = 5;

/// A finished build and its figures.
pub struct Report<'a> {
    pub build: &'a Build,
    pub size: u64,
}

/// The one line that is always worth printing.
pub fn line(output: &Path, size: u64, time: Duration) -> String {
    format!("{} {} in {:.2} s\n", output.display(), bytes(size), time.as_secs_f64())
}

impl Report<'_> {
    /// Counts, sizes by part, the largest packages.
    pub fn text(&self) -> String {
        let sizes = &self.build.sizes;
        let mut out = String::new();
        let packages = sizes.packages.keys().filter(|name| !name.is_empty()).count();
        out += &format!("  {:>6} modules   {:>9}\n", sizes.modules, bytes(sizes.module_bytes));
        out += &format!("  {:>6} assets    {:>9}\n", sizes.assets, bytes(sizes.asset_bytes));
        if sizes.source_map_bytes > 0 {
            out += &format!("         maps      {:>9}\n", bytes(sizes.source_map_bytes));
        }
        let dynamic = if self.build.flavour == Flavour::Dynamic { "  (dynamic: needs glibc)" } else { "" };
        out += &format!("         runtime   {:>9}{dynamic}\n", bytes(self.build.stub));
        if sizes.icu > 0 {
            let intl = &self.build.intl;
            let because =
                if intl.reasons.is_empty() { String::new() } else { format!(": {}", intl.reasons.join(", ")) };
            out += &format!("         icu       {:>9}  ({}{because})\n", bytes(sizes.icu), intl.data);
        }
        if sizes.image > 0 {
            out += &format!("         image     {:>9}\n", bytes(sizes.image));
        }
        let caches = sizes.builtin_caches + sizes.code_caches;
        if caches > 0 {
            let instead = if sizes.no_source {
                format!("  (every function: the text of the modules, {}, is left out)", bytes(sizes.module_bytes))
            } else {
                String::new()
            };
            out += &format!("         compiled  {:>9}{instead}\n", bytes(caches));
        }
        if packages > 0 {
            out += &format!("  {packages:>6} packages");
            let mut largest: Vec<_> = sizes.packages.iter().filter(|(name, _)| !name.is_empty()).collect();
            largest.sort_by_key(|(name, size)| (std::cmp::Reverse(size.bytes), name.as_str()));
            let named: Vec<_> =
                largest.iter().take(MOST_PACKAGES).map(|(name, s)| format!("{name} {}", bytes(s.bytes))).collect();
            out += &format!("  ({}{})\n", named.join(", "), if packages > MOST_PACKAGES { ", ..." } else { "" });
        }
        out
    }

    pub fn json(&self) -> Value {
        let sizes = &self.build.sizes;
        let packages: Vec<Value> = sizes
            .packages
            .iter()
            .map(|(name, size)| json!({ "name": name, "files": size.files, "bytes": size.bytes }))
            .collect();
        json!({
            "ok": true,
            // The two that differ from build to build: `timed` fills them in.
            "output": null,
            "bytes": self.size,
            "milliseconds": null,
            "modules": sizes.modules,
            "assets": sizes.assets,
            "sizes": {
                "modules": sizes.module_bytes,
                "assets": sizes.asset_bytes,
                "sourceMaps": sizes.source_map_bytes,
                "image": sizes.image,
                "icu": sizes.icu,
                "builtinCaches": sizes.builtin_caches,
                "codeCaches": sizes.code_caches,
                "noSource": sizes.no_source,
                "payload": sizes.payload,
                "runtime": self.build.stub,
            },
            "intl": { "data": self.build.intl.data, "reasons": self.build.intl.reasons },
            "packages": packages,
            "diagnostics": diagnostics::to_json(&self.build.diagnostics),
        })
    }
}

/// The JSON of a build with what differs from build to build.
pub fn timed(mut json: Value, output: &Path, time: Duration) -> Value {
    json["output"] = output.display().to_string().into();
    json["milliseconds"] = (time.as_millis() as u64).into();
    json
}

/// The JSON of a build that failed.
pub fn failure(found: &[diagnostics::Diagnostic]) -> Value {
    json!({ "ok": false, "diagnostics": diagnostics::to_json(found) })
}

/// How many there are of either kind, as the last line of a failed build.
pub fn counts(found: &[diagnostics::Diagnostic]) -> String {
    let count = |severity| found.iter().filter(|d| d.severity == severity).count();
    let plural = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    match (count(Severity::Error), count(Severity::Warning)) {
        (errors, 0) => plural(errors, "error"),
        (errors, warnings) => format!("{}, {}", plural(errors, "error"), plural(warnings, "warning")),
    }
}

/// A size for people: three digits and a decimal unit.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["B", "kB", "MB", "GB"];
    let (mut value, mut unit) = (count as f64, 0);
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    match unit {
        0 => format!("{count} B"),
        _ if value < 10.0 => format!("{value:.2} {}", UNITS[unit]),
        _ if value < 100.0 => format!("{value:.1} {}", UNITS[unit]),
        _ => format!("{value:.0} {}", UNITS[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_have_three_digits() {
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1500), "1.50 kB");
        assert_eq!(bytes(999_900), "1.00 MB");
        assert_eq!(bytes(45_678_901), "45.7 MB");
    }
}
