//! What of ICU's data the program gets, and why. Owns: the sum over all modules and options, and its words. Does not own: what one
//! module wants (`scan/intl.rs`), cutting (`icu.rs`).

use super::icu::{Keep, Languages};
use crate::options::{BuildOptions, Intl};
use crate::scan::{Locales, Part, Scan};

/// The decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IntlData {
    pub(super) keep: Keep,
    /// "full", "none", or the parts that are in: "collation, formatting de fr".
    pub data: String,
    /// What wanted it: "src/a.js:3:5 localeCompare". One line a part at most.
    pub reasons: Vec<String>,
}

impl IntlData {
    pub(super) fn of(scan: &Scan, options: &BuildOptions) -> Self {
        let mut decision = Self::default();
        match &options.intl {
            Intl::Auto => decision.find(scan, options),
            Intl::None => {}
            Intl::Full => decision.want_all("--intl"),
            Intl::Locales(names) => {
                for name in names {
                    for part in [Part::Collation, Part::Formatting] {
                        decision.keep.add(part, Some(name));
                    }
                }
                // Its dictionaries are by script.
                decision.keep.add(Part::Segmentation, None);
                decision.reasons.push("--intl".into());
            }
        }
        decision.data = decision.words();
        decision
    }

    fn want_all(&mut self, reason: &str) {
        self.keep = Keep::all();
        self.reasons = vec![reason.to_owned()];
    }

    fn find(&mut self, scan: &Scan, options: &BuildOptions) {
        if let Some(name) = options.external.first() {
            return self.want_all(&format!("--external {name}: what is loaded from the disk is not known"));
        }
        if let Some(option) = options.exec_argv.iter().find(|o| loads_code(o)) {
            return self.want_all(&format!("--exec-argv {option}: what is loaded from the disk is not known"));
        }
        if scan.has_addons() {
            return self.want_all("a native addon can run any code");
        }
        // The project's own modules first: that is where something can be done about it.
        let (own, others): (Vec<_>, Vec<_>) = scan.modules.iter().partition(|(path, _)| !is_package(path));
        for (_, module) in own.iter().chain(&others) {
            for found in &module.intl {
                let before = self.keep.clone();
                for part in &found.parts {
                    match &found.locales {
                        Locales::All => self.keep.add(*part, None),
                        Locales::Named(names) => names.iter().for_each(|name| self.keep.add(*part, Some(name))),
                    }
                }
                if self.keep != before {
                    let place = &found.place;
                    self.reasons.push(format!("{}:{}:{} {}", place.file, place.line, place.column, found.what));
                }
            }
        }
    }

    fn words(&self) -> String {
        if self.keep == Keep::all() {
            return "full".into();
        }
        let mut parts = Vec::new();
        for (name, languages) in [("collation", &self.keep.collation), ("formatting", &self.keep.formatting)] {
            match languages {
                Languages::All => parts.push(name.to_owned()),
                Languages::Only(names) if names.is_empty() => {}
                Languages::Only(names) => {
                    parts.push(format!("{name} {}", names.iter().cloned().collect::<Vec<_>>().join(" ")));
                }
            }
        }
        if self.keep.segmentation {
            parts.push("segmentation".into());
        }
        if parts.is_empty() { "none".into() } else { parts.join(", ") }
    }
}

fn is_package(path: &std::path::Path) -> bool {
    path.components().any(|part| part.as_os_str() == "node_modules")
}

/// Options of node that load code or data from the disk.
fn loads_code(option: &str) -> bool {
    let name = option.split('=').next().unwrap_or(option);
    matches!(
        name,
        "-r" | "--require" | "--import" | "--loader" | "--experimental-loader" | "-e" | "--eval" | "-p" | "--print"
    )
}
