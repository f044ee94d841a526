//! `fs.constants` of this platform, in Node's order.

use crate::binding::set_number;

macro_rules! of_libc {
    ($($name:ident)*) => { [$((stringify!($name), libc::$name as f64)),*] };
}

/// Sets `constants` on the binding.
pub fn init(scope: &mut v8::PinScope, target: v8::Local<v8::Object>) {
    let null = v8::null(scope).into();
    let constants = v8::Object::with_prototype_and_properties(scope, null, &[], &[]);
    let mut add = |entries: &[(&str, f64)]| {
        for (name, value) in entries {
            set_number(scope, constants, name, *value);
        }
    };
    add(&[("UV_FS_SYMLINK_DIR", 1.0), ("UV_FS_SYMLINK_JUNCTION", 2.0)]);
    add(&of_libc!(O_RDONLY O_WRONLY O_RDWR));
    let kinds = ["UNKNOWN", "FILE", "DIR", "LINK", "FIFO", "SOCKET", "CHAR", "BLOCK"];
    for (number, kind) in kinds.iter().enumerate() {
        add(&[(&format!("UV_DIRENT_{kind}"), number as f64)]);
    }
    add(&of_libc!(S_IFMT S_IFREG S_IFDIR S_IFCHR S_IFBLK S_IFIFO S_IFLNK S_IFSOCK O_CREAT O_EXCL));
    // Windows' hints to libuv: nothing here.
    for name in ["FILEMAP", "TEMPORARY", "SHORT_LIVED", "SEQUENTIAL", "RANDOM"] {
        add(&[(&format!("UV_FS_O_{name}"), 0.0)]);
    }
    add(&of_libc!(O_NOCTTY O_TRUNC O_APPEND O_DIRECTORY O_NOATIME O_NOFOLLOW O_SYNC O_DSYNC O_DIRECT O_NONBLOCK));
    add(&of_libc!(S_IRWXU S_IRUSR S_IWUSR S_IXUSR S_IRWXG S_IRGRP S_IWGRP S_IXGRP S_IRWXO S_IROTH S_IWOTH S_IXOTH));
    add(&of_libc!(F_OK R_OK W_OK X_OK));
    for (name, value) in [("COPYFILE_EXCL", 1.0), ("COPYFILE_FICLONE", 2.0), ("COPYFILE_FICLONE_FORCE", 4.0)] {
        add(&[(&format!("UV_FS_{name}"), value), (name, value)]);
    }
    let key = v8::String::new(scope, "constants").unwrap();
    target.set(scope, key.into(), constants.into());
}
