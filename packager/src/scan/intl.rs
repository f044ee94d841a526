//! What of ICU's data a module can reach. Owns: which names and calls want which part of it, and for which locales. Does not own: the
//! data (`generate/icu.rs`), what the whole program needs (`generate/intl.rs`).
//!
//! Names count wherever they stand, without a look at scopes: wanting too much costs bytes, wanting too little a wrong result.

use super::parse::range;
use std::collections::BTreeSet;
use swc_core::common::{Span, Spanned};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

/// A part of ICU's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// How texts are ordered.
    Collation,
    /// Numbers, dates, currencies, units, names of languages and regions.
    Formatting,
    /// Where words end, with dictionaries.
    Segmentation,
}

/// For whom.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Locales {
    /// The machine that the program runs on says which.
    All,
    /// The program names them.
    Named(BTreeSet<String>),
}

/// One use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    pub parts: Vec<Part>,
    pub locales: Locales,
    /// What stands there.
    pub what: String,
    pub start: usize,
    pub end: usize,
}

/// All parts.
pub const EVERYTHING: [Part; 3] = [Part::Collation, Part::Formatting, Part::Segmentation];

/// The uses of a program, of equal ones the first.
pub fn uses(program: &Program) -> Vec<Use> {
    let mut finder = Finder { found: Vec::new() };
    program.visit_with(&mut finder);
    finder.found
}

/// Whether a built-in module runs code that the scan has not seen.
pub fn runs_code(builtin: &str) -> bool {
    matches!(builtin.trim_start_matches("node:"), "vm" | "repl" | "inspector" | "inspector/promises")
}

/// The part behind the name of a method or a property of `Intl`, and which argument is the locale.
fn part_of(name: &str) -> Option<(Part, usize)> {
    Some(match name {
        "localeCompare" => (Part::Collation, 1),
        "toLocaleString" | "toLocaleDateString" | "toLocaleTimeString" => (Part::Formatting, 0),
        _ => return None,
    })
}

fn part_of_intl(name: &str) -> Option<Part> {
    Some(match name {
        "Collator" => Part::Collation,
        "Segmenter" | "v8BreakIterator" => Part::Segmentation,
        "DateTimeFormat" | "DisplayNames" | "DurationFormat" | "ListFormat" | "NumberFormat" | "PluralRules"
        | "RelativeTimeFormat" | "supportedValuesOf" => Part::Formatting,
        _ => return None,
    })
}

struct Finder {
    found: Vec<Use>,
}

impl Finder {
    fn add(&mut self, parts: &[Part], locales: Locales, what: &str, span: Span) {
        if self.found.iter().any(|known| known.parts == parts && known.locales == locales) {
            return;
        }
        let (start, end) = range(span);
        self.found.push(Use { parts: parts.to_vec(), locales, what: what.to_owned(), start, end });
    }

    fn everything(&mut self, what: &str, span: Span) {
        self.add(&EVERYTHING, Locales::All, what, span);
    }

    /// A name that stands where it can become a property's.
    fn name(&mut self, name: &str, span: Span) {
        match part_of(name) {
            Some((part, _)) => self.add(&[part], Locales::All, name, span),
            None if name == "Intl" => self.everything(name, span),
            None => {}
        }
    }

    /// `callee(arguments)`, with or without `new`; whether it was understood, and only the arguments are left to look at.
    fn called(&mut self, callee: &Expr, arguments: &[ExprOrSpread], is_new: bool, span: Span) -> bool {
        match callee {
            Expr::Ident(name) if name.sym == "Function" || (name.sym == "eval" && !is_new) => {
                if !arguments.iter().all(|argument| argument.spread.is_none() && is_harmless(&argument.expr)) {
                    self.everything(if name.sym == "eval" { "eval" } else { "Function" }, span);
                }
                true
            }
            Expr::Member(member) => self.method_called(member, arguments, span),
            _ => false,
        }
    }

