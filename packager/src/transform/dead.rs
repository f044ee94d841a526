//! Branches that a constant decides: after `--define process.env.NODE_ENV='"production"'`, `if (process.env.NODE_ENV !== 'production')`
//! goes, and with it what is required there. Owns: which conditions count as constant (literals compared, negated, joined) and that
//! declarations which are hoisted out of a branch stay.

use super::names::{is_anonymous, without_name};
use swc_core::common::util::take::Take;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith, noop_visit_mut_type, noop_visit_type};

pub struct DeadBranches;

impl VisitMut for DeadBranches {
    noop_visit_mut_type!();

    fn visit_mut_stmt(&mut self, stmt: &mut Stmt) {
        stmt.visit_mut_children_with(self);
        let Stmt::If(branch) = stmt else { return };
        let Some(truth) = truth(&branch.test) else { return };
        let (taken, dropped) = if truth {
            (Some(&mut branch.cons), branch.alt.as_deref())
        } else {
            (branch.alt.as_mut(), Some(&*branch.cons))
        };
        if dropped.is_some_and(hoists) || taken.as_ref().is_some_and(|s| matches!(***s, Stmt::Decl(_))) {
            return;
        }
        *stmt = taken.map_or(Stmt::Empty(EmptyStmt { span: branch.span }), |taken| *taken.take());
    }

    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        expr.visit_mut_children_with(self);
        let kept = match expr {
            Expr::Cond(choice) => truth(&choice.test).map(|t| if t { choice.cons.take() } else { choice.alt.take() }),
            Expr::Bin(BinExpr { op: BinaryOp::LogicalAnd, left, right, .. }) => {
                truth(left).map(|t| if t { right.take() } else { left.take() })
            }
            Expr::Bin(BinExpr { op: BinaryOp::LogicalOr, left, right, .. }) => {
                truth(left).map(|t| if t { left.take() } else { right.take() })
            }
            _ => None,
        };
        let Some(kept) = kept else { return };
        // `(true && object.method)()` calls without `this`, `(true && eval)(x)` is no direct eval, `const f = true && (() => {})` gives
        // no name.
        let is_reference = matches!(*kept, Expr::Member(_) | Expr::Ident(_) | Expr::OptChain(_));
        *expr = if is_reference || is_anonymous(&kept) { without_name(kept) } else { *kept };
    }
}

/// What a condition is, where literals alone decide it.
fn truth(expr: &Expr) -> Option<bool> {
    match expr {
        Expr::Paren(inner) => truth(&inner.expr),
        Expr::Unary(UnaryExpr { op: UnaryOp::Bang, arg, .. }) => truth(arg).map(|t| !t),
        Expr::Bin(BinExpr { op, left, right, .. }) => match op {
            BinaryOp::EqEqEq | BinaryOp::EqEq => equal(left, right),
            BinaryOp::NotEqEq | BinaryOp::NotEq => equal(left, right).map(|t| !t),
            BinaryOp::LogicalAnd => {
                if truth(left)? {
                    truth(right)
                } else {
                    Some(false)
                }
            }
            BinaryOp::LogicalOr => {
                if truth(left)? {
                    Some(true)
                } else {
                    truth(right)
                }
            }
            _ => None,
        },
        Expr::Lit(Lit::Bool(value)) => Some(value.value),
        Expr::Lit(Lit::Str(text)) => Some(!text.value.is_empty()),
        Expr::Lit(Lit::Num(number)) => Some(number.value != 0.0 && !number.value.is_nan()),
        Expr::Lit(Lit::Null(_)) => Some(false),
        _ => None,
    }
}

/// Two literals of one type: there `==` and `===` are the same.
fn equal(left: &Expr, right: &Expr) -> Option<bool> {
    match (left, right) {
        (Expr::Paren(inner), other) | (other, Expr::Paren(inner)) => equal(&inner.expr, other),
        (Expr::Lit(Lit::Str(a)), Expr::Lit(Lit::Str(b))) => Some(a.value == b.value),
        (Expr::Lit(Lit::Num(a)), Expr::Lit(Lit::Num(b))) => Some(a.value == b.value),
        (Expr::Lit(Lit::Bool(a)), Expr::Lit(Lit::Bool(b))) => Some(a.value == b.value),
        _ => None,
    }
}

/// Whether a branch declares what is seen outside of it.
fn hoists(stmt: &Stmt) -> bool {
    #[derive(Default)]
    struct Declarations(bool);
    impl Visit for Declarations {
        noop_visit_type!();
        fn visit_var_decl(&mut self, item: &VarDecl) {
            self.0 |= item.kind == VarDeclKind::Var;
        }
        fn visit_fn_decl(&mut self, _: &FnDecl) {
            self.0 = true;
        }
        fn visit_expr(&mut self, _: &Expr) {}
        fn visit_class(&mut self, _: &Class) {}
    }
    let mut found = Declarations::default();
    stmt.visit_with(&mut found);
    found.0
}
