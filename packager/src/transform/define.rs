//! `--define EXPR=VALUE`: an expression of names is replaced by another expression.

use crate::scan::{javascript, parse};
use swc_core::common::{Span, Spanned, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{VisitMut, VisitMutWith, noop_visit_mut_type};

/// One replacement.
#[derive(Clone, Debug)]
pub struct Define {
    /// `process.env.NODE_ENV` as its names.
    path: Vec<String>,
    value: Expr,
}

/// The replacements whose names occur in `text` at all; those that are not expressions were refused before (`check`).
pub fn applicable(defines: &[(String, String)], text: &str) -> Vec<Define> {
    let occurs = |path: &[String]| path.iter().all(|name| text.contains(name.as_str()));
    defines.iter().filter_map(|(name, value)| read(name, value).ok()).filter(|define| occurs(&define.path)).collect()
}

/// Reads a replacement, or says what is wrong with it.
pub fn read(name: &str, value: &str) -> Result<Define, String> {
    let path: Vec<String> = name.split('.').map(str::to_owned).collect();
    let is_name = |part: &String| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$');
    if !path.iter().all(is_name) {
        return Err(format!("\"{name}\" is not a name or names joined by dots"));
    }
    let source = format!("({value}\n)");
    let parsed = parse(&source, javascript(false), Some(crate::scan::Format::CommonJs));
    let expression = parsed.ok().and_then(|parsed| match parsed.program {
        Program::Script(script) if script.body.len() == 1 => match script.body.into_iter().next() {
            Some(Stmt::Expr(statement)) => match *statement.expr {
                Expr::Paren(inner) => Some(*inner.expr),
                other => Some(other),
            },
            _ => None,
        },
        _ => None,
    });
    let value = expression
        .ok_or_else(|| format!("\"{value}\" is not a JavaScript expression (a string needs quotes of its own)"))?;
    Ok(Define { path, value })
}

/// Replaces the expressions in a tree whose identifiers have scopes; names that the module declares are its own.
pub struct Replace<'a> {
    pub defines: &'a [Define],
    pub unresolved: SyntaxContext,
}

impl Replace<'_> {
    fn value(&self, expr: &Expr) -> Option<Expr> {
        let define = self.defines.iter().find(|define| self.is(expr, &define.path))?;
        let mut value = define.value.clone();
        value.visit_mut_with(&mut Respan(expr.span()));
        Some(value)
    }

    fn is(&self, expr: &Expr, path: &[String]) -> bool {
        let Some((last, rest)) = path.split_last() else { return false };
        match expr {
            Expr::Ident(name) => rest.is_empty() && name.sym == *last && name.ctxt == self.unresolved,
            Expr::Member(member) => {
                let same = match &member.prop {
                    MemberProp::Ident(name) => name.sym == *last,
                    MemberProp::Computed(c) => {
                        matches!(&*c.expr, Expr::Lit(Lit::Str(s)) if s.value.as_str() == Some(last))
                    }
                    MemberProp::PrivateName(_) => false,
                };
                same && !rest.is_empty() && self.is(&member.obj, rest)
            }
            Expr::MetaProp(meta) if meta.kind == MetaPropKind::ImportMeta => {
                path.len() == 2 && path[0] == "import" && last == "meta"
            }
            _ => false,
        }
    }
}

impl VisitMut for Replace<'_> {
    noop_visit_mut_type!();

    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        if let Some(value) = self.value(expr) {
            *expr = value;
            return;
        }
        expr.visit_mut_children_with(self);
    }

    fn visit_mut_assign_target(&mut self, target: &mut AssignTarget) {
        // What is assigned to stays: `process.env.X = 1`.
        if let AssignTarget::Pat(pattern) = target {
            pattern.visit_mut_with(self);
        }
    }

    fn visit_mut_prop(&mut self, prop: &mut Prop) {
        // `{ VERSION }` becomes `{ VERSION: value }`.
        if let Prop::Shorthand(name) = prop
            && let Some(value) = self.value(&Expr::Ident(name.clone()))
        {
            let key = PropName::Ident(name.clone().into());
            *prop = Prop::KeyValue(KeyValueProp { key, value: Box::new(value) });
            return;
        }
        prop.visit_mut_children_with(self);
    }
}

/// Gives a replacement the place of what it replaces.
struct Respan(Span);

impl VisitMut for Respan {
    fn visit_mut_span(&mut self, span: &mut Span) {
        *span = self.0;
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn refuses_what_is_no_expression() {
        assert!(read("process.env.A", "\"x\"").is_ok());
        assert!(read("VERSION", "{a: [1]}").is_ok());
        assert!(read("a-b", "1").is_err());
        assert!(read("A", "1; 2").is_err());
        assert!(read("A", "").is_err());
    }
}
