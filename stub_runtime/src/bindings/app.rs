//! `internalBinding('app')`: whether this executable holds an app.

use crate::binding;

fn is_app(_: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    rv.set_bool(false);
}

binding!("app", [isApp => is_app]);
