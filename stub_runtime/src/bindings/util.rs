//! `internalBinding('util')`: looks inside objects for `util.inspect` and friends.

use crate::binding;

/// `getPromiseDetails(promise)`: `[state]` or `[state, result]`; 0 pending, 1 fulfilled, 2 rejected.
fn get_promise_details(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Ok(promise) = v8::Local::<v8::Promise>::try_from(args.get(0)) else { return };
    let state = promise.state();
    let pending = state == v8::PromiseState::Pending;
    let number = v8::Integer::new(scope, state as i32).into();
    let details = if pending {
        v8::Array::new_with_elements(scope, &[number])
    } else {
        let result = promise.result(scope);
        v8::Array::new_with_elements(scope, &[number, result])
    };
    rv.set(details.into());
}

/// `getProxyDetails(proxy, both = true)`: `[target, handler]`, or the target; `undefined` for anything but a proxy.
fn get_proxy_details(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Ok(proxy) = v8::Local::<v8::Proxy>::try_from(args.get(0)) else { return };
    let target = proxy.get_target(scope);
    if args.length() == 1 || args.get(1).is_true() {
        let handler = proxy.get_handler(scope);
        rv.set(v8::Array::new_with_elements(scope, &[target, handler]).into());
    } else {
        rv.set(target);
    }
}

/// `isSpecial(object)`: whether it has internal slots that `util.inspect` shows, other than functions, collections and views.
fn is_special(_: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    rv.set_bool(has_slots(args.get(0)));
}

fn has_slots(value: v8::Local<v8::Value>) -> bool {
    value.is_date()
        || value.is_arguments_object()
        || value.is_promise()
        || value.is_native_error()
        || value.is_reg_exp()
        || value.is_array_buffer()
        || value.is_shared_array_buffer()
        || value.is_data_view()
        || value.is_weak_set()
        || value.is_weak_map()
        || value.is_module_namespace_object()
        || value.is_external()
        || super::types::is_boxed_primitive(value)
}

extern "C" fn fast_is_special(_: v8::Local<v8::Value>, value: v8::Local<v8::Value>) -> bool {
    has_slots(value)
}

crate::fast_call!(IS_SPECIAL = fast_is_special, (V8Value) -> Bool);

/// `previewEntries(iterator, andKind)`: its entries without moving it; with `andKind` `[entries, isKeyValue]`.
fn preview_entries(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Ok(object) = v8::Local::<v8::Object>::try_from(args.get(0)) else { return };
    let (Some(entries), key_value) = object.preview_entries(scope) else { return };
    if args.length() < 2 {
        rv.set(entries.into());
        return;
    }
    let key_value = v8::Boolean::new(scope, key_value).into();
    rv.set(v8::Array::new_with_elements(scope, &[entries.into(), key_value]).into());
}

/// `getConstructorName(object)`: V8's name of its class.
fn get_constructor_name(_: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    if let Ok(object) = v8::Local::<v8::Object>::try_from(args.get(0)) {
        rv.set(object.get_constructor_name().into());
    }
}

/// `getOwnNonIndexProperties(object, filter)`: own keys but array indexes; filter 2 is enumerable ones only.
fn get_own_non_index_properties<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    let Ok(object) = v8::Local::<v8::Object>::try_from(args.get(0)) else { return };
    let filter = match args.get(1).int32_value(scope) {
        Some(2) => v8::PropertyFilter::ONLY_ENUMERABLE,
        _ => v8::PropertyFilter::ALL_PROPERTIES,
    };
    if let Some(names) = non_index_names(scope, object, filter) {
        rv.set(names.into());
    }
}

fn non_index_names<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    filter: v8::PropertyFilter,
) -> Option<v8::Local<'s, v8::Array>> {
    let names = v8::GetPropertyNamesArgsBuilder::new()
        .mode(v8::KeyCollectionMode::OwnOnly)
        .property_filter(filter)
        .index_filter(v8::IndexFilter::SkipIndices)
        .build();
    object.get_property_names(scope, names)
}

/// `haveNonIndexProperties(one, other)`: whether either of the objects has own enumerable keys but array indexes.
fn have_non_index_properties<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    let has = [0, 1].into_iter().any(|i| {
        let object = v8::Local::<v8::Object>::try_from(args.get(i)).ok();
        let names = object.and_then(|object| non_index_names(scope, object, v8::PropertyFilter::ONLY_ENUMERABLE));
        names.is_some_and(|names| names.length() > 0)
    });
    rv.set_bool(has);
}

