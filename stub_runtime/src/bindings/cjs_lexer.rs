//! `internalBinding('cjs_lexer')`: the names that a CommonJS source exports, found without running it.
//!
//! Node decides by patterns in the text which named exports `import { a } from './cjs.js'` may name: assignments to
//! `exports.a`, `Object.defineProperty(exports, 'a', ...)`, literals given to `module.exports`, re-exports that transpilers
//! write. The patterns are those of Node's documents ("CommonJS namespaces"); the tests compare with Node itself.

mod tokens;

use crate::binding;
use tokens::{Kind, Token};

/// What a source exports.
#[derive(Debug, Default, PartialEq)]
struct Found {
    exports: Vec<String>,
    /// Requests whose exports are exported as well.
    reexports: Vec<String>,
}

struct Parser<'a> {
    source: &'a str,
    tokens: Vec<Token>,
    found: Found,
    /// `module.exports = require(...)` is taken back by a later `module.exports =`.
    last_assigned: usize,
    /// Variables that hold a `require(...)` result, for Babel's `Object.keys(x).forEach` re-exports.
    required: Vec<(&'a str, String)>,
}

impl<'a> Parser<'a> {
    fn text(&self, i: usize) -> &'a str {
        self.tokens.get(i).map_or("", |t| &self.source[t.start..t.end])
    }

    fn is(&self, i: usize, text: &str) -> bool {
        self.tokens.get(i).is_some_and(|t| t.kind != Kind::String) && self.text(i) == text
    }

    fn all(&self, at: usize, texts: &[&str]) -> bool {
        texts.iter().enumerate().all(|(i, text)| self.is(at + i, text))
    }

    fn identifier(&self, i: usize) -> Option<&'a str> {
        self.tokens.get(i).filter(|t| t.kind == Kind::Word).map(|_| self.text(i))
    }

    /// The value of a string without escapes that change it.
    fn string(&self, i: usize) -> Option<String> {
        let token = self.tokens.get(i).filter(|t| t.kind == Kind::String)?;
        unescape(&self.source[token.start + 1..token.end.max(token.start + 2) - 1])
    }

    fn export(&mut self, name: &str) {
        if !self.found.exports.iter().any(|n| n == name) {
            self.found.exports.push(name.to_owned());
        }
    }

    /// `exports` or `module.exports` at `i`: where it ends.
    fn exports_object(&self, i: usize) -> Option<usize> {
        if self.all(i, &["module", ".", "exports"]) { Some(i + 3) } else { self.is(i, "exports").then_some(i + 1) }
    }

    /// `require('x')` at `i`: the request and where it ends.
    fn require(&self, i: usize) -> Option<(String, usize)> {
        if !self.all(i, &["require", "("]) || !self.is(i + 3, ")") {
            return None;
        }
        Some((self.string(i + 2)?, i + 4))
    }

    fn run(mut self) -> Found {
        for i in 0..self.tokens.len() {
            if self.tokens[i].kind != Kind::Word || i > 0 && self.is(i - 1, ".") {
                continue;
            }
            match self.text(i) {
                "exports" | "module" => self.exports_assignment(i),
                "Object" => {
                    self.define_property(i);
                    self.keys_for_each(i);
                }
                "__export" | "__exportStar" | "_export_star" | "__reExport" => self.export_star(i),
                "var" | "let" | "const" => self.variable(i),
                // `tslib_1.__exportStar(...)`, `(0, tslib_1.__exportStar)(...)`.
                _ if self.all(i + 1, &[".", "__exportStar"]) => self.export_star(i + 2),
                _ => {}
            }
        }
        self.found
    }

    fn exports_assignment(&mut self, i: usize) {
        let Some(end) = self.exports_object(i) else { return };
        if self.is(end, ".") && self.is(end + 2, "=") {
            if let Some(name) = self.identifier(end + 1) {
                self.export(name);
            }
        } else if self.is(end, "[") && self.is(end + 2, "]") && self.is(end + 3, "=") {
            if let Some(name) = self.string(end + 1) {
                self.export(&name);
            }
        } else if self.is(end, "=") && self.is(i, "module") {
            self.assigned(end + 1);
        } else if self.is(end, "=") && self.all(end + 1, &["module", ".", "exports", "="]) {
            self.assigned(end + 5);
        }
    }

    /// `module.exports = VALUE` with the value at `i`.
    fn assigned(&mut self, i: usize) {
        self.found.reexports.truncate(self.last_assigned);
        if let Some((request, _)) = self.require(i) {
            self.found.reexports.push(request);
            self.last_assigned = self.found.reexports.len() - 1;
        } else if self.is(i, "{") {
            self.literal(i + 1);
        }
    }

    /// The keys of an object literal up to the first that is not `a`, `a: b`, `'a': b` or `...require('x')`.
    fn literal(&mut self, mut i: usize) {
        loop {
            let key = match self.identifier(i) {
                Some("get" | "set" | "async" | "static")
                    if self.tokens.get(i + 1).is_some_and(|t| t.kind != Kind::Punctuator) =>
                {
                    return;
                }
                Some(name) => Some(name.to_owned()),
                None => self.string(i),
            };
            if let Some(key) = key {
                let quoted = self.tokens[i].kind == Kind::String;
                i += 1;
                if self.is(i, ":") {
                    if self.identifier(i + 1).is_none() {
                        return;
                    }
                    i += 2;
                } else if quoted {
                    return;
                }
                self.export(&key);
            } else if self.is(i, "...") {
                let Some((request, end)) = self.require(i + 1) else { return };
                self.found.reexports.push(request);
                i = end;
            } else {
                return;
            }
            if !self.is(i, ",") {
                return;
            }
            i += 1;
        }
    }

    fn define_property(&mut self, i: usize) {
        if !self.all(i, &["Object", ".", "defineProperty", "("]) {
            return;
        }
        let Some(end) = self.exports_object(i + 4) else { return };
        let Some(name) = self.string(end + 1).filter(|_| self.is(end, ",") && self.all(end + 2, &[",", "{"])) else {
            return;
        };
        let mut at = end + 4;
        if self.all(at, &["enumerable", ":"]) && (self.is(at + 2, "true") || self.all(at + 2, &["!", "0"])) {
            at += if self.is(at + 2, "true") { 4 } else { 5 };
        }
        if self.all(at, &["value", ":"]) || self.is(at, "get") && self.getter(at + 1) {
            self.export(&name);
        }
    }

    /// A getter whose body returns a member of a variable: what transpilers write for a re-exported name.
    fn getter(&self, mut i: usize) -> bool {
        if self.is(i, ":") {
            i += 1;
            if !self.is(i, "function") {
                return false;
            }
            i += 1;
            if self.identifier(i).is_some() {
                i += 1;
            }
        }
        if !self.all(i, &["(", ")", "{", "return"]) || self.identifier(i + 4).is_none() {
            return false;
        }
        i += 5;
        if self.is(i, ".") && self.identifier(i + 1).is_some() {
            i += 2;
        } else if self.is(i, "[") && self.string(i + 1).is_some() && self.is(i + 2, "]") {
            i += 3;
        }
        if self.is(i, ";") {
            i += 1;
        }
        self.is(i, "}")
    }

    /// `var x = require('y')`, also through Babel's interop helpers.
    fn variable(&mut self, i: usize) {
        let Some(name) = self.identifier(i + 1).filter(|_| self.is(i + 2, "=")) else { return };
        let at = if self.is(i + 4, "(") && !self.is(i + 3, "require") { i + 5 } else { i + 3 };
        if let Some((request, _)) = self.require(at) {
            self.required.push((name, request));
        }
    }

    /// Babel's `Object.keys(x).forEach(function (k) { if (k === "default" || k === "__esModule") return; ... exports[k] = ...`.
    fn keys_for_each(&mut self, i: usize) {
        if !self.all(i, &["Object", ".", "keys", "("]) || !self.all(i + 5, &[")", ".", "forEach", "(", "function", "("])
        {
            return;
        }
        let (Some(variable), Some(key)) = (self.identifier(i + 4), self.identifier(i + 11)) else { return };
        let body = i + 14;
        if !self.all(i + 12, &[")", "{", "if", "(", key]) {
            return;
        }
        let window = &self.tokens[body.min(self.tokens.len())..(body + 90).min(self.tokens.len())];
        let names_default =
            window.iter().any(|t| t.kind == Kind::String && &self.source[t.start + 1..t.end - 1] == "default");
        let copies = (body..body + 90).any(|j| {
            self.all(j, &["exports", "[", key, "]", "="])
                || self.all(j, &["Object", ".", "defineProperty", "(", "exports", ",", key])
        });
        if names_default
            && copies
            && let Some((_, request)) = self.required.iter().rev().find(|(name, _)| *name == variable)
        {
            let request = request.clone();
            self.found.reexports.push(request);
        }
    }

    /// `__exportStar(require('x'), exports)`, `__reExport(m, require('x'))`, with the helper's name at `i`.
    fn export_star(&mut self, i: usize) {
        let open = if self.is(i + 1, ")") { i + 2 } else { i + 1 };
        if !self.is(open, "(") {
            return;
        }
        let first = self.require(open + 1);
        let second = if self.is(i, "__reExport") && self.is(open + 2, ",") { self.require(open + 3) } else { None };
        if let Some((request, _)) = first.or(second) {
            self.found.reexports.push(request);
        }
    }
}

