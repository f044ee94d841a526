fn main() {
    let platform = v8::new_unprotected_default_platform(1, false).make_shared();
    v8::V8::initialize_platform(platform);
    v8::V8::initialize();
    let isolate = &mut v8::Isolate::new(Default::default());
    v8::scope!(let scope, isolate);
    let context = v8::Context::new(scope, Default::default());
    let scope = &mut v8::ContextScope::new(scope, context);
    let code = v8::String::new(scope, "'hi ' + (1 + 2)").unwrap();
    let r = v8::Script::compile(scope, code, None).unwrap().run(scope).unwrap();
    println!("{}", r.to_rust_string_lossy(scope));
}