    fn method_called(&mut self, member: &MemberExpr, arguments: &[ExprOrSpread], span: Span) -> bool {
        let Some(name) = member_name(member) else { return false };
        if is_ident(&member.obj, "Function") && matches!(name, "apply" | "bind" | "call") {
            self.everything("Function", span);
            return true;
        }
        if is_ident(&member.obj, "Reflect") && name == "construct" {
            if arguments.first().is_some_and(|first| is_ident(&first.expr, "Function")) {
                self.everything("Function", span);
            }
            return false;
        }
        if is_ident(&member.obj, "Intl") {
            if let Some(part) = part_of_intl(name) {
                let locales = if name == "supportedValuesOf" { Locales::All } else { locales_in(arguments.first()) };
                self.add(&[part], locales, &format!("Intl.{name}"), member.span);
                return true;
            }
            return false;
        }
        if let Some((part, at)) = part_of(name) {
            let spread = arguments.iter().any(|argument| argument.spread.is_some());
            let locales = if spread { Locales::All } else { locales_in(arguments.get(at)) };
            self.add(&[part], locales, name, member.prop.span());
            member.obj.visit_with(self);
            return true;
        }
        false
    }
}

impl Visit for Finder {
    fn visit_ident(&mut self, name: &Ident) {
        match &*name.sym {
            "Intl" => self.everything("Intl", name.span),
            "eval" => self.everything("eval", name.span),
            _ => {}
        }
    }

    fn visit_str(&mut self, text: &Str) {
        if let Some(name) = text.value.as_str() {
            self.name(name, text.span);
        }
    }

    fn visit_assign_pat_prop(&mut self, property: &AssignPatProp) {
        self.name(&property.key.sym, property.key.span);
        property.value.visit_with(self);
    }

    fn visit_key_value_pat_prop(&mut self, property: &KeyValuePatProp) {
        if let PropName::Ident(name) = &property.key {
            self.name(&name.sym, name.span);
        }
        property.visit_children_with(self);
    }

    fn visit_unary_expr(&mut self, unary: &UnaryExpr) {
        if unary.op == UnaryOp::TypeOf && unary.arg.is_ident() {
            return;
        }
        unary.visit_children_with(self);
    }

    fn visit_var_declarator(&mut self, declarator: &VarDeclarator) {
        // `const { timeZone } = Intl.DateTimeFormat().resolvedOptions()`: zones are in every executable.
        if let (Pat::Object(pattern), Some(init)) = (&declarator.name, &declarator.init)
            && is_resolved_date_options(init)
            && pattern.props.iter().all(|property| match property {
                ObjectPatProp::Assign(same) => same.key.sym == "timeZone",
                ObjectPatProp::KeyValue(pair) => pair.key.as_ident().is_some_and(|key| key.sym == "timeZone"),
                ObjectPatProp::Rest(_) => false,
            })
        {
            return;
        }
        declarator.visit_children_with(self);
    }

    fn visit_member_expr(&mut self, member: &MemberExpr) {
        let name = member_name(member);
        if name == Some("timeZone") && is_resolved_date_options(&member.obj) {
            return;
        }
        if is_ident(&member.obj, "Intl") {
            match name {
                Some(name) if part_of_intl(name).is_some() => {
                    self.add(&[part_of_intl(name).unwrap()], Locales::All, &format!("Intl.{name}"), member.span);
                }
                // What these say is in every executable.
                Some("Locale" | "getCanonicalLocales") => {}
                _ => self.everything("Intl", member.span),
            }
            return member.prop.visit_with(self);
        }
        let of_navigator = is_ident(&member.obj, "navigator")
            || matches!(&*member.obj, Expr::Member(inner) if member_name(inner) == Some("navigator"));
        match name {
            Some("language" | "languages") if of_navigator => {
                self.add(&[Part::Collation], Locales::All, "navigator.language", member.span);
            }
            // Built-in modules by name, past the scan.
            Some("getBuiltinModule") => self.everything("getBuiltinModule", member.prop.span()),
            Some("constructor") if makes_functions(&member.obj) => self.everything("Function", member.span),
            Some(name) if part_of(name).is_some() || (name == "Intl" && member.prop.is_ident()) => {
                self.name(name, member.prop.span());
            }
            Some(_) => {}
            None if ["globalThis", "global"].iter().any(|global| is_ident(&member.obj, global)) => {
                self.everything("a computed name of a global", member.span);
            }
            None => {}
        }
        member.visit_children_with(self);
    }