/// `getCallSites(frames)`: what `util.getCallSites` gives, innermost first, without this call's own.
fn get_call_sites(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let frames = args.get(0).uint32_value(scope).unwrap_or(8) as usize;
    let Some(trace) = v8::StackTrace::current_stack_trace(scope, frames + 1) else { return };
    let mut sites: Vec<v8::Local<v8::Value>> = Vec::new();
    for i in 1..trace.get_frame_count() {
        let Some(frame) = trace.get_frame(scope, i) else { continue };
        let site = v8::Object::new(scope);
        let empty: v8::Local<v8::Value> = v8::String::empty(scope).into();
        let name = frame.get_function_name(scope).map_or(empty, Into::into);
        let script = frame.get_script_name(scope).map_or(empty, Into::into);
        binding::set(scope, site, "functionName", name);
        let id = binding::string(scope, &frame.get_script_id().to_string());
        binding::set(scope, site, "scriptId", id);
        binding::set(scope, site, "scriptName", script);
        binding::set_number(scope, site, "lineNumber", frame.get_line_number() as f64);
        binding::set_number(scope, site, "columnNumber", frame.get_column() as f64);
        binding::set_number(scope, site, "column", frame.get_column() as f64);
        sites.push(site.into());
    }
    rv.set(v8::Array::new_with_elements(scope, &sites).into());
}

/// `sleep(ms)`: blocks the thread.
fn sleep(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let ms = args.get(0).uint32_value(scope).unwrap_or(0);
    std::thread::sleep(std::time::Duration::from_millis(ms.into()));
}

/// `isInsideNodeModules`-like helper: names of the scripts on the stack, innermost first.
fn get_script_names(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let frames = args.get(0).uint32_value(scope).unwrap_or(10) as usize;
    let Some(trace) = v8::StackTrace::current_stack_trace(scope, frames) else { return };
    let mut names: Vec<v8::Local<v8::Value>> = Vec::new();
    for i in 0..trace.get_frame_count() {
        if let Some(name) = trace.get_frame(scope, i).and_then(|f| f.get_script_name(scope)) {
            names.push(name.into());
        }
    }
    rv.set(v8::Array::new_with_elements(scope, &names).into());
}

/// `guessHandleType(fd)`: FILE, PIPE, TCP, UDP, TTY or UNKNOWN.
fn guess_handle_type(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let fd = args.get(0).int32_value(scope).unwrap_or(-1);
    let name = binding::string(scope, handle_type(fd));
    rv.set(name);
}

fn handle_type(fd: i32) -> &'static str {
    // SAFETY: plain system calls on a descriptor; the buffers are local and of the right size.
    unsafe {
        if libc::isatty(fd) == 1 {
            return "TTY";
        }
        let mut stat: libc::stat = std::mem::zeroed();
        if libc::fstat(fd, &mut stat) != 0 {
            return if fd < 0 { "INVALID" } else { "UNKNOWN" };
        }
        match stat.st_mode & libc::S_IFMT {
            libc::S_IFREG | libc::S_IFCHR => "FILE",
            libc::S_IFIFO => "PIPE",
            libc::S_IFSOCK => {
                let option = |name| {
                    let mut value: libc::c_int = 0;
                    let mut length = size_of::<libc::c_int>() as libc::socklen_t;
                    let ok = libc::getsockopt(fd, libc::SOL_SOCKET, name, (&raw mut value).cast(), &mut length);
                    if ok == 0 { value } else { -1 }
                };
                match (option(libc::SO_TYPE), option(libc::SO_DOMAIN)) {
                    (libc::SOCK_STREAM, libc::AF_INET | libc::AF_INET6) => "TCP",
                    (libc::SOCK_DGRAM, libc::AF_INET | libc::AF_INET6) => "UDP",
                    (libc::SOCK_STREAM, libc::AF_UNIX) => "PIPE",
                    _ => "UNKNOWN",
                }
            }
            _ => "UNKNOWN",
        }
    }
}

binding!("util", [
    getPromiseDetails => get_promise_details,
    getProxyDetails => get_proxy_details,
    previewEntries => preview_entries,
    getConstructorName => get_constructor_name,
    getOwnNonIndexProperties => get_own_non_index_properties,
    haveNonIndexProperties => have_non_index_properties,
    getCallSites => get_call_sites,
    getScriptNames => get_script_names,
    sleep => sleep,
    guessHandleType => guess_handle_type,
    isSpecial => is_special,
], fast = [isSpecial => IS_SPECIAL]);