/// The value of a string's inside; `None` where an escape makes it something a name cannot be.
fn unescape(inside: &str) -> Option<String> {
    if !inside.contains('\\') {
        return Some(inside.to_owned());
    }
    let mut out = String::new();
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next()? {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'u' => {
                let hex: String = if chars.as_str().starts_with('{') {
                    chars.by_ref().skip(1).take_while(|c| *c != '}').collect()
                } else {
                    chars.by_ref().take(4).collect()
                };
                out.push(char::from_u32(u32::from_str_radix(&hex, 16).ok()?)?);
            }
            'x' => {
                let hex: String = chars.by_ref().take(2).collect();
                out.push(char::from_u32(u32::from_str_radix(&hex, 16).ok()?)?);
            }
            '0'..='9' => return None,
            other => out.push(other),
        }
    }
    Some(out)
}

fn lex(source: &str) -> Found {
    let tokens = tokens::tokens(source);
    Parser { source, tokens, found: Found::default(), last_assigned: 0, required: Vec::new() }.run()
}

/// `parse(source)`: `{ exports: [names], reexports: [requests] }`.
fn parse(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let found = lex(&args.get(0).to_rust_string_lossy(scope));
    let object = v8::Object::new(scope);
    for (name, list) in [("exports", found.exports), ("reexports", found.reexports)] {
        let list: Vec<v8::Local<v8::Value>> = list.iter().map(|s| binding::string(scope, s)).collect();
        let list = v8::Array::new_with_elements(scope, &list).into();
        binding::set(scope, object, name, list);
    }
    rv.set(object.into());
}