    fn visit_call_expr(&mut self, call: &CallExpr) {
        if let Callee::Expr(callee) = &call.callee
            && self.called(callee, &call.args, false, call.span)
        {
            return call.args.visit_with(self);
        }
        call.visit_children_with(self);
    }

    fn visit_opt_call(&mut self, call: &OptCall) {
        let callee = match &*call.callee {
            Expr::OptChain(chain) => match &*chain.base {
                OptChainBase::Member(member) => Some(Expr::Member(member.clone())),
                OptChainBase::Call(_) => None,
            },
            _ => None,
        };
        if self.called(callee.as_ref().unwrap_or(&call.callee), &call.args, false, call.span) {
            return call.args.visit_with(self);
        }
        call.visit_children_with(self);
    }

    fn visit_new_expr(&mut self, new: &NewExpr) {
        if self.called(&new.callee, new.args.as_deref().unwrap_or_default(), true, new.span) {
            return new.args.visit_with(self);
        }
        new.visit_children_with(self);
    }
}

/// The name of a property, computed from a literal at most.
fn member_name(member: &MemberExpr) -> Option<&str> {
    match &member.prop {
        MemberProp::Ident(name) => Some(&name.sym),
        MemberProp::PrivateName(_) => Some(""),
        MemberProp::Computed(computed) => match &*computed.expr {
            Expr::Lit(Lit::Str(text)) => text.value.as_str(),
            Expr::Lit(_) => Some(""),
            _ => None,
        },
    }
}

fn is_ident(expr: &Expr, name: &str) -> bool {
    matches!(expr, Expr::Ident(ident) if ident.sym == name)
}

/// `Intl.DateTimeFormat().resolvedOptions()`, with or without `new`.
fn is_resolved_date_options(expr: &Expr) -> bool {
    let Expr::Call(CallExpr { callee: Callee::Expr(callee), .. }) = expr else { return false };
    let Expr::Member(method) = &**callee else { return false };
    let made = match &*method.obj {
        Expr::Call(CallExpr { callee: Callee::Expr(made), args, .. }) if args.is_empty() => made,
        Expr::New(NewExpr { callee: made, args, .. }) if args.as_ref().is_none_or(Vec::is_empty) => made,
        _ => return false,
    };
    member_name(method) == Some("resolvedOptions")
        && matches!(&**made, Expr::Member(m) if is_ident(&m.obj, "Intl") && member_name(m) == Some("DateTimeFormat"))
}

/// An expression whose `constructor` is `Function` or one of its kin: a function, or its prototype.
fn makes_functions(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(paren) => makes_functions(&paren.expr),
        Expr::Fn(_) | Expr::Arrow(_) => true,
        Expr::Call(call) => call.args.iter().any(|argument| makes_functions(&argument.expr)),
        _ => false,
    }
}

/// Code in a literal that names nothing of interest.
fn is_harmless(expr: &Expr) -> bool {
    let text = match expr {
        Expr::Lit(Lit::Str(text)) => text.value.as_str(),
        Expr::Tpl(template) if template.exprs.is_empty() => template.quasis.first().map(|quasi| &*quasi.raw),
        _ => None,
    };
    let wanted = ["Intl", "ocale", "eval", "Function", "\\", "require", "import", "constructor", "["];
    text.is_some_and(|text| !wanted.iter().any(|word| text.contains(word)))
}

