//! Class fields as TypeScript had them before ES2022: assigned in the constructor. For `useDefineForClassFields: false`.

use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::constructor::inject_after_super;
use swc_core::ecma::utils::default_constructor_with_span;
use swc_core::ecma::visit::{VisitMut, VisitMutWith, noop_visit_mut_type};

/// The pass. Runs before types are stripped, so that parameter properties are assigned before fields.
pub struct AssignFields;

impl VisitMut for AssignFields {
    noop_visit_mut_type!();

    fn visit_mut_class(&mut self, class: &mut Class) {
        class.visit_mut_children_with(self);
        let mut assignments = Vec::new();
        let mut members = Vec::with_capacity(class.body.len());
        for member in std::mem::take(&mut class.body) {
            let ClassMember::ClassProp(property) = member else {
                members.push(member);
                continue;
            };
            if property.declare || property.is_abstract || !property.decorators.is_empty() {
                members.push(ClassMember::ClassProp(property));
                continue;
            }
            // A computed key is evaluated where it stands.
            if matches!(property.key, PropName::Computed(_)) {
                members.push(ClassMember::ClassProp(property));
                continue;
            }
            // Without a value there is nothing to assign.
            let Some(value) = property.value else { continue };
            let assignment = assign(&property.key, value);
            if property.is_static {
                let body = BlockStmt { stmts: vec![assignment.into_statement()], ..BlockStmt::default() };
                members.push(ClassMember::StaticBlock(StaticBlock { span: property.span, body }));
            } else {
                assignments.push(assignment);
            }
        }
        class.body = members;
        if assignments.is_empty() {
            return;
        }
        let position = class.body.iter().position(|m| matches!(m, ClassMember::Constructor(c) if c.body.is_some()));
        let position = position.unwrap_or_else(|| {
            let constructor = default_constructor_with_span(class.super_class.is_some(), class.span);
            class.body.insert(0, ClassMember::Constructor(constructor));
            0
        });
        if let ClassMember::Constructor(constructor) = &mut class.body[position] {
            inject_after_super(constructor, assignments);
        }
    }
}

trait IntoStatement {
    fn into_statement(self) -> Stmt;
}

impl IntoStatement for Box<Expr> {
    fn into_statement(self) -> Stmt {
        Stmt::Expr(ExprStmt { span: DUMMY_SP, expr: self })
    }
}

/// `this.key = value`.
fn assign(key: &PropName, value: Box<Expr>) -> Box<Expr> {
    let prop = match key {
        PropName::Ident(name) => MemberProp::Ident(name.clone()),
        PropName::Str(text) => computed(Expr::Lit(Lit::Str(text.clone()))),
        PropName::Num(number) => computed(Expr::Lit(Lit::Num(number.clone()))),
        PropName::BigInt(number) => computed(Expr::Lit(Lit::BigInt(number.clone()))),
        PropName::Computed(name) => MemberProp::Computed(name.clone()),
    };
    let target = MemberExpr { span: DUMMY_SP, obj: Box::new(Expr::This(ThisExpr { span: DUMMY_SP })), prop };
    Box::new(Expr::Assign(AssignExpr { span: DUMMY_SP, op: AssignOp::Assign, left: target.into(), right: value }))
}

fn computed(expr: Expr) -> MemberProp {
    MemberProp::Computed(ComputedPropName { span: DUMMY_SP, expr: Box::new(expr) })
}
