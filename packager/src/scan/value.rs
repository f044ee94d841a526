//! What is known of a string at build time: its text with gaps. Owns: the type, and Node's path functions over it.

/// Stands for text that is not known. No path or request has this character.
pub const GAP: char = '\0';

/// A string, or the path that a file URL means.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Value {
    /// The text; every `GAP` is any text, also none.
    pub text: String,
    /// Whether it is a URL (object or string) and `text` the path in it.
    pub url: bool,
}

impl Value {
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), url: false }
    }

    pub fn url(path: impl Into<String>) -> Self {
        Self { text: path.into(), url: true }
    }

    pub fn unknown() -> Self {
        Self::text(GAP.to_string())
    }

    /// Nothing at all is known.
    pub fn is_unknown(&self) -> bool {
        self.text.chars().all(|c| c == GAP)
    }

    pub fn has_gap(&self) -> bool {
        self.text.contains(GAP)
    }

    /// A path from the root of the file system.
    pub fn is_absolute(&self) -> bool {
        self.text.starts_with('/')
    }
}

/// Puts two texts one after the other; neighbouring gaps become one.
pub fn concat(left: &str, right: &str) -> String {
    let right = if left.ends_with(GAP) { right.trim_start_matches(GAP) } else { right };
    format!("{left}{right}")
}

/// `path.normalize`, gaps allowed. A `..` after a part with a gap makes the rest unknowable.
pub fn normalize(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(last) if last.contains(GAP) => return GAP.to_string(),
                Some(&"..") => parts.push(part),
                Some(_) => drop(parts.pop()),
                None if absolute => {}
                None => parts.push(part),
            },
            part => parts.push(part),
        }
    }
    let slash = if path.ends_with('/') && !parts.is_empty() { "/" } else { "" };
    match (absolute, parts.is_empty()) {
        (true, _) => format!("/{}{slash}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => format!("{}{slash}", parts.join("/")),
    }
}

/// `path.join`.
pub fn join(parts: &[String]) -> String {
    let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|p| !p.is_empty()).collect();
    normalize(&parts.join("/"))
}

/// `path.resolve`: unknown where it would start from the current directory.
pub fn resolve(parts: &[String]) -> String {
    let mut path = String::new();
    for part in parts {
        // A part that is all gap may be absolute; taking it for relative finds more.
        path = if part.starts_with('/') { part.clone() } else { format!("{path}/{part}") };
        if !path.starts_with('/') || (path.len() > 1 && path.starts_with("/\0")) {
            path = GAP.to_string();
        }
    }
    let first_absolute = parts.iter().any(|p| p.starts_with('/'));
    if !first_absolute {
        return GAP.to_string();
    }
    let path = normalize(&path);
    if path.len() > 1 { path.trim_end_matches('/').to_owned() } else { path }
}

/// `path.dirname`.
pub fn dirname(path: &str) -> String {
    let path = path.trim_end_matches('/');
    match path.rfind('/') {
        // The gap may hold a slash: which folder it is cannot be said.
        Some(at) if path[at..].contains(GAP) => concat(&path[..at], &GAP.to_string()),
        Some(0) => "/".to_owned(),
        Some(at) => path[..at].to_owned(),
        None if path.contains(GAP) => GAP.to_string(),
        None => ".".to_owned(),
    }
}

/// `path.basename`.
pub fn basename(path: &str, suffix: &str) -> String {
    let path = path.trim_end_matches('/');
    let name = &path[path.rfind('/').map_or(0, |at| at + 1)..];
    if name != suffix { name.strip_suffix(suffix).unwrap_or(name).to_owned() } else { name.to_owned() }
}

/// The path of `new URL(reference, base)` for a base that is a file URL of `base`; `None` where the reference has another scheme.
pub fn url_path(reference: &str, base: &str) -> Option<String> {
    let reference = reference.split(['?', '#']).next().unwrap_or("");
    if let Some(path) = reference.strip_prefix("file://") {
        return Some(normalize(path));
    }
    let scheme = reference.find(':').is_some_and(|colon| !reference[..colon].contains('/'));
    if scheme {
        return None;
    }
    let path = if reference.starts_with('/') {
        reference.to_owned()
    } else {
        // The base's last part is replaced: a folder ends with a slash.
        let folder = &base[..base.rfind('/').map_or(0, |at| at + 1)];
        concat(folder, reference)
    };
    Some(normalize(&path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(parts: &[&str]) -> Vec<String> {
        parts.iter().map(|p| (*p).to_owned()).collect()
    }

    #[test]
    fn joins_as_node_does() {
        assert_eq!(join(&owned(&["/a/b", "../c", "./d.txt"])), "/a/c/d.txt");
        assert_eq!(join(&owned(&["/a", "\0", "x.js"])), "/a/\0/x.js");
        assert_eq!(join(&owned(&["/a", "\0", ".."])), "\0");
        assert_eq!(join(&owned(&["", ""])), ".");
    }

    #[test]
    fn resolves_only_from_what_is_absolute() {
        assert_eq!(resolve(&owned(&["/a", "b", "../c/"])), "/a/c");
        assert_eq!(resolve(&owned(&["/a", "/b"])), "/b");
        assert_eq!(resolve(&owned(&["views"])), "\0");
    }

    #[test]
    fn takes_names_apart() {
        assert_eq!(dirname("/a/b/c.js"), "/a/b");
        assert_eq!(dirname("/a"), "/");
        assert_eq!(dirname("/a/\0"), "/a\0");
        assert_eq!(basename("/a/b.js", ".js"), "b");
    }

    #[test]
    fn resolves_urls_against_files_and_folders() {
        assert_eq!(url_path("./x.txt", "/p/src/main.js").as_deref(), Some("/p/src/x.txt"));
        assert_eq!(url_path("../x.txt?a#b", "/p/src/main.js").as_deref(), Some("/p/x.txt"));
        assert_eq!(url_path("x/\0.json", "/p/dir/").as_deref(), Some("/p/dir/x/\0.json"));
        assert_eq!(url_path("https://example.org/x", "/p/"), None);
    }
}