/// What `parse` finds, as JSON: for executables that leave their sources out.
pub fn as_json(source: &str) -> String {
    let found = lex(source);
    let list = |names: &[String]| names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(",");
    format!(r#"{{"exports":[{}],"reexports":[{}]}}"#, list(&found.exports), list(&found.reexports))
}

fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04x}", c as u32),
        c => c.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

binding!("cjs_lexer", [parse => parse]);

#[cfg(test)]
mod tests {
    use super::*;

    // What Node 26 answers for each of these sources.
    #[test]
    fn names_as_node_finds_them() {
        let cases = [
            ("module.exports = { a, b: c, d: f, 'e': f, g: 1, h: 2 };", "a,b,d,e"),
            ("module.exports = { a: 1, b: 2, c: 3 };", ""),
            ("module.exports = { a: b.c, b, c: 3 };", "a"),
            ("module.exports = { a, b() {}, c: 3 };", "a,b"),
            ("module.exports = { a, get b() {}, c: 3 };", "a"),
            ("module.exports = { a, ...require('./x'), c: b, d };", "a,c,d"),
            (
                "exports['a b'] = 1; exports[\"c\"] = 2; module.exports.d = 1; e.z=1; exports.f ??= 1; exports.g++;",
                "a b,c,d",
            ),
            ("if (0) { exports.a = 1 } m.exports.c = 1; module['exports'].e=1;", "a"),
            ("0 && (module.exports = { a, b, c: d });", "a,b,c"),
            ("exports = module.exports = f; exports.b=2;", "b"),
            (
                "exports.a = exports.b = void 0; Object.defineProperty(exports, \"__esModule\", { value: true });",
                "a,b,__esModule",
            ),
            ("module.exports = { if: a, class: b, c: a ? 1 : 2, d };", "if,class,c"),
            ("Object.defineProperty(exports, 'a', { enumerable: true, get: function () { return q.p; } });", "a"),
            ("Object.defineProperty(exports, 'a', { enumerable: true, get: function get() { return q.p.r(); } });", ""),
            ("Object.defineProperty(exports, 'c', { get: function () { return q.p; } });", "c"),
            ("Object.defineProperty(exports, 'f', { enumerable: true, get: () => q.p });", ""),
            (
                "var s = 'exports.a = 1'; /* exports.b = 1 */ var r = /exports.c = 1/; `exports.d = 1 ${exports.e = 1}`;",
                "e",
            ),
        ];
        for (source, expected) in cases {
            assert_eq!(lex(source).exports.join(","), expected, "{source}");
        }
    }

    #[test]
    fn reexports() {
        let cases = [
            ("module.exports = require('./a');", "./a"),
            ("module.exports = require('./a'); module.exports = require('./b');", "./b"),
            ("__exportStar(require('./a'), exports);", "./a"),
            ("(0, tslib_1.__exportStar)(require('./a'), exports);", "./a"),
            (
                "var _p = require('./p'); Object.keys(_p).forEach(function (key) { if (key === \"default\" || key === \"__esModule\") return; exports[key] = _p[key]; });",
                "./p",
            ),
        ];
        for (source, expected) in cases {
            assert_eq!(lex(source).reexports.join(","), expected, "{source}");
        }
    }
}
