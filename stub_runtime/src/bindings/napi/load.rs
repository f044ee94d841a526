//! Loading a native addon: with the dynamic loader, from disk, or from the embedded tree through a memory file.

use super::env::{Env, Value};
use std::cell::Cell;
use std::collections::HashMap;
use std::ffi::{CStr, CString, c_char, c_void};
use std::sync::Mutex;

/// `napi_addon_register_func`.
type Init = unsafe extern "C" fn(env: *mut Env, exports: Value) -> Value;

/// `napi_module`, of addons that register themselves when they are loaded.
#[repr(C)]
pub struct Module {
    version: i32,
    flags: u32,
    file: *const c_char,
    register: Option<Init>,
    name: *const c_char,
    private: *mut c_void,
    reserved: [*mut c_void; 4],
}

thread_local! {
    /// What registered itself during the `dlopen` of this thread.
    static REGISTERED: Cell<Option<(Init, i32)>> = const { Cell::new(None) };
}

/// A library that is loaded; libraries are never unloaded.
#[derive(Clone, Copy)]
struct Library {
    handle: usize,
    /// What registered itself when it was loaded: it does so only once in a process.
    registered: Option<(Init, i32)>,
}

/// Libraries by path, for the process: each is loaded once, from one memory file where it is embedded.
static LIBRARIES: Mutex<Option<HashMap<String, Library>>> = Mutex::new(None);

/// `napi_module_register` of Node-API: called by an addon's constructor.
/// # Safety
/// Called by addons with the arguments that Node-API documents.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn napi_module_register(module: *mut Module) {
    // SAFETY: the addon's static description of itself.
    if let Some(module) = unsafe { module.as_ref() } {
        // The addon's own version field is that of the structure; such addons were made for version 8 or earlier.
        REGISTERED.set(module.register.map(|init| (init, 8)));
    }
}

fn error() -> String {
    // SAFETY: the text belongs to the loader and is copied at once.
    let text = unsafe {
        let text = libc::dlerror();
        if text.is_null() { None } else { Some(CStr::from_ptr(text).to_string_lossy().into_owned()) }
    };
    text.unwrap_or_else(|| "unknown error".to_owned())
}

fn symbol(library: Library, name: &CStr) -> Option<*mut c_void> {
    // SAFETY: a handle of a library that stays loaded.
    let address = unsafe { libc::dlsym(library.handle as *mut c_void, name.as_ptr()) };
    (!address.is_null()).then_some(address)
}

/// Opens a library once; `file` is the name the loader gets, `path` the one that people know.
fn open(path: &str, flags: i32) -> Result<Library, String> {
    if let Some(library) = LIBRARIES.lock().unwrap().get_or_insert_default().get(path) {
        return Ok(*library);
    }
    let file = match crate::bindings::fs::embedded_file(path) {
        Some(bytes) => super::memory::file(path, &bytes, &mut |sibling| {
            open(sibling, libc::RTLD_LAZY | libc::RTLD_GLOBAL).map(drop)
        })?,
        None => path.to_owned(),
    };
    let name = CString::new(file.clone()).map_err(|_| format!("{path}: the name has a zero byte"))?;
    REGISTERED.set(None);
    // SAFETY: runs the library's constructors: what loading an addon means.
    let handle = unsafe { libc::dlopen(name.as_ptr(), flags) };
    if handle.is_null() {
        return Err(error().replace(&file, path));
    }
    let library = Library { handle: handle as usize, registered: REGISTERED.take() };
    LIBRARIES.lock().unwrap().get_or_insert_default().insert(path.to_owned(), library);
    Ok(library)
}

/// `dlopen(module, path, url, flags)` of JavaScript; a message where the addon cannot be loaded.
pub fn load(scope: &mut v8::PinScope, args: &v8::FunctionCallbackArguments) -> Result<(), String> {
    let module = v8::Local::<v8::Object>::try_from(args.get(0)).map_err(|_| "module is no object".to_owned())?;
    let path = args.get(1).to_rust_string_lossy(scope);
    let url = args.get(2).to_rust_string_lossy(scope);
    let flags = args.get(3).int32_value(scope).unwrap_or(libc::RTLD_LAZY);
    let library = open(&path, flags)?;
    let (init, version) = match symbol(library, c"napi_register_module_v1") {
        Some(address) => {
            let version = symbol(library, c"node_api_module_get_api_version_v1").map_or(8, |address| {
                // SAFETY: Node-API's name for a function of this shape.
                unsafe { std::mem::transmute::<*mut c_void, unsafe extern "C" fn() -> i32>(address)() }
            });
            // SAFETY: Node-API's name for a function of this shape.
            (unsafe { std::mem::transmute::<*mut c_void, Init>(address) }, version)
        }
        None => library.registered.ok_or_else(|| {
            format!("Module did not self-register: '{path}'. Only addons that use Node-API can be loaded")
        })?,
    };
    let key = crate::binding::string(scope, "exports");
    let exports = module.get(scope, key).ok_or("no exports")?;
    let url = CString::new(url).unwrap_or_default();
    let env = Env::new(scope, url, version);
    // SAFETY: the addon's own function, with an environment of its own.
    let result = unsafe { init(env, exports.into()) };
    // SAFETY: environments live as long as their thread.
    if let Some(exception) = unsafe { &*env }.take_exception() {
        let exception = v8::Local::new(scope, exception);
        scope.throw_exception(exception);
        return Ok(());
    }
    if let Some(result) = result.optional().filter(|r| !r.is_undefined() && !r.strict_equals(exports)) {
        module.set(scope, key, result);
    }
    Ok(())
}