/// The locales in an argument: all where it is no literal, or is not there.
fn locales_in(argument: Option<&ExprOrSpread>) -> Locales {
    let text = |expr: &Expr| match expr {
        Expr::Lit(Lit::Str(text)) => text.value.as_str().map(str::to_owned),
        _ => None,
    };
    let named = match argument {
        Some(ExprOrSpread { spread: None, expr }) => match &**expr {
            Expr::Array(array) => array
                .elems
                .iter()
                .map(|element| element.as_ref().filter(|e| e.spread.is_none()).and_then(|e| text(&e.expr)))
                .collect::<Option<BTreeSet<_>>>()
                .filter(|names| !names.is_empty()),
            expr => text(expr).map(|name| BTreeSet::from([name])),
        },
        _ => None,
    };
    named.map_or(Locales::All, Locales::Named)
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    /// The uses of a script, as "parts locales", `*` for all.
    fn found(source: &str) -> Vec<String> {
        let parsed = parse::parse(source, parse::javascript(false), None).unwrap();
        let shown = |found: Use| {
            let parts: String = found.parts.iter().map(|part| format!("{part:?}").remove(0)).collect();
            match found.locales {
                Locales::All => format!("{parts} *"),
                Locales::Named(names) => format!("{parts} {}", names.into_iter().collect::<Vec<_>>().join(",")),
            }
        };
        uses(&parsed.program).into_iter().map(shown).collect()
    }

    #[test]
    fn needs_nothing() {
        for source in [
            "path.normalize(x); s.normalize('NFKC'); /\\p{L}/u.test(s); s.toUpperCase(); list.sort()",
            "typeof Intl === 'undefined'; typeof eval",
            "Intl.DateTimeFormat().resolvedOptions().timeZone",
            "const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()",
            "Function('return this')(); new Function('r', 'regeneratorRuntime = r'); x instanceof Function",
            "Function.prototype.call.bind(f); Function.call.bind(f)",
            "class A { toLocaleString() {} }; ({ localeCompare: 1 })",
            "globalThis.x; globalThis['y']; global[0]",
            "Temporal.Now.instant(); navigator.userAgent; options.language",
        ] {
            assert_eq!(found(source), [""; 0], "{source}");
        }
    }

    #[test]
    fn needs_parts() {
        for (source, expected) in [
            ("a.localeCompare(b)", "C *"),
            ("a.localeCompare(b, 'de')", "C de"),
            ("a?.localeCompare?.(b, 'de')", "C de"),
            ("list.sort(String.prototype.localeCompare.call)", "C *"),
            ("a['localeCompare'](b)", "C *"),
            ("const { localeCompare } = ''", "C *"),
            ("const { localeCompare: c } = ''", "C *"),
            ("n.toLocaleString()", "F *"),
            ("n.toLocaleString(undefined, { style: 'percent' })", "F *"),
            ("n.toLocaleString('en-US')", "F en-US"),
            ("d.toLocaleDateString(['de', 'fr-CH'])", "F de,fr-CH"),
            ("d.toLocaleTimeString(...a)", "F *"),
            ("new Intl.NumberFormat('en')", "F en"),
            ("new Intl.Segmenter('en')", "S en"),
            ("Intl.supportedValuesOf('currency')", "F *"),
            ("const C = Intl.Collator", "C *"),
            ("navigator.language; globalThis.navigator.languages", "C *"),
        ] {
            assert_eq!(found(source), [expected], "{source}");
        }
    }

    #[test]
    fn needs_everything() {
        for source in [
            "f(Intl)",
            "const { Intl: I } = globalThis",
            "Intl[name]",
            "globalThis['Intl']",
            "x.Intl.NumberFormat()",
            "eval(code)",
            "(0, eval)(code)",
            "eval('1 .toLocaleString()')",
            "new Function(code)",
            "Function.apply(null, parts)",
            "Reflect.construct(Function, parts)",
            "const A = Object.getPrototypeOf(async function () {}).constructor",
            "(() => {}).constructor('return 1')",
            "globalThis[name]",
            "process.getBuiltinModule('vm')",
        ] {
            assert_eq!(found(source), ["CFS *"], "{source}");
        }
    }
}
